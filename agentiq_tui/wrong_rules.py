"""What can be wrong with a seller's own guardrail rules, in the operator's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agentiq_core.domain.text import inert_line
from agentiq_tui.locale import _, mark

if TYPE_CHECKING:
    from agentiq_core.guardrails import WrongRules

SAID: Mapping[str, str] = {
    "not_a_set": mark('it should be an object {{"rules": [...]}}'),
    "too_many": mark("{value} rules, at most {hint} are taken"),
    "not_a_rule": mark("it is not an object"),
    "unknown_field": mark("there is no field “{value}”; a rule has {hint}"),
    "bad_name": mark(
        "the name “{value}” should be Latin small letters, digits and _, a letter first, at most 40 of them"
    ),
    "taken_name": mark("the name “{value}” is taken by a rule above"),
    "bad_version": mark("the version “{value}” should be a whole number from 1"),
    "bad_severity": mark("the severity “{value}” should be error or warning"),
    "bad_channel": mark("the channel “{value}” should be one of {hint}, or left out for all of them"),
    "bad_reason": mark("it needs a reason of at most {hint} characters"),
    "nothing_to_find": mark("it has neither phrases nor words"),
    "not_a_list": mark("{value} should be a list of at most {hint} short texts"),
    "not_a_phrase": mark("“{value}” is not a phrase; docs/guardrails.md shows how one is written"),
    "not_a_word": mark("“{value}” is not a word"),
    "no_dictionary_form": mark(
        "“{value}” would never be found: write the dictionary form “{hint}”, or ={value} for this spelling alone"
    ),
    "unknown_family": mark("there is no family {value}; there are {hint}"),
    "unknown_grammeme": mark("there is no grammeme “{value}”; docs/guardrails.md names the useful ones"),
}
"""Each problem a set of rules can have, in words."""


def in_words(wrong: WrongRules) -> str:
    """One line about a mistake, with the rule it is in."""
    line = what_is_wrong(wrong)
    return line if wrong.number is None else _("rule {n}: {what}").format(n=wrong.number, what=line)


def what_is_wrong(wrong: WrongRules) -> str:
    """One line about a mistake, where it is plain which rule it is in."""
    return _(SAID[wrong.problem.value]).format(value=inert_line(wrong.value), hint=wrong.hint)

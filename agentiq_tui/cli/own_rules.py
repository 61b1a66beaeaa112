"""The file behind `agentiq guard --rules`: read, checked, and every mistake in it told in one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.text import inert_line
from agentiq_tui.locale import _, mark

if TYPE_CHECKING:
    from agentiq_core.guardrails import RuleSet, WrongRules

LARGEST = 1024 * 1024
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


def read_rules(path: Path) -> RuleSet:
    """The rules in a JSON file. Raises `Rejected` with the file, the rule and the mistake."""
    from agentiq_core.guardrails import WrongRules, rule_set

    name = inert_line(str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise Rejected(_("{file} cannot be read: {why}").format(file=name, why=error.strerror)) from None
    if len(raw) > LARGEST:
        raise Rejected(_("{file} is larger than 1 MB").format(file=name))
    try:
        source = json.loads(raw.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise Rejected(
            _("{file} is not JSON: line {n}, column {at}").format(file=name, n=error.lineno, at=error.colno)
        ) from None
    except (ValueError, RecursionError):
        raise Rejected(_("{file} is not JSON in UTF-8").format(file=name)) from None
    try:
        return rule_set(source)
    except WrongRules as wrong:
        raise Rejected(f"{name}: {_in_words(wrong)}") from None


def _in_words(wrong: WrongRules) -> str:
    said = _(SAID[wrong.problem.value]).format(value=inert_line(wrong.value), hint=wrong.hint)
    return said if wrong.number is None else _("rule {n}: {what}").format(n=wrong.number, what=said)

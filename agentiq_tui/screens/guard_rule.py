"""One guardrail rule of a shop's own, filled in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.widgets import Input

from agentiq_tui.locale import _
from agentiq_tui.rule_messages import FormBuilt, FormRefused
from agentiq_tui.rule_wording import severity_word
from agentiq_tui.screens.labelled_form import LabelledFormScreen
from agentiq_tui.widgets.action_text import link
from agentiq_tui.widgets.choice import Choice
from agentiq_tui.widgets.labelled import Labelled
from agentiq_tui.wording import CHANNELS
from agentiq_tui.wrong_rules import SAID, what_is_wrong

if TYPE_CHECKING:
    from agentiq_core.guardrails import OwnRule

EVERYWHERE = ""
_CHANNELS = ("chat", "review", "question")
_FIELDS = {
    "bad_name": "name",
    "bad_reason": "reason",
    "nothing_to_find": "words",
    "not_a_list": "words",
    "not_a_word": "words",
}
"""Where a mistake is; a problem of a phrase is the phrases'."""


class GuardRuleScreen(LabelledFormScreen["OwnRule"]):
    """Dismissed with the rule as it was filled in. `taken` are the names of the other rules."""

    def __init__(self, rule: OwnRule | None, taken: frozenset[str]) -> None:
        super().__init__()
        self._rule = rule
        self._taken = taken

    def heading(self) -> str:
        return _("A guardrail rule") if self._rule else _("A new guardrail rule")

    def rows(self) -> list[Labelled]:
        rule = self._rule
        channels = [(EVERYWHERE, _("every channel")), *((one, _(CHANNELS[one])) for one in _CHANNELS)]
        severities = [(one, severity_word(one)) for one in ("error", "warning")]
        severity = rule.severity.value if rule else "error"
        return [
            Labelled(
                _("name"),
                _input("name", rule.name if rule else self._free_name(), _("Latin letters, digits and _")),
            ),
            Labelled(
                _("reason"),
                _input("reason", rule.reason if rule else "", _("what the operator reads when it fires")),
            ),
            Labelled(
                _("stop words"),
                _input(
                    "words",
                    "; ".join(rule.words) if rule else "",
                    _("cheap stuff; rubbish; in all forms"),
                ),
            ),
            Labelled(
                _("phrases"),
                _input(
                    "phrases",
                    "; ".join(rule.phrases) if rule else "",
                    _("give|promise discount; not where they are denied"),
                ),
            ),
            Labelled(_("what it does"), Choice(severities, severity, id="severity")),
            Labelled(_("where"), Choice(channels, (rule.channel or "") if rule else "", id="channel")),
        ]

    def link_line(self) -> list[Content]:
        return [link(_("done"), "submit"), link(_("back"), "leave")]

    async def built(self) -> FormBuilt | FormRefused:
        """The rule, or the first mistake."""
        filled = self.filled_in()
        if filled["name"].strip() in self._taken:
            word = SAID["taken_name"]
            return FormRefused("name", _(word).format(value=filled["name"].strip()))
        written: dict[str, Any] = {
            "name": filled["name"].strip(),
            "version": self._rule.version if self._rule else 1,
            "severity": filled["severity"],
            "reason": filled["reason"],
            "words": _parts(filled["words"]),
            "phrases": _parts(filled["phrases"]),
        }
        if filled["channel"] != EVERYWHERE:
            written["channel"] = filled["channel"]
        return await asyncio.to_thread(_read, written)

    def _free_name(self) -> str:
        number = 1
        while f"rule_{number}" in self._taken:
            number += 1
        return f"rule_{number}"


def _read(written: dict[str, Any]) -> FormBuilt | FormRefused:
    from agentiq_core.guardrails import WrongRules, rule_set

    try:
        return FormBuilt(rule_set({"rules": [written]}).rules[0])
    except WrongRules as wrong:
        problem = wrong.problem.value
        field = wrong.value if problem == "not_a_list" else _FIELDS.get(problem, "phrases")
        if problem == "not_a_word" and wrong.value not in written["words"]:
            # a phrase's word that is none
            field = "phrases"
        return FormRefused(field, what_is_wrong(wrong))


def _parts(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split(";") if part.strip()]


def _input(name: str, value: str, hint: str) -> Input:
    return Input(value, placeholder=hint, id=name, compact=True, select_on_focus=False)

"""One rule of deadlines, filled in: what it looks for, where, and how soon it wants an answer."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Input

from agentiq_core.domain.chats import Priority
from agentiq_core.domain.errors import Misconfigured
from agentiq_core.domain.messages import Channel
from agentiq_tui.explain import explain
from agentiq_tui.locale import _, mark
from agentiq_tui.rule_messages import FormBuilt, FormRefused
from agentiq_tui.screens.labelled_form import LabelledFormScreen
from agentiq_tui.widgets.action_text import link
from agentiq_tui.widgets.choice import Choice
from agentiq_tui.widgets.labelled import Labelled
from agentiq_tui.wording import CHANNELS, PRIORITIES

if TYPE_CHECKING:
    from agentiq_core.sla.rules import SlaRule

LONGEST_NAME = 60
MOST_MINUTES = 30 * 24 * 60
"""No marketplace waits longer for an answer."""
_TIME = re.compile(r"(\d{1,6})\s*([^\W\d]*)\.?")
_UNITS = {mark("min"): 1, mark("h"): 60, mark("d"): 24 * 60}


class DeadlineRuleScreen(LabelledFormScreen["SlaRule"]):
    """Dismissed with the rule as it was filled in, at the position that it had (0 for a new one)."""

    def __init__(self, rule: SlaRule | None) -> None:
        super().__init__()
        self._rule = rule

    def heading(self) -> str:
        return _("A rule of deadlines") if self._rule else _("A new rule of deadlines")

    def rows(self) -> list[Labelled]:
        rule = self._rule
        said = "; ".join(" ".join(phrase) for phrase in rule.phrases) if rule else ""
        channels = ", ".join(_(CHANNELS[one]) for one in sorted(rule.channels or ())) if rule else ""
        stars = str(rule.most_stars) if rule and rule.most_stars is not None else ""
        priority = rule.priority if rule else Priority.HIGH
        return [
            Labelled(_("name"), _input("name", rule.name if rule else "", _("how people call it"))),
            Labelled(_("phrases"), _input("phrases", said, _("return; money back; forms are found"))),
            Labelled(_("expression"), _input("pattern", (rule.pattern or "") if rule else "", r"\bSOS\b")),
            Labelled(
                _("channels"),
                _input("channels", channels, _("all; or: chat, review, question, return claim")),
            ),
            Labelled(_("stars at most"), _input("stars", stars, _("any; for reviews 1 to 5"))),
            Labelled(
                _("priority"),
                Choice(
                    [(one.name.lower(), _(word)) for one, word in PRIORITIES.items()],
                    priority.name.lower(),
                    id="priority",
                ),
            ),
            Labelled(
                _("answer within"),
                _input("minutes", str(rule.minutes) if rule else "120", _("minutes; 2 h, 1 d")),
            ),
        ]

    def link_line(self) -> list[Content]:
        return [link(_("done"), "submit"), link(_("back"), "leave")]

    async def built(self) -> FormBuilt | FormRefused:
        """The rule, or the first mistake."""
        filled = self.filled_in()
        name = " ".join(filled["name"].split())
        if not 0 < len(name) <= LONGEST_NAME:
            line = _("A name of at most {n} characters").format(n=LONGEST_NAME)
            return FormRefused("name", line)
        channels, unknown = _channels(filled["channels"])
        if unknown:
            names = ", ".join(_(word) for word in CHANNELS.values())
            line = _("There is no channel “{name}”; there are: {names}").format(name=unknown, names=names)
            return FormRefused("channels", line)
        stars = filled["stars"].strip()
        if stars and stars not in ("1", "2", "3", "4", "5"):
            return FormRefused("stars", _("1 to 5, or nothing for any"))
        minutes = minutes_of(filled["minutes"])
        if minutes is None:
            return FormRefused("minutes", _("Minutes from 1 to 43200: 30, 2 h, 1 d"))
        phrases = tuple(tuple(phrase.split()) for phrase in filled["phrases"].split(";") if phrase.split())
        return await asyncio.to_thread(
            self._read, name, phrases, filled["pattern"].strip(), channels, stars, filled["priority"], minutes
        )

    def _read(
        self,
        name: str,
        phrases: tuple[tuple[str, ...], ...],
        pattern: str,
        channels: frozenset[str] | None,
        stars: str,
        priority: str,
        minutes: int,
    ) -> FormBuilt | FormRefused:
        from agentiq_core.sla.rules import SlaRule, check_phrases

        try:
            check_phrases(phrases)
        except Misconfigured as error:
            return FormRefused("phrases", explain(error))
        try:
            rule = SlaRule(
                name=name,
                phrases=phrases,
                pattern=pattern or None,
                priority=Priority[priority.upper()],
                minutes=minutes,
                position=self._rule.position if self._rule else 0,
                channels=channels,
                most_stars=int(stars) if stars else None,
            )
        except Misconfigured as error:
            return FormRefused("pattern", explain(error))
        return FormBuilt(rule)


def minutes_of(text: str) -> int | None:
    """ "30", "2 h" or "1 d" in minutes; None when it is no time, or longer than any marketplace waits."""
    found = _TIME.fullmatch(text.strip().lower())
    if found is None:
        return None
    units = {"": 1} | _UNITS | {_(unit): minutes for unit, minutes in _UNITS.items()}
    minutes = int(found[1]) * units.get(found[2], 0)
    return minutes if 0 < minutes <= MOST_MINUTES else None


def _channels(text: str) -> tuple[frozenset[str] | None, str]:
    """The channels that are named in the language of the screen or by their codes, and the first that is none."""
    known = {_(word).casefold(): code for code, word in CHANNELS.items()} | {str(one): one for one in Channel}
    names = [part.strip().casefold() for part in text.split(",") if part.strip()]
    unknown = next((name for name in names if name not in known), "")
    return frozenset(str(known[name]) for name in names if name in known) or None, unknown


def _input(name: str, value: str, hint: str) -> Input:
    # a key must not take a long list of phrases away
    return Input(value, placeholder=hint, id=name, compact=True, select_on_focus=False)

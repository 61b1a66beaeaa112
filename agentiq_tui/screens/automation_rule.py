"""What happens by itself to questions of one intent, filled in."""

from __future__ import annotations

from dataclasses import replace

from textual.content import Content
from textual.widgets import Input

from agentiq_core.domain.automation import Automation, Mode
from agentiq_tui.automation_wording import MODES
from agentiq_tui.locale import _
from agentiq_tui.rule_messages import FormBuilt, FormRefused
from agentiq_tui.screens.labelled_form import LabelledFormScreen
from agentiq_tui.widgets.action_text import link
from agentiq_tui.widgets.choice import Choice
from agentiq_tui.widgets.labelled import Labelled
from agentiq_tui.wording import INTENTS, said

LARGEST_CAP = 10_000


class AutomationRuleScreen(LabelledFormScreen[Automation]):
    """Dismissed with what the shop allows; `only_people`: nothing of this intent may leave."""

    def __init__(self, rule: Automation, *, only_people: bool) -> None:
        super().__init__()
        self._rule = rule
        self._only_people = only_people

    def heading(self) -> str:
        return _("By itself: {intent}").format(intent=said(INTENTS, self._rule.intent))

    def rows(self) -> list[Labelled]:
        rule = self._rule
        modes = [mode for mode in Mode if mode is not Mode.ON or not self._only_people]
        sure = f"{rule.least_confidence * 100:g}"
        return [
            Labelled(
                _("mode"),
                Choice([(one.value, said(MODES, one)) for one in modes], rule.mode.value, id="mode"),
            ),
            Labelled(_("a day at most"), _input("cap", str(rule.daily_cap))),
            Labelled(_("confidence, %"), _input("sure", sure)),
            Labelled(
                _("templates too"),
                Choice(
                    [("no", _("no")), ("yes", _("yes"))], "yes" if rule.templates else "no", id="templates"
                ),
            ),
        ]

    def link_line(self) -> list[Content]:
        return [link(_("done"), "submit"), link(_("back"), "leave")]

    async def built(self) -> FormBuilt | FormRefused:
        filled = self.filled_in()
        cap = filled["cap"].strip()
        if not cap.isdecimal() or int(cap) > LARGEST_CAP:
            return FormRefused("cap", _("A number from 0 to {n}").format(n=LARGEST_CAP))
        try:
            sure = float(filled["sure"].strip().rstrip("% ").replace(",", "."))
        except ValueError:
            sure = -1.0
        if not 0 <= sure <= 100:
            return FormRefused("sure", _("Per cent from 0 to 100"))
        return FormBuilt(
            replace(
                self._rule,
                mode=Mode(filled["mode"]),
                daily_cap=int(cap),
                least_confidence=round(sure / 100, 4),
                templates=filled["templates"] == "yes",
            )
        )


def _input(name: str, value: str) -> Input:
    return Input(value, id=name, compact=True, select_on_focus=False)

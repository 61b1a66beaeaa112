"""How new conversations of a shop come to somebody, filled in."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Input

from agentiq_core.domain.team import AssignmentMode, AssignmentRule
from agentiq_tui.locale import _
from agentiq_tui.rule_messages import FormBuilt, FormRefused
from agentiq_tui.screens.labelled_form import LabelledFormScreen
from agentiq_tui.shop_words import ASSIGNING
from agentiq_tui.widgets.action_text import link
from agentiq_tui.widgets.choice import Choice
from agentiq_tui.widgets.labelled import Labelled

LONGEST_CLAIM = 24 * 60
"""Minutes."""


class SharingScreen(LabelledFormScreen[AssignmentRule]):
    """Dismissed with the rule."""

    def __init__(self, rule: AssignmentRule) -> None:
        super().__init__()
        self._rule = rule

    def heading(self) -> str:
        return _("How new conversations are shared out")

    def rows(self) -> list[Labelled]:
        modes = [(mode.value, _(word)) for mode, word in ASSIGNING.items()]
        claim = Input(str(self._rule.claim_minutes), id="claim", compact=True, select_on_focus=False)
        return [
            Labelled(_("new ones"), Choice(modes, self._rule.mode.value, id="mode")),
            Labelled(_("claim, minutes"), claim),
        ]

    def link_line(self) -> list[Content]:
        return [link(_("save"), "submit"), link(_("back"), "leave")]

    async def built(self) -> FormBuilt | FormRefused:
        filled = self.filled_in()
        written = filled["claim"].strip()
        if not written.isdecimal() or not 1 <= int(written) <= LONGEST_CLAIM:
            return FormRefused("claim", _("Minutes from 1 to {n}").format(n=LONGEST_CLAIM))
        return FormBuilt(AssignmentRule(AssignmentMode(filled["mode"]), int(written)))

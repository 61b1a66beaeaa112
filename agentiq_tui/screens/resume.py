"""Automatic replies go on: how many a conversation takes in a day, and a second word."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Input

from agentiq_tui.locale import _
from agentiq_tui.rule_messages import FormBuilt, FormRefused
from agentiq_tui.screens.labelled_form import LabelledFormScreen
from agentiq_tui.widgets.action_text import link
from agentiq_tui.widgets.labelled import Labelled

MOST_PER_CHAT = 20


class ResumeScreen(LabelledFormScreen[int]):
    """Dismissed with how many may leave in one conversation and day."""

    def __init__(self, per_chat: int) -> None:
        super().__init__()
        self._per_chat = per_chat

    def heading(self) -> str:
        return _("Let replies leave by themselves again?")

    def rows(self) -> list[Labelled]:
        field = Input(str(self._per_chat), id="per-chat", compact=True, select_on_focus=False)
        return [Labelled(_("a day in a chat"), field)]

    def opened(self) -> None:
        self.say(_("What is turned on leaves again. What was asked meanwhile stays with people."))

    def link_line(self) -> list[Content]:
        return [link(_("let it go on"), "submit"), link(_("back"), "leave")]

    async def built(self) -> FormBuilt | FormRefused:
        written = self.filled_in()["per-chat"].strip()
        if not written.isdecimal() or not 1 <= int(written) <= MOST_PER_CHAT:
            return FormRefused("per-chat", _("A number from 1 to {n}").format(n=MOST_PER_CHAT))
        return FormBuilt(int(written))

"""A second word before a reply goes out against advice: its own key, never the key that sends."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from agentiq_tui.actions import Where
from agentiq_tui.locale import _
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.widgets.heading import heading


class ConfirmScreen(WindowScreen[bool], keys=Where.QUESTION):
    """One question over the lower part of the screen, so that the conversation stays readable."""

    def __init__(self, title: str, lines: Content, confirm: str, *, back: str | None = None) -> None:
        super().__init__()
        self._back = back
        self._question_title = title
        self._lines = lines
        self._confirm = confirm

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = heading(self._question_title)
            yield Static(self._lines, id="dialog-lines")
            yield ActionText(
                Content("   ").join(
                    [
                        link(self._back or _("back to the text"), "leave"),
                        link(self._confirm, "confirm"),
                    ]
                ),
                id="dialog-links",
            )

    def action_confirm(self) -> None:
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)

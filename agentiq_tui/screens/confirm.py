"""A second word before a reply goes out against advice: its own key, never the key that sends."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from agentiq_tui.keys import on_both_layouts
from agentiq_tui.locale import _
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.widgets.heading import heading


class ConfirmScreen(ModalScreen[bool]):
    """One question over the lower part of the screen, so that the conversation stays readable."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "confirm", priority=True),
        Binding(",".join(on_both_layouts("y")), "confirm"),
        Binding(",".join(("escape", *on_both_layouts("n"))), "refuse"),
    ]

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
                        link(self._back or _("back to the text"), "Esc", "refuse"),
                        link(self._confirm, "F9", "confirm"),
                    ]
                ),
                id="dialog-links",
            )

    def action_confirm(self) -> None:
        self.dismiss(True)

    def action_refuse(self) -> None:
        self.dismiss(False)

"""A field whose words narrow the list below it, and a line that says more: the frame of every such question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from agentiq_tui.actions import Where
from agentiq_tui.locale import _
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.widgets.action_text import ActionText, link

T = TypeVar("T")


class PickerScreen(WindowScreen["T | None"], Generic[T], keys=Where.WORDS):
    """Typing asks, the arrows move, Enter chooses. Who inherits offers lines and says what choosing one means."""

    AUTO_FOCUS = "#choose-words"

    def frame(self, title: Content | str, *, placeholder: str, choose: str) -> ComposeResult:
        """The widgets; `choose` is the word for Enter."""
        with Vertical(id="dialog", classes="-choose") as dialog:
            dialog.border_title = title
            yield Input(id="choose-words", placeholder=placeholder)
            yield OptionList(id="choose-list", markup=False)
            yield Static(id="choose-said")
            links = (link(choose, "choose"), link(_("back"), "leave"))
            yield ActionText(Content("   ").join(links), id="dialog-links")

    def on_mount(self) -> None:
        # the field keeps the focus: who types may move in the list as well
        self.query_one(OptionList).can_focus = False

    @property
    def place(self) -> int | None:
        """The number of the line under the cursor; None while there is none."""
        return self.query_one(OptionList).highlighted

    def offer(self, lines: Sequence[Content]) -> None:
        """Show these, the cursor on the first."""
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(lines)
        options.display = bool(lines)
        if lines:
            options.highlighted = 0

    def say(self, content: Content) -> None:
        """Put this below the list."""
        self.query_one("#choose-said", Static).update(content)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Dismiss with what is under the cursor."""
        raise NotImplementedError

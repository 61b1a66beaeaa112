"""A field with its name before it, and a line under it that says what is wrong there."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from agentiq_tui.widgets.choice import Choice


class Labelled(Vertical):
    """One row of a form."""

    def __init__(self, label: str, field: Input | Choice) -> None:
        super().__init__(classes="labelled")
        self._label = label
        self.field = field
        self._wrong = Static(classes="labelled-wrong")
        self._wrong_value = ""

    def compose(self) -> ComposeResult:
        yield Horizontal(Static(Content(self._label), classes="labelled-name"), self.field)
        yield self._wrong

    def complain(self, line: str) -> None:
        """Say what is wrong here, or with "" that nothing is any more."""
        self._wrong_value = self.field.value
        self._wrong.update(Content(line))
        self._wrong.display = bool(line)

    def mended(self) -> None:
        """What was wrong is no longer there."""
        # a change that was typed before the mistake was told comes late
        if self.field.value != self._wrong_value:
            self.complain("")

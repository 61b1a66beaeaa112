"""One of a few words, chosen with the arrows: a field without typing."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from agentiq_tui.actions import Where, bindings


class Choice(Static, can_focus=True):
    """← and → (or Space) go through `options`, pairs of a value and its word; Enter goes on to the next field."""

    BINDINGS = bindings(Where.CHOICE)

    class Entered(Message):
        """Enter was pressed here."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    class Changed(Message):
        """Another word was chosen."""

    def __init__(self, options: Sequence[tuple[str, str]], value: str, *, id: str) -> None:
        super().__init__(id=id, classes="choice")
        self._options = tuple(options)
        self.value = value

    def render(self) -> Content:
        words = dict(self._options)
        shown = words.get(self.value, self.value)
        return Content.assemble(("‹ ", "$faint"), shown, (" ›", "$faint"))

    def action_turn(self, step: int) -> None:
        """The next word, or the one before."""
        values = [value for value, _word in self._options]
        place = values.index(self.value) if self.value in values else 0
        self.value = values[(place + step) % len(values)]
        self.refresh()
        self.post_message(self.Changed())

    def action_enter(self) -> None:
        self.post_message(self.Entered(self))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_turn(1)

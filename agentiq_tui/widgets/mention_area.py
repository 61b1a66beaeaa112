"""A text field in which "@" and the begin of a name offer colleagues."""

from __future__ import annotations

import re
from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.widgets import TextArea

from agentiq_core.domain.team import Colleague

_BEGUN = re.compile(r"(?:^|(?<=[\s(]))@([\w.+-]*)$")
_KEYS = ("up", "down", "tab", "enter")


class MentionArea(TextArea):
    """Names are completed as the handles that notes know. The list is drawn by whoever asks `fitting`."""

    class Begun(Message):
        """Another name, or none, is being typed."""

    class Edited(Message):
        """The text is another."""

    def __init__(self, text: str, colleagues: Sequence[Colleague]) -> None:
        super().__init__(text, id="note-text", soft_wrap=True, compact=True, tab_behavior="focus")
        self._colleagues = colleagues
        self.place = 0

    def on_mount(self) -> None:
        self.move_cursor(self.document.end)

    @property
    def begun(self) -> str | None:
        """What is typed behind the "@" at the cursor."""
        row, column = self.cursor_location
        found = _BEGUN.search(self.document.get_line(row)[:column])
        return found[1] if found else None

    @property
    def fitting(self) -> list[Colleague]:
        """Those whose handle or name begins so."""
        begun = self.begun
        if begun is None:
            return []
        wanted = begun.lower()
        return [
            one
            for one in self._colleagues
            if one.handle.lower().startswith(wanted)
            or any(word.lower().startswith(wanted) for word in one.name.split())
        ]

    def complete(self) -> None:
        """Put the chosen colleague in the place of what was begun."""
        fitting, begun = self.fitting, self.begun
        if not fitting or begun is None:
            return
        row, column = self.cursor_location
        start = (row, column - len(begun))
        chosen = fitting[self.place % len(fitting)]
        result = self.replace(f"{chosen.handle} ", start, (row, column), maintain_selection_offset=False)
        self.move_cursor(result.end_location)

    async def _on_key(self, event: events.Key) -> None:
        if event.key in _KEYS and self.fitting:
            event.prevent_default()
            event.stop()
            if event.key in ("up", "down"):
                self.place = (self.place + (1 if event.key == "down" else -1)) % len(self.fitting)
                self.post_message(self.Begun())
            else:
                self.complete()
            return
        await super()._on_key(event)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.place = 0
        self.post_message(self.Edited())
        self.post_message(self.Begun())

    def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        self.post_message(self.Begun())

"""The line between the days of a conversation."""

from __future__ import annotations

from textual.content import Content

from agentiq_tui.widgets.transcript_line import TranscriptLine


class DayLine(TranscriptLine):
    """Separates days."""

    def __init__(self, key: str, label: str) -> None:
        super().__init__(classes="day")
        self.show(key, label)

    def show(self, key: str, label: str) -> None:
        """This day."""
        self.key = key
        self.update(Content(f"── {label} ──"))

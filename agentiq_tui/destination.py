"""Where the way through a conversation leads: a day, a message that was found, a note that names somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from agentiq_core.domain.team import NoteView
from agentiq_core.domain.views import ChatRef, MessageKey, MessageView
from agentiq_tui.transcript import Entry


class Destination(Protocol):
    """A place in the conversation `ref`."""

    @property
    def ref(self) -> ChatRef:
        """Which conversation."""
        ...

    def behind(self, oldest: MessageView) -> bool:
        """Whether the place is loaded, if it is anywhere, once `oldest` is."""
        ...

    def among(self, entries: Sequence[Entry]) -> Entry | None:
        """The line of this place, of those that are loaded."""
        ...


@dataclass(frozen=True, slots=True)
class Day:
    """The first line of a day, or of the next that has any."""

    ref: ChatRef
    day: date

    def behind(self, oldest: MessageView) -> bool:
        return oldest.sent_at.astimezone().date() < self.day

    def among(self, entries: Sequence[Entry]) -> Entry | None:
        return next((entry for entry in entries if entry.at.astimezone().date() >= self.day), None)


@dataclass(frozen=True, slots=True)
class Found:
    """One message."""

    ref: ChatRef
    message: MessageKey

    def behind(self, oldest: MessageView) -> bool:
        return (oldest.sent_at, oldest.external_id) <= self.message

    def among(self, entries: Sequence[Entry]) -> Entry | None:
        return next((entry for entry in entries if entry.message_id == self.message.external_id), None)


@dataclass(frozen=True, slots=True)
class Noted:
    """One note of the team's."""

    ref: ChatRef
    note: NoteView

    def behind(self, oldest: MessageView) -> bool:
        return oldest.sent_at <= self.note.created_at

    def among(self, entries: Sequence[Entry]) -> Entry | None:
        return next(
            (entry for entry in entries if entry.note is not None and entry.note.id == self.note.id), None
        )

"""What is known of buyers' files in this session: where they were saved, what moderation says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from agentiq_core.domain.files import FileState
from agentiq_core.domain.views import ChatRef


class FileKey(NamedTuple):
    """One file of a message; `number` counts from 1."""

    ref: ChatRef
    message_id: str
    number: int


@dataclass(frozen=True, slots=True)
class FileNote:
    """What to say beside a file. Without a state it is being fetched; `again_at`: when moderation may be over."""

    state: FileState | None = None
    path: Path | None = None
    viewable: bool = False
    again_at: datetime | None = None


@dataclass
class FileNotes:
    """The notes of this session."""

    _notes: dict[FileKey, FileNote] = field(default_factory=dict)

    def of(self, ref: ChatRef, message_id: str, number: int) -> FileNote | None:
        """What is known of a file."""
        return self._notes.get(FileKey(ref, message_id, number))

    def begin(self, file: FileKey) -> FileNote | None:
        """It is being fetched now; what was known before."""
        before = self._notes.get(file)
        self._notes[file] = FileNote()
        return before

    def busy(self, file: FileKey) -> bool:
        """Whether it is being fetched already."""
        return self._notes.get(file) == FileNote()

    def put(self, file: FileKey, note: FileNote | None) -> None:
        """What is known now; None when it is nothing."""
        if note is None:
            self._notes.pop(file, None)
        else:
            self._notes[file] = note

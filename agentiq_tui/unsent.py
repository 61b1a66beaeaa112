"""What leaves beside the words of a reply: attached files, and the client message ids that make sending it twice harmless."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.outbox import new_client_id
from agentiq_core.domain.views import ChatRef

_MOST_NUMBERS = 127
"""What `file_client_id` tells apart behind one reply."""


@dataclass
class Unsent:
    """The replies of this session that are not sent yet; their words are in `Words`."""

    _ids: dict[tuple[ChatRef, int | None], UUID] = field(default_factory=dict)
    _files: dict[ChatRef, dict[int, OutgoingFile]] = field(default_factory=dict)
    _numbered: dict[ChatRef, int] = field(default_factory=dict)

    def begin_anew(self, ref: ChatRef) -> None:
        """The field was emptied: what comes is another reply, with an id of its own."""
        self._ids.pop((ref, None), None)

    def client_id(self, ref: ChatRef, suggestion_id: int | None = None) -> UUID:
        """The id of the reply being written (or of a suggestion sent as it is): the same until it is accepted."""
        return self._ids.setdefault((ref, suggestion_id), new_client_id())

    def files(self, ref: ChatRef) -> Mapping[int, OutgoingFile]:
        """The files that leave with the next reply, by number. A number is not given twice: it is part of the file's id."""
        return self._files.get(ref, {})

    def waiting_files(self) -> list[tuple[ChatRef, int]]:
        """Every file of every chat that was not sent."""
        return [(ref, number) for ref, files in self._files.items() for number in files]

    def attach(self, ref: ChatRef, files: Iterable[OutgoingFile]) -> dict[int, OutgoingFile]:
        """These leave with the next reply, too; their numbers."""
        waiting = self._files.setdefault(ref, {})
        attached = {}
        for file in files:
            number = self._numbered.get(ref, 0) + 1
            if number > _MOST_NUMBERS:
                # nobody attaches and removes so many; then it is another reply
                self._ids.pop((ref, None), None)
                number = max(waiting, default=0) % _MOST_NUMBERS + 1
            self._numbered[ref] = number
            waiting[number] = attached[number] = file
        return attached

    def detach(self, ref: ChatRef, number: int | None = None) -> int | None:
        """This one (else the newest) does not leave after all; its number, None when it is not there."""
        waiting = self._files.get(ref, {})
        gone = next(reversed(waiting), 0) if number is None else number
        return None if waiting.pop(gone, None) is None else gone

    def accepted(self, ref: ChatRef, suggestion_id: int | None = None, files: Iterable[int] = ()) -> None:
        """The reply is queued with these files: the next one gets an id of its own."""
        self._ids.pop((ref, suggestion_id), None)
        for number in files:
            self.detach(ref, number)
        if not self._files.get(ref):
            self._numbered.pop(ref, None)

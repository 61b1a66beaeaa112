"""What operators typed, by conversation, and the client message ids that make sending it twice harmless."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from agentiq_core.domain.views import ChatRef


@dataclass
class Drafts:
    """The texts of this session. Text here is newer than what the database holds until `saved` says otherwise."""

    _texts: dict[ChatRef, str] = field(default_factory=dict)
    _unsaved: dict[ChatRef, str] = field(default_factory=dict)
    _ids: dict[tuple[ChatRef, int | None], UUID] = field(default_factory=dict)

    def text(self, ref: ChatRef, stored: str = "") -> str:
        """What the reply field of this chat holds; `stored` is the database's word, used until something is typed here."""
        return self._texts.get(ref, stored)

    def typed(self, ref: ChatRef, text: str) -> None:
        """The operator changed the text. An emptied field starts a new reply, so its id goes."""
        self._texts[ref] = self._unsaved[ref] = text
        if not text:
            self._ids.pop((ref, None), None)

    def unsaved(self) -> list[tuple[ChatRef, str]]:
        """What the database does not hold yet."""
        return list(self._unsaved.items())

    def saved(self, ref: ChatRef, text: str) -> None:
        """The database holds this text now; typing since then stays unsaved."""
        if self._unsaved.get(ref) == text:
            del self._unsaved[ref]

    def client_id(self, ref: ChatRef, suggestion_id: int | None = None) -> UUID:
        """The id of the reply being written (or of a suggestion sent as it is): the same until it is accepted."""
        return self._ids.setdefault((ref, suggestion_id), uuid4())

    def accepted(self, ref: ChatRef, suggestion_id: int | None = None) -> None:
        """The reply is queued: the next one gets an id of its own."""
        self._ids.pop((ref, suggestion_id), None)

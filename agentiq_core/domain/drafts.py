"""What is being typed and not sent: a text for each field of a conversation and each person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from agentiq_core.domain.views import ChatRef

REPLY = "reply"
NOTE = "note"


def note_field(note_id: int | None) -> str:
    """The field in which this note is changed; that of a new note without one."""
    return NOTE if note_id is None else f"{NOTE}:{note_id}"


class DraftKey(NamedTuple):
    """A field that somebody types in: the reply's, or that of a note (`note_field`)."""

    ref: ChatRef
    field: str = REPLY


@dataclass(frozen=True, slots=True)
class DraftView:
    """What this operator has typed in a field. `other` was typed there elsewhere, and is part of no text yet."""

    text: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class LeftDraft:
    """The reply that a colleague began in a conversation that is somebody else's now."""

    operator_id: int
    name: str
    text: str

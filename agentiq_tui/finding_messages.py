"""What finding a place in a conversation is told by: MentionsFetched → PlaceWanted → ChatChosen → OlderFetched."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from agentiq_core.domain.team import MentionView
from agentiq_tui.destination import Destination


@dataclass
class PlaceWanted(Message):
    """The operator wants to see this place of a conversation."""

    place: Destination


@dataclass
class MentionsFetched(Message):
    """Notes that name the operator: the newest, or (`first` is false) those before what is loaded."""

    mentions: tuple[MentionView, ...]
    first: bool


@dataclass
class NotesSeen(Message):
    """So many notes that name the operator are read now."""

    count: int

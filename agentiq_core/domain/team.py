"""What a team knows of a conversation beside its messages, as front ends show it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from agentiq_core.domain.filters import QueueFilter
from agentiq_core.domain.views import ChatRef

COLOURS = ("grey", "red", "orange", "yellow", "green", "blue", "violet")
"""The words for a tag's colour; what they look like is the theme's matter."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the team as this operator may see them."""

    id: int
    name: str
    """As it is shown: the name, or the e-mail without its host."""
    email: str
    role: str
    sellers: frozenset[int]
    here: bool = False
    """At a desk now."""

    @property
    def handle(self) -> str:
        """How a note or a filter names them after an @."""
        return self.email.partition("@")[0]

    @property
    def initials(self) -> str:
        """One or two letters for a narrow column."""
        return initials(self.name)

    def may_be_given(self, seller_id: int) -> bool:
        """Whether conversations of this seller may be theirs, and notes on them name them."""
        return self.role != "viewer" and seller_id in self.sellers


def initials(name: str) -> str:
    """One or two letters for a name: of its first two words, or of its only one."""
    words = [word for word in re.split(r"[\W_\d]+", name) if word]
    if not words:
        return "?"
    return (words[0][0] + words[1][0] if len(words) > 1 else words[0][:2]).upper()


def shown_name(name: str, email: str) -> str:
    """What a person is called on the screen."""
    return name or email.partition("@")[0]


_AT = re.compile(r"(?<![\w@.])@([\w.+-]*[\w+])")


def mentioned(text: str, colleagues: Iterable[Colleague]) -> frozenset[int]:
    """The numbers of those whom a text names by @handle, whatever the case."""
    known = {one.handle.lower(): one.id for one in colleagues}
    return frozenset(known[found.lower()] for found in _AT.findall(text) if found.lower() in known)


@dataclass(frozen=True, slots=True)
class NoteView:
    """A colleague's word on a conversation; buyers never see it. `handover`: it came with the conversation."""

    id: int
    ref: ChatRef
    operator_id: int
    author: str
    text: str
    created_at: datetime
    mentions: tuple[int, ...] = ()
    handover: bool = False
    edited_at: datetime | None = None
    own: bool = False
    """Written by who looks: may be changed and deleted."""


@dataclass(frozen=True, slots=True)
class MentionView:
    """A note that names who looks."""

    note: NoteView
    buyer_name: str | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tag:
    """A word that a seller's conversations may bear."""

    seller_id: int
    name: str
    colour: str = "grey"


class AssignmentMode(StrEnum):
    """How a new conversation comes to somebody."""

    MANUAL = "manual"
    ROUND_ROBIN = "round-robin"
    """In turn among those who are at their desks."""
    LOAD = "load"
    """To whoever of those has the fewest that wait."""


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """How a seller's conversations are shared out, and how long a claim lasts."""

    mode: AssignmentMode = AssignmentMode.MANUAL
    claim_minutes: int = 15


@dataclass(frozen=True, slots=True)
class Onlooker:
    """A colleague who has a conversation on screen."""

    operator_id: int
    name: str
    until: datetime
    """They are taken as gone then, unless they are told of again."""
    typing_until: datetime | None = None

    def types(self, now: datetime) -> bool:
        """Whether they are writing there."""
        return self.typing_until is not None and self.typing_until > now


class ViewRef(NamedTuple):
    """A saved filter's name inside AgentIQ; `seller_id` is 0 for the maker's own."""

    seller_id: int
    id: int


@dataclass(frozen=True, slots=True)
class SavedView:
    """A filter with a name."""

    ref: ViewRef
    name: str
    filter: QueueFilter
    position: int
    own: bool
    """Made by who looks; one that is shared may be a colleague's."""

    @property
    def shared(self) -> bool:
        """Whether everybody sees it who works for its seller."""
        return self.ref.seller_id != 0


class FilteredCount(NamedTuple):
    """How many conversations a filter finds, counted to a limit."""

    number: int
    more: bool
    """There are more than were counted ("99+")."""


@dataclass(frozen=True, slots=True)
class BulkReport:
    """How far an action on many conversations got. What was so already is `unchanged`; `refused` counts by an error's code."""

    total: int
    done: int = 0
    unchanged: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    @property
    def not_done(self) -> int:
        """How many were refused."""
        return sum(self.refused.values())

    @property
    def seen(self) -> int:
        """How many were looked at."""
        return self.done + self.unchanged + self.not_done


class AuditKey(NamedTuple):
    """A line's place in the log."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did what, as the database wrote it. `seller_id` 0 is the team itself; phones and secrets in `change` are masked."""

    id: int
    at: datetime
    seller_id: int
    seller_name: str | None
    operator_id: int | None
    operator: str | None
    action: str
    """What and how: `chats.assign`, `outbox.insert`, `operators.update`."""
    subject: str
    change: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Lines, newest first; `before` asks for older ones, None at the end."""

    lines: tuple[AuditLine, ...]
    before: AuditKey | None

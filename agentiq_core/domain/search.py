"""What a search over conversations shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from agentiq_core.domain.messages import Author
from agentiq_core.domain.views import ChatRef, MessageKey

Span = tuple[int, int]


class SearchKey(NamedTuple):
    """Where a page of finds ends: the next one lies behind it, newest first."""

    at: datetime
    chat_id: int
    message_id: str


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A conversation and its newest message with what was searched for.

    `message` is None when the buyer, the good or the order is what was found. `spans` are offsets into `excerpt`.
    """

    ref: ChatRef
    marketplace: str
    seller_name: str
    channel: str
    stars: int | None
    buyer_name: str | None
    product: str | None
    needs_reply: bool
    last_at: datetime | None
    message: MessageKey | None
    author: Author | None
    sent_at: datetime
    excerpt: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Finds, the newest first; `after` asks for the next page, None at the end.

    `meant` is what was searched for instead, when nothing was found for what was typed. `behind`: some conversations
    are not in the index yet.
    """

    hits: tuple[SearchHit, ...]
    after: SearchKey | None
    meant: str | None = None
    behind: bool = False

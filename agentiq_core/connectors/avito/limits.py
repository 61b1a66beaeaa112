"""How often, how long and what: the numbers of Avito's API (Avito API, messenger, ratings, items)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agentiq_core.connectors.base import Capabilities, KeyReport, RateLimit
from agentiq_core.domain.files import MEBIBYTE, FileRules

ACCESS: Final = "access"
SELF: Final = "self"
CHATS: Final = "chats"
MESSAGES: Final = "messages"
READ: Final = "read"
VOICES: Final = "voices"
UPLOAD: Final = "upload"
SEND: Final = "send"
SEND_IMAGE: Final = "send-image"
REVIEWS: Final = "reviews"
ANSWER: Final = "answer"
ITEMS: Final = "items"
ITEM: Final = "item"
"""The methods' names, as the gate hears them. Each has a bucket of its own: no method says that it shares one."""

EFFECTS: Final = frozenset({SEND, SEND_IMAGE, ANSWER})
"""What a buyer gets to see."""

PAGE: Final = 100
"""Conversations of a list and messages of a history in one answer (Avito API, limit)."""
FURTHEST: Final = 1000
"""The largest offset of both: 1,100 of either can be reached (Avito API, offset)."""
REVIEWS_PAGE: Final = 50
"""Reviews in one answer (Avito API, ratings/v1/reviews)."""
ITEMS_PAGE: Final = 99
"""Listings in one answer: "less than 100" (Avito API, core/v1/items)."""

CHAT: Final = Capabilities(
    text_limit=1000,
    files=FileRules(
        content_types=frozenset({"image/jpeg", "image/png", "image/gif", "image/heic"}),
        max_bytes=24 * MEBIBYTE,
        max_total_bytes=240 * MEBIBYTE,
    ),
    can_mark_read=True,
    has_receipts=True,
    messages_change=True,
    whole_conversations=True,
)
"""The messenger (Avito API, messenger). Only the buyer begins. A picture is one message, so the total is ten of them."""

REVIEW: Final = Capabilities(
    text_limit=1000,
    one_answer=True,
    messages_change=True,
    whole_conversations=True,
)
"""Reviews (Avito API, ratings). The length of an answer is not documented, this is the messenger's."""

_LIMITS: Final = {
    ACCESS: RateLimit(interval=10.0, burst=5),
    SELF: RateLimit(interval=2.0, burst=5),
    CHATS: RateLimit(interval=1.0, burst=10),
    MESSAGES: RateLimit(interval=0.5, burst=10),
    READ: RateLimit(interval=1.0, burst=10),
    VOICES: RateLimit(interval=1.0, burst=5),
    UPLOAD: RateLimit(interval=1.0, burst=5),
    SEND: RateLimit(interval=0.5, burst=10),
    SEND_IMAGE: RateLimit(interval=0.5, burst=10),
    REVIEWS: RateLimit(interval=1.0, burst=5),
    ANSWER: RateLimit(interval=1.0, burst=5),
    # 25 and 500 requests a minute (Avito API, core/v1/items and items/{id})
    ITEMS: RateLimit(interval=2.5, burst=3),
    ITEM: RateLimit(interval=0.2, burst=5),
}


def limits(report: KeyReport) -> Mapping[str, RateLimit]:
    """A cautious budget: only the limits of listings are documented, the messenger's and the ratings' are not."""
    return _LIMITS

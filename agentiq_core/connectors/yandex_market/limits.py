"""How often, how long and what: the numbers of the Partner API (Yandex Market API, limits of each method)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from agentiq_core.connectors.base import Capabilities, KeyReport, RateLimit, Starter
from agentiq_core.domain.files import MEBIBYTE, FileRules

CHATS: Final = "chats"
HISTORY: Final = "chats/history"
MESSAGE: Final = "chats/message"
FILE: Final = "chats/file/send"
FEEDBACKS: Final = "goods-feedback"
COMMENTS: Final = "goods-feedback/comments"
COMMENT: Final = "goods-feedback/comments/update"
SKIP: Final = "goods-feedback/skip-reaction"
QUESTIONS: Final = "goods-questions"
ANSWERS: Final = "goods-questions/answers"
ANSWER: Final = "goods-questions/update"
OFFERS: Final = "offer-mappings"
CAMPAIGNS: Final = "campaigns"
RIGHTS: Final = "auth/token"
"""The methods' names, as the gate hears them."""

WRITING: Final = frozenset({MESSAGE, FILE, COMMENT, ANSWER, SKIP})
"""Methods that a key for reading alone does not open."""

CHATS_AT_ONCE: Final = 20
HISTORY_AT_ONCE: Final = 100
LISTED_AT_ONCE: Final = 50
OFFERS_AT_ONCE: Final = 100
CAMPAIGNS_AT_ONCE: Final = 100
"""The largest pages that are given out."""

REQUESTS_AT_ONCE: Final = 2
"""Requests that one login may have under way (Yandex Market API, limits)."""

PER_HOUR: Final = MappingProxyType(
    {
        CHATS: 5_000,
        HISTORY: 10_000,
        MESSAGE: 1_000,
        FILE: 1_000,
        FEEDBACKS: 5_000,
        COMMENTS: 5_000,
        COMMENT: 1_000,
        SKIP: 500,
        QUESTIONS: 1_000,
        ANSWERS: 1_000,
        ANSWER: 500,
        CAMPAIGNS: 1_000,
        RIGHTS: 100,
    }
)
"""Requests an hour; where the level of an account matters, those of the lower one: nothing tells which it has."""
OFFERS_PER_MINUTE: Final = 100

CHAT: Final = Capabilities(
    text_limit=4096,
    files=FileRules(
        content_types=frozenset({"image/jpeg", "image/png", "application/pdf"}),
        max_bytes=5 * MEBIBYTE,
        max_total_bytes=30 * MEBIBYTE,
    ),
    whole_conversations=True,
    starters=frozenset({Starter.BUYER, Starter.SELLER_BY_ORDER}),
)
"""The buyer chat. One file a message of 5 MB; the kinds are those every marketplace shows, the API names none."""

REVIEW: Final = Capabilities(
    text_limit=4096, can_dismiss=True, messages_change=True, whole_conversations=True
)
"""Reviews of goods; `can_dismiss` is skip-reaction. Comments may be edited in the cabinet."""

QUESTION: Final = Capabilities(text_limit=5000, messages_change=True, whole_conversations=True)
"""Questions about goods."""


def limits(report: KeyReport) -> Mapping[str, RateLimit]:
    """The token bucket of each method, whatever the key: the hour that Yandex Market counts never holds more requests
    than it allows, because the burst is taken out of it."""
    buckets = {method: _bucket(count, 3600.0) for method, count in PER_HOUR.items()}
    return buckets | {OFFERS: _bucket(OFFERS_PER_MINUTE, 60.0)}


def _bucket(count: int, seconds: float) -> RateLimit:
    burst = max(5, count // 20)
    return RateLimit(interval=seconds / (count - burst), burst=burst)

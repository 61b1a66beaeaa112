"""How often, how long and what: the numbers of each channel's API (WB API, limits of each method)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from agentiq_core.connectors.base import Capabilities, KeyReport, RateLimit, ReplyWindow
from agentiq_core.domain.files import FileRules
from agentiq_core.domain.messages import Channel

TEXT_LIMIT: Final = 1000
"""Characters of a reply in a chat (WB API, message)."""

CHATS: Final = "chats"
EVENTS: Final = "events"
MESSAGE: Final = "message"
DOWNLOAD: Final = "download"
METHODS: Final = (CHATS, EVENTS, MESSAGE, DOWNLOAD)
"""The chat's methods, as the gate hears them. Each has a bucket of its own per seller account."""

FEEDBACKS: Final = "feedbacks"
"""What the gate hears of every method for reviews and questions: they share one bucket (WB API, limits of the category)."""
CLAIMS: Final = "claims"
CARDS: Final = "cards"

REVIEW_ANSWER: Final = "review answer"
REVIEW_EDIT: Final = "review answer edit"
QUESTION_CHANGE: Final = "question change"
EFFECTS: Final = frozenset({MESSAGE, REVIEW_ANSWER, REVIEW_EDIT, QUESTION_CHANGE})
"""Requests that change something at Wildberries, as answers and logs call them."""

CHAT: Final = Capabilities(
    text_limit=TEXT_LIMIT,
    files=FileRules(
        content_types=frozenset({"image/jpeg", "image/png", "application/pdf"}),
        max_bytes=5 * 1024 * 1024,
        max_total_bytes=30 * 1024 * 1024,
    ),
    window=ReplyWindow(timedelta(days=10)),
)
"""The buyer chat; ten days are what Wildberries recommends (WB API, tag buyers chat)."""

ARCHIVED_AFTER: Final = timedelta(days=30)
"""A review that nobody answered becomes archival (WB API, feedbacks/archive)."""

REVIEW: Final = Capabilities(
    text_limit=5000,
    text_least=2,
    one_answer=True,
    messages_change=True,
    whole_conversations=True,
    window=ReplyWindow(ARCHIVED_AFTER),
)
"""Reviews: one answer, which may be edited once within 60 days (WB API, feedbacks/answer)."""

QUESTION: Final = Capabilities(
    text_limit=5000,
    text_least=2,
    can_mark_read=True,
    can_dismiss=True,
    can_decline=True,
    one_answer=True,
    messages_change=True,
    whole_conversations=True,
)
"""Questions. No length of an answer is documented for them: that of reviews is kept to."""

CLAIM_WINDOW: Final = timedelta(days=14)
"""Claims of so many days are listed (WB API, claims)."""

CLAIM: Final = Capabilities(
    text_limit=1000,
    can_reply=False,
    messages_change=True,
    whole_conversations=True,
    window=ReplyWindow(CLAIM_WINDOW),
)
"""Claims for returns are decided in the cabinet."""

SCOPES: Final = MappingProxyType(
    {
        Channel.CHAT: "chat",
        Channel.REVIEW: "feedbacks",
        Channel.QUESTION: "feedbacks",
        Channel.CLAIM: "returns",
    }
)
"""The category of methods that opens a channel."""
CARDS_SCOPE: Final = "content"

_USUAL: Final = RateLimit(interval=1.0, burst=10)
_BASE: Final = RateLimit(interval=3600.0, burst=1)
_BASE_DOWNLOAD: Final = RateLimit(interval=360.0, burst=1)
_FEEDBACKS: Final = RateLimit(interval=0.333, burst=6)
_BASE_FEEDBACKS: Final = RateLimit(interval=720.0, burst=1)
_CLAIMS: Final = RateLimit(interval=3.0, burst=10)
_CARDS: Final = RateLimit(interval=0.6, burst=5)


def limits(report: KeyReport) -> Mapping[str, RateLimit]:
    """The token buckets for this kind of key.

    Chats: ten at once and one a second, or one an hour for a base key, which downloads once in six minutes. Reviews and
    questions together: three a second, or five an hour. Claims: twenty a minute, or one an hour. Cards: a hundred a minute.
    """
    if not report.slow:
        return {**dict.fromkeys(METHODS, _USUAL), FEEDBACKS: _FEEDBACKS, CLAIMS: _CLAIMS, CARDS: _CARDS}
    return {
        **dict.fromkeys(METHODS, _BASE),
        DOWNLOAD: _BASE_DOWNLOAD,
        FEEDBACKS: _BASE_FEEDBACKS,
        CLAIMS: _BASE,
        CARDS: _CARDS,
    }

"""How often, how long and what: the numbers of the Seller API (Ozon API, Process, ChatAPI, ReviewAPI, Questions)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from agentiq_core.connectors.base import Capabilities, KeyReport, RateLimit, ReplyWindow, Starter
from agentiq_core.domain.files import MEBIBYTE, FileRules

REQUESTS: Final = "requests"
"""The one bucket of a Client-Id: whatever is asked, in whatever channel, comes out of it (Ozon API, Process)."""

CHAT_LIST: Final = "/v3/chat/list"
CHAT_HISTORY: Final = "/v3/chat/history"
CHAT_READ: Final = "/v2/chat/read"
SEND_MESSAGE: Final = "/v1/chat/send/message"
SEND_FILE: Final = "/v1/chat/send/file"
POSTING: Final = "/v3/posting/fbs/get"
REVIEW_LIST: Final = "/v2/review/list"
REVIEW_INFO: Final = "/v2/review/info"
REVIEW_STATUS: Final = "/v2/review/change-status"
COMMENT_LIST: Final = "/v1/review/comment/list"
COMMENT_CREATE: Final = "/v1/review/comment/create"
QUESTION_LIST: Final = "/v1/question/list"
QUESTION_INFO: Final = "/v1/question/info"
QUESTION_STATUS: Final = "/v1/question/change-status"
ANSWER_LIST: Final = "/v1/question/answer/list"
ANSWER_CREATE: Final = "/v1/question/answer/create"
PRODUCTS: Final = "/v3/product/info/list"
ROLES: Final = "/v1/roles"
SELLER: Final = "/v1/seller/info"
DOWNLOAD: Final = "download"
"""The methods, named by their paths; a file is fetched from wherever its link leads."""

LISTED_AT_ONCE: Final = 100
"""Conversations of a list, and comments of a review, in one answer (all the lists' maximum)."""
HISTORY_AT_ONCE: Final = 1000
"""Messages of a history in one answer (Ozon API, chat/history)."""
PRODUCTS_AT_ONCE: Final = 1000

REPLY_WINDOW: Final = timedelta(hours=48)
"""After the buyer's last message (Ozon API, send/message)."""
AFTER_DELIVERY: Final = timedelta(hours=72)
"""FBS and rFBS: the seller may write until then whatever the buyer does (Ozon API, send/message)."""
ANSWERED_WITHIN: Final = timedelta(hours=24)
"""What the share of answered questions of a shop is counted by. The documents of the API name no share to be reached."""

CHAT: Final = Capabilities(
    text_limit=1000,
    files=FileRules(
        content_types=frozenset({"image/jpeg", "image/png", "application/pdf"}),
        max_bytes=5 * MEBIBYTE,
        max_total_bytes=30 * MEBIBYTE,
    ),
    can_mark_read=True,
    has_receipts=True,
    messages_change=True,
    whole_conversations=True,
    window=ReplyWindow(REPLY_WINDOW, hard=True),
    share_within=ANSWERED_WITHIN,
    starters=frozenset({Starter.BUYER, Starter.SELLER_BY_ORDER}),
)
"""The buyer chat. Ozon documents neither sizes nor kinds of files: these are what every marketplace takes."""

REVIEW: Final = Capabilities(
    text_limit=1000,
    can_dismiss=True,
    messages_change=True,
    whole_conversations=True,
)
"""Reviews. The length of a comment is not documented, this is the chat's. `can_mark_read` is off although the method
exists: a review that was viewed counts as settled, so looking at it here would take it off everybody's list."""

QUESTION: Final = Capabilities(
    text_limit=3000,
    text_least=2,
    can_dismiss=True,
    messages_change=True,
    whole_conversations=True,
)
"""Questions about goods (Ozon API, question/answer/create). `can_mark_read` as in reviews."""

_ALL_METHODS: Final = RateLimit(interval=0.025, burst=10)


def limits(report: KeyReport) -> Mapping[str, RateLimit]:
    """50 requests a second over all methods: ten at once and forty a second never make more in any one second."""
    return {REQUESTS: _ALL_METHODS}

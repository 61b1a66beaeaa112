"""How often, how long and what: the numbers of the buyer chat API (WB API, limits of each method)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from agentiq_core.connectors.base import Capabilities, KeyReport, RateLimit, ReplyWindow
from agentiq_core.domain.files import FileRules

TEXT_LIMIT: Final = 1000
"""Characters of a reply (WB API, message)."""

CHATS: Final = "chats"
EVENTS: Final = "events"
MESSAGE: Final = "message"
DOWNLOAD: Final = "download"
METHODS: Final = (CHATS, EVENTS, MESSAGE, DOWNLOAD)
"""The methods' names, as the gate hears them. Each has a bucket of its own per seller account."""

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

_USUAL: Final = RateLimit(interval=1.0, burst=10)
_BASE: Final = RateLimit(interval=3600.0, burst=1)
_BASE_DOWNLOAD: Final = RateLimit(interval=360.0, burst=1)


def limits(report: KeyReport) -> Mapping[str, RateLimit]:
    """The token bucket of each method for this kind of key: ten at once and one a second, or one an hour for a base
    key, which downloads once in six minutes."""
    if not report.slow:
        return dict.fromkeys(METHODS, _USUAL)
    return {**dict.fromkeys(METHODS, _BASE), DOWNLOAD: _BASE_DOWNLOAD}

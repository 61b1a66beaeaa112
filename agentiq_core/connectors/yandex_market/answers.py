"""What a status and its words mean for delivery (Yandex Market API, error codes; docs/delivery.md, rule 3)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from agentiq_core.connectors.answers import by_status, cleaned
from agentiq_core.connectors.errors import (
    ChannelClosed,
    KeyRefused,
    RateLimited,
    Refused,
    Unintelligible,
)
from agentiq_core.connectors.http import Answer, ahead_of, delay_of
from agentiq_core.connectors.wire import read
from agentiq_core.connectors.yandex_market import wire
from agentiq_core.connectors.yandex_market.limits import (
    ANSWER,
    ANSWERS,
    CAMPAIGNS,
    COMMENT,
    COMMENTS,
    FILE,
    HISTORY,
    MESSAGE,
    RIGHTS,
    SKIP,
    WRITING,
)
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.outbox import Undelivered

log = logging.getLogger(__name__)

CROWDED: Final = 1.0
"""Seconds until one of two requests under way is over, mostly."""
MIGRATION: Final = 600.0
"""Seconds: shops being moved to another account lock it "until the transfer is over" (Yandex Market API, 423)."""

_OF_ONE: Final = frozenset({HISTORY, COMMENTS, ANSWERS, MESSAGE, FILE, COMMENT, ANSWER, SKIP})
"""Methods about one conversation: what forbids one says nothing of the others."""
_OF_THE_KEY: Final = frozenset({CAMPAIGNS, RIGHTS})

_PARALLEL: Final = re.compile(r"parallel", re.IGNORECASE)
_SCOPES: Final = re.compile(r"any of the scopes", re.IGNORECASE)
_KEY: Final = re.compile(
    r"api-?key|oauth|\btoken\b|scope is invalid|credentials|account is disabled|authorization", re.IGNORECASE
)
_INACTIVE: Final = re.compile(
    r"not active|access to api denied|not supported for market yandex go", re.IGNORECASE
)
_GONE: Final = re.compile(r"not found|finished|closed|does ?n[o']t exist|не найден|заверш", re.IGNORECASE)
_TEXT: Final = re.compile(
    r"text|message|length|comment|link|contact|must not be empty|too big", re.IGNORECASE
)


def failure(method: str, answer: Answer, *, secrets: Iterable[str]) -> MarketplaceError:
    """The error that an answer other than 2xx stands for. `secrets` are cut out of Yandex Market's words."""
    detail = cleaned(_words(answer.body), secrets)
    status = answer.status
    log.warning("yandex market %s: status %d", method, status)
    said = f"yandex market {method}: status {status}"
    if status in (420, 429):
        return RateLimited(said, retry_after=_delay(answer, detail))
    if status == 423:
        return RateLimited(said, retry_after=MIGRATION)
    failed = by_status(said, status, effect=method in WRITING, detail=detail)
    if failed is not None:
        return failed
    if status == 402:
        return KeyRefused(said, reason=Undelivered.PAYMENT_REQUIRED, detail=detail)
    if status in (401, 403):
        return _forbidden(method, said, status, detail)
    return Refused(said, reason=_refusal_reason(method, status, detail), detail=detail, status=status)


def _delay(answer: Answer, detail: str) -> float | None:
    """The end of the hour is in every answer (X-RateLimit-Resource-Until): it says nothing of two parallel requests. It is
    the Market's time, so that its clock is asked and not ours."""
    left = answer.headers.get("x-ratelimit-resource-remaining", "").strip()
    if _PARALLEL.search(detail) or (left.isascii() and left.isdigit() and int(left) > 0):
        return CROWDED
    now = datetime.now(UTC)
    theirs = now + timedelta(seconds=ahead_of(answer.headers, now) or 0.0)
    return delay_of(answer.headers, "X-RateLimit-Resource-Until", "Retry-After", now=theirs)


def _forbidden(method: str, said: str, status: int, detail: str) -> MarketplaceError:
    """A token without the scope, a dead token and a conversation of somebody else all answer 403: the words tell."""
    if status == 403 and _SCOPES.search(detail):
        if method in WRITING:
            # reading worked with it
            return KeyRefused(said, reason=Undelivered.READ_ONLY_KEY, detail=detail)
        return (
            KeyRefused(said, detail=detail) if method in _OF_THE_KEY else ChannelClosed(said, detail=detail)
        )
    if status == 401 or method in _OF_THE_KEY or _KEY.search(detail):
        return KeyRefused(said, detail=detail)
    if method in _OF_ONE and not _INACTIVE.search(detail):
        return Refused(said, reason=_refusal_reason(method, status, detail), detail=detail, status=status)
    return ChannelClosed(said, detail=detail)


def _refusal_reason(method: str, status: int, detail: str) -> Undelivered:
    if method not in WRITING or method == SKIP:
        return Undelivered.REFUSED
    if status == 404 or _GONE.search(detail):
        return Undelivered.CHAT_GONE
    if method == FILE and status in (400, 413, 415):
        return Undelivered.FILE_REFUSED
    if status == 413 or (status == 400 and _TEXT.search(detail)):
        return Undelivered.TEXT_REFUSED
    return Undelivered.REFUSED


def _words(body: bytes | None) -> str:
    try:
        problem = read(wire.Problem, body)
    except Unintelligible:
        # a proxy's page in place of a problem: the status says enough
        return ""
    flaws = [flaw.message or flaw.code for flaw in problem.errors or () if flaw is not None]
    return "; ".join(words for words in flaws if words) or problem.message or problem.code or ""

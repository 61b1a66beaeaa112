"""What a status and its words mean for delivery (Ozon API, Errors; docs/delivery.md, rule 3)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import Final

from agentiq_core.connectors.answers import by_status, cleaned
from agentiq_core.connectors.errors import (
    ChannelClosed,
    KeyRefused,
    RateLimited,
    Refused,
    Unintelligible,
)
from agentiq_core.connectors.http import Answer, delay_of
from agentiq_core.connectors.ozon import wire
from agentiq_core.connectors.ozon.limits import (
    ANSWER_CREATE,
    ANSWER_LIST,
    CHAT_HISTORY,
    CHAT_READ,
    COMMENT_CREATE,
    COMMENT_LIST,
    DOWNLOAD,
    POSTING,
    QUESTION_INFO,
    QUESTION_STATUS,
    REVIEW_INFO,
    REVIEW_STATUS,
    SEND_FILE,
    SEND_MESSAGE,
)
from agentiq_core.connectors.wire import read
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.outbox import Undelivered

log = logging.getLogger(__name__)

BROKEN_CIRCUIT: Final = 180.0
"""Seconds: a method whose circuit is open is blocked "for minutes" (Ozon API, Errors)."""

_SENDING: Final = frozenset({SEND_MESSAGE, SEND_FILE, COMMENT_CREATE, ANSWER_CREATE})
_OF_ONE: Final = _SENDING | {
    CHAT_HISTORY,
    CHAT_READ,
    COMMENT_LIST,
    REVIEW_INFO,
    REVIEW_STATUS,
    QUESTION_INFO,
    QUESTION_STATUS,
    ANSWER_LIST,
    POSTING,
    DOWNLOAD,
}
"""Methods about one conversation: whatever forbids one of these says nothing of the others."""

_CIRCUIT: Final = re.compile(r"circuit|circle is open", re.IGNORECASE)
_LIMIT: Final = re.compile(r"rate limit", re.IGNORECASE)
_SUBSCRIPTION: Final = re.compile(r"subscription|premium|подписк", re.IGNORECASE)
_ROLE: Final = re.compile(r"required role|\brole\b", re.IGNORECASE)
_KEY: Final = re.compile(
    r"api.?key|client.?id|offer not signed|specific ip|invalid token|unauthori[sz]ed", re.IGNORECASE
)
_WINDOW: Final = re.compile(r"\b(48|72)\b|hours|\bчас|window|time limit|expired", re.IGNORECASE)
_TEXT: Final = re.compile(r"text|length|symbols|characters|message is", re.IGNORECASE)
_GONE: Final = re.compile(r"not found|closed|does ?n[o']t exist|закрыт|не найден", re.IGNORECASE)


def failure(method: str, answer: Answer, *, secrets: Iterable[str]) -> MarketplaceError:
    """The error that an answer other than 2xx stands for. `secrets` are cut out of Ozon's words."""
    detail = cleaned(_words(answer.body), secrets)
    status = answer.status
    # an order that is not FBS is not found: nothing to warn of
    log.log(logging.INFO if method == POSTING else logging.WARNING, "ozon %s: status %d", method, status)
    said = f"ozon {method}: status {status}"
    if _CIRCUIT.search(detail) and status >= 400:
        # the breaker answers in place of the method: nothing was carried out
        return RateLimited(said, retry_after=delay_of(answer.headers, "Retry-After") or BROKEN_CIRCUIT)
    if status == 429 or (400 <= status < 500 and _LIMIT.search(detail)):
        return RateLimited(said, retry_after=delay_of(answer.headers, "Retry-After"))
    failed = by_status(said, status, effect=method in _SENDING, detail=detail)
    if failed is not None:
        return failed
    if status == 402:
        return KeyRefused(said, reason=Undelivered.PAYMENT_REQUIRED, detail=detail)
    if status in (401, 403) or (status == 400 and _KEY.search(detail)):
        return _forbidden(method, said, status, detail)
    reason = _refusal_reason(method, status, detail) if method in _SENDING else Undelivered.REFUSED
    return Refused(said, reason=reason, detail=detail, status=status)


def _forbidden(method: str, said: str, status: int, detail: str) -> MarketplaceError:
    """401 and 403 have one shape for a key, a subscription and a conversation: only the words tell them apart."""
    if status == 403 and (_SUBSCRIPTION.search(detail) or _ROLE.search(detail)):
        return ChannelClosed(said, detail=detail)
    if status == 401 or _KEY.search(detail):
        return KeyRefused(said, detail=detail)
    if method in _OF_ONE:
        reason = _refusal_reason(method, status, detail) if method in _SENDING else Undelivered.REFUSED
        return Refused(said, reason=reason, detail=detail, status=status)
    return ChannelClosed(said, detail=detail)


def _refusal_reason(method: str, status: int, detail: str) -> Undelivered:
    if _WINDOW.search(detail):
        return Undelivered.WINDOW_CLOSED
    if status == 404 or _GONE.search(detail):
        return Undelivered.CHAT_GONE
    if method == SEND_FILE and status in (400, 413):
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
    return problem.message or problem.error or ""

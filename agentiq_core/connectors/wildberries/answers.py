"""What a status and its problem text mean for delivery (WB API, errors; docs/delivery.md, rule 3)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from agentiq_core.connectors.answers import by_status, cleaned
from agentiq_core.connectors.errors import (
    ChannelClosed,
    KeyRefused,
    RateLimited,
    Refused,
    Unintelligible,
)
from agentiq_core.connectors.http import Answer, delay_of
from agentiq_core.connectors.wildberries import wire
from agentiq_core.connectors.wildberries.limits import EFFECTS, MESSAGE
from agentiq_core.connectors.wire import read
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.outbox import Undelivered

log = logging.getLogger(__name__)

_REFUSALS = (
    # files first: a file may be called "signature.mp4"
    (re.compile(r"attachment|mime type|too big|\bfile", re.IGNORECASE), Undelivered.FILE_REFUSED),
    (re.compile(r"sign", re.IGNORECASE), Undelivered.SIGNATURE_REFUSED),
    (re.compile(r"message|text", re.IGNORECASE), Undelivered.TEXT_REFUSED),
)
_READ_ONLY = re.compile(r"read[\s_-]?only", re.IGNORECASE)
_SCOPE = re.compile(r"scope", re.IGNORECASE)
_TEXT = re.compile(r"\btext\b|текст", re.IGNORECASE)


def failure(
    method: str,
    answer: Answer,
    *,
    secrets: Iterable[str],
    read_only: bool = False,
    closed: bool = False,
) -> MarketplaceError:
    """The error that an answer other than 2xx stands for. `secrets` are cut out of the marketplace's words; `read_only`
    and `closed` (without the category asked for) are what the key says of itself. The request id is logged: support asks
    for it."""
    problem = _problem(answer.body)
    detail = cleaned(problem.detail or problem.error or problem.error_text or problem.title or "", secrets)
    request_id = cleaned(problem.request_id or "", secrets)
    status = answer.status
    log.warning("wildberries %s: status %d, requestId %s", method, status, request_id or "none")
    said = f"wildberries {method}: status {status}"
    if status == 429:
        delay = delay_of(answer.headers, "X-Ratelimit-Retry", "X-Ratelimit-Reset", "Retry-After")
        return RateLimited(said, retry_after=delay, request_id=request_id)
    failed = by_status(said, status, effect=method in EFFECTS, detail=detail, request_id=request_id)
    if failed is not None:
        return failed
    if status in (401, 402, 403):
        reason = _key_reason(method, status, detail, read_only=read_only)
        if reason is Undelivered.KEY_REFUSED and (closed or _SCOPE.search(detail)):
            return ChannelClosed(said, detail=detail, request_id=request_id)
        return KeyRefused(said, reason=reason, detail=detail, request_id=request_id)
    reason = _refusal_reason(method, status, detail)
    return Refused(said, reason=reason, detail=detail, request_id=request_id, status=status)


def refused_inside(method: str, said: str | None) -> Refused:
    """What a 200 means whose body says `error` (WB API, questions)."""
    detail = cleaned(said or "", ())
    reason = _refusal_reason(method, 400, detail)
    return Refused(f"wildberries {method}: an error inside a success", reason=reason, detail=detail)


def _problem(body: bytes | None) -> wire.Problem:
    try:
        return read(wire.Problem, body)
    except Unintelligible:
        # a proxy's page in place of a problem: the status says enough
        return wire.Problem.model_validate({})


def _key_reason(method: str, status: int, detail: str, *, read_only: bool) -> Undelivered:
    if status == 402:
        return Undelivered.PAYMENT_REQUIRED
    if _READ_ONLY.search(detail) or (read_only and method in EFFECTS):
        return Undelivered.READ_ONLY_KEY
    return Undelivered.KEY_REFUSED


def _refusal_reason(method: str, status: int, detail: str) -> Undelivered:
    if method not in EFFECTS:
        return Undelivered.REFUSED
    if method == MESSAGE:
        return _message_reason(status, detail)
    if status == 404:
        return Undelivered.CHAT_GONE
    return Undelivered.TEXT_REFUSED if status in (400, 413) and _TEXT.search(detail) else Undelivered.REFUSED


def _message_reason(status: int, detail: str) -> Undelivered:
    if status == 413:
        return Undelivered.FILE_REFUSED
    if status == 400:
        for pattern, reason in _REFUSALS:
            if pattern.search(detail):
                return reason
    return Undelivered.REFUSED

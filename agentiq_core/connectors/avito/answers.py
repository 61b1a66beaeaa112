"""What a status and its words mean for delivery (Avito API; docs/delivery.md, rule 3)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from typing import Final

from agentiq_core.connectors.answers import by_status, cleaned
from agentiq_core.connectors.avito.limits import (
    ACCESS,
    ANSWER,
    EFFECTS,
    MESSAGES,
    SELF,
    SEND_IMAGE,
    UPLOAD,
    VOICES,
)
from agentiq_core.connectors.errors import (
    ChannelClosed,
    KeyRefused,
    RateLimited,
    Refused,
)
from agentiq_core.connectors.http import Answer, delay_of
from agentiq_core.connectors.wire import parsed
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.outbox import Undelivered

log = logging.getLogger(__name__)

WINDOW: Final = 60.0
"""Seconds: limits are counted by the minute (Avito API, X-RateLimit-Limit)."""

_DEEPEST: Final = 5
_OF_ONE: Final = frozenset({MESSAGES, VOICES})
"""Reads of one conversation: what forbids one of these says nothing of the others."""
_UNPAID: Final = re.compile(
    r"tariff|subscription|scope|paid|payment|тариф|подписк|уров(ень|ня)|оплат|аванс", re.IGNORECASE
)
_ANSWERED: Final = re.compile(
    r"already|exists|can.?t answer|can.?not (be )?answer|уже|нельзя ответить", re.IGNORECASE
)
_TEXT: Final = re.compile(r"text|message|length|symbols|characters|текст|сообщени|длин|символ", re.IGNORECASE)
_FILE: Final = re.compile(r"image|file|picture|изображени|файл|картин", re.IGNORECASE)
_SAYING: Final = ("message", "error_description", "description", "detail", "title", "reason")
_HOLDING: Final = ("error", "errors", "result", "fields", "details")


def failure(method: str, answer: Answer, *, secrets: Iterable[str]) -> MarketplaceError:
    """The error that an answer other than 2xx stands for. `secrets` are cut out of Avito's words."""
    detail = cleaned("; ".join(_words(answer.body)), secrets)
    status = answer.status
    log.warning("avito %s: status %d", method, status)
    said = f"avito {method}: status {status}"
    if status == 429:
        return RateLimited(said, retry_after=_delay(answer))
    failed = by_status(said, status, effect=method in EFFECTS, detail=detail)
    if failed is not None and not isinstance(failed, Refused):
        # a redirect of what changes something is refused for the method's own reason
        return failed
    if method == ACCESS and status in (400, 401, 402, 403):
        reason = Undelivered.PAYMENT_REQUIRED if status == 402 else Undelivered.KEY_REFUSED
        return KeyRefused(said, reason=reason, detail=detail, status=status)
    if status in (401, 402, 403):
        return _forbidden(method, said, status, detail)
    return Refused(said, reason=_reason(method, status, detail), detail=detail, status=status)


def _forbidden(method: str, said: str, status: int, detail: str) -> MarketplaceError:
    """402 is a tariff without this channel or an empty advance, 403 a right that is missing: neither goes away by asking
    again (running clients; Avito API, ratings)."""
    if status == 401 or (status == 403 and method == SELF):
        return KeyRefused(said, detail=detail, status=status)
    if status == 403 and method in _OF_ONE and not _UNPAID.search(detail):
        return Refused(said, detail=detail, status=status)
    return ChannelClosed(said, detail=detail, status=status)


def _reason(method: str, status: int, detail: str) -> Undelivered:
    if method == UPLOAD:
        return Undelivered.FILE_REFUSED
    if method not in EFFECTS:
        return Undelivered.REFUSED
    if status == 404:
        return Undelivered.CHAT_GONE
    if method == ANSWER and (status == 409 or _ANSWERED.search(detail)):
        return Undelivered.ALREADY_ANSWERED
    if method == SEND_IMAGE:
        return Undelivered.FILE_REFUSED if status == 413 or _FILE.search(detail) else Undelivered.REFUSED
    told = status == 413 or (status in (400, 422) and _TEXT.search(detail))
    return Undelivered.TEXT_REFUSED if told else Undelivered.REFUSED


def _delay(answer: Answer) -> float | None:
    """The answer's own delay; where only the limit of the minute is told, a minute is over before long."""
    told = delay_of(answer.headers, "Retry-After")
    return WINDOW if told is None and "x-ratelimit-limit" in answer.headers else told


def _words(body: bytes | None) -> Iterator[str]:
    try:
        yield from _said(parsed(body or b""), 0)
    except (ValueError, RecursionError):
        # a proxy's page in place of a problem: the status says enough
        return


def _said(told: object, depth: int) -> Iterator[str]:
    """The words of every shape that problems come in: {error: {code, message}}, {code, message}, {errors: […]},
    {result: {…}}, {error: "…", error_description: "…"} (Avito API, all sections)."""
    if depth > _DEEPEST:
        return
    if isinstance(told, str):
        yield told
    elif isinstance(told, list):
        for one in told[:5]:
            yield from _said(one, depth + 1)
    elif isinstance(told, dict):
        words = [told[name] for name in _SAYING if isinstance(told.get(name), str) and told[name]]
        if not words and isinstance(told.get("code"), str):
            words = [told["code"]]
        yield from words
        for name in _HOLDING:
            held = told.get(name)
            if name == "fields" and isinstance(held, dict):
                held = [f"{field}: {flaw}" for field, flaw in held.items()]
            yield from _said(held, depth + 1)

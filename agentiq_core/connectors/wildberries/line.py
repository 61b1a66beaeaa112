"""A seller's key on one of Wildberries' hosts: each category of methods has a host of its own, and one key opens several."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agentiq_core.connectors.base import Credentials, Gate
from agentiq_core.connectors.calling import Caller
from agentiq_core.connectors.errors import KeyRefused
from agentiq_core.connectors.http import Answer, Sleep, Timeouts
from agentiq_core.connectors.wildberries.answers import failure
from agentiq_core.connectors.wildberries.token import bare_key, read_only, scopes_of
from agentiq_core.domain.errors import MarketplaceError


@dataclass(frozen=True, slots=True)
class Host:
    """A live host, and the `part` that stands for it under a `base_url`."""

    url: str
    part: str = ""


BUYER_CHAT: Final = Host("https://buyer-chat-api.wildberries.ru")
FEEDBACKS_HOST: Final = Host("https://feedbacks-api.wildberries.ru", "/feedbacks")
RETURNS_HOST: Final = Host("https://returns-api.wildberries.ru", "/returns")
CONTENT_HOST: Final = Host("https://content-api.wildberries.ru", "/content")


def open_line(
    credentials: Credentials,
    host: Host,
    *,
    scope: str,
    bucket: str | None = None,
    gate: Gate | None = None,
    timeouts: Timeouts | None = None,
    sleep: Sleep = asyncio.sleep,
) -> Caller:
    """A caller of that host with the seller's key. `bucket`: the budget's name for all its methods; None: each has its own.

    `scope` is the category that the key must have. Raises Misconfigured for an unusable `base_url`.
    """
    key = bare_key(credentials.secret)
    sendable = bool(key) and key.isascii() and key.isprintable()
    base = host.url if credentials.base_url is None else credentials.base_url.strip().rstrip("/") + host.part
    return Caller(
        base,
        {"Authorization": key} if sendable else {},
        failure=_failure(credentials, key, scope),
        gate=_gate(gate, bucket, sendable=sendable),
        timeouts=timeouts,
        sleep=sleep,
    )


def _failure(
    credentials: Credentials, key: str, scope: str
) -> Callable[[str, Answer, tuple[str, ...]], MarketplaceError]:
    reader = read_only(credentials)
    scopes = scopes_of(credentials)
    closed = scopes is not None and scope not in scopes

    def of(method: str, answer: Answer, secrets: tuple[str, ...]) -> MarketplaceError:
        return failure(method, answer, secrets=(key, *secrets), read_only=reader, closed=closed)

    return of


def _gate(gate: Gate | None, bucket: str | None, *, sendable: bool) -> Gate:
    async def of(method: str) -> None:
        if not sendable:
            raise KeyRefused("the key cannot be a header: it is empty or holds other than ASCII characters")
        if gate is not None:
            await gate(bucket or method)

    return of

"""Asking one marketplace: a place in the budget first, then the request; reads are repeated, effects never are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

import httpx

from agentiq_core.connectors.base import Gate, GoAhead
from agentiq_core.connectors.http import (
    ANSWER_LIMIT,
    Answer,
    Sleep,
    Timeouts,
    exchange,
    open_client,
    retrying,
)
from agentiq_core.domain.errors import MarketplaceError

USUAL = Timeouts()
"""For a caller that names none."""

Failure = Callable[[str, Answer, tuple[str, ...]], MarketplaceError]
"""What an answer other than 2xx to a method stands for; the last are secrets of this request, to be cut out of its words."""


class Caller:
    """One client to one host. `method` is the name that the budget knows; `failure` sorts what was refused. `place` is
    held while a request is under way, for a marketplace that counts those (Yandex Market: two at once).

    Raises Misconfigured for an unusable `base_url`, and what `failure` makes of an answer.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        failure: Failure,
        gate: Gate | None = None,
        place: AbstractAsyncContextManager[object] | None = None,
        timeouts: Timeouts | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._timeouts = timeouts or USUAL
        self._client = open_client(base_url, headers, self._timeouts)
        self._failure = failure
        self._gate = gate
        self._place = nullcontext() if place is None else place
        self._sleep = sleep

    async def read(
        self,
        method: str,
        verb: str,
        path: str,
        *,
        accept: tuple[int, ...] = (),
        limit: int = ANSWER_LIMIT,
        **request: Any,
    ) -> Answer:
        """A request that changes nothing, repeated by the policy of `http.retrying`. `request` as in httpx."""

        async def once() -> Answer:
            answer = await self._exchange(
                method, self._client.build_request(verb, path, **request), None, limit
            )
            if 200 <= answer.status < 300 or answer.status in accept:
                return answer
            raise self._failure(method, answer, ())

        return await retrying(self._sleep)(once)

    async def once(
        self,
        method: str,
        verb: str,
        path: str,
        *,
        go_ahead: GoAhead | None = None,
        secrets: tuple[str, ...] = (),
        **request: Any,
    ) -> Answer:
        """A request that changes something: exactly one attempt. `go_ahead` is awaited before the first byte."""
        built = self._client.build_request(verb, path, **request)
        answer = await self._exchange(method, built, go_ahead, ANSWER_LIMIT)
        if 200 <= answer.status < 300:
            return answer
        raise self._failure(method, answer, secrets)

    async def aclose(self) -> None:
        """Close the connections that nobody else uses."""
        await self._client.aclose()

    async def _exchange(
        self, method: str, request: httpx.Request, go_ahead: GoAhead | None, limit: int
    ) -> Answer:
        if self._gate is not None:
            await self._gate(method)
        async with self._place:
            if go_ahead is not None:
                await go_ahead()
            return await exchange(self._client, request, total=self._timeouts.total, limit=limit)

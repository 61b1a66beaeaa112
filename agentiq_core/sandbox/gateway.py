"""What every marketplace does with a request: the key, the limits, the faults, then the operation."""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, Final, Generic

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.asked import Asked, BadBody, Reader, read_nothing
from agentiq_core.sandbox.conversation import Message, Upload
from agentiq_core.sandbox.faults import Fault, FaultKind
from agentiq_core.sandbox.market import Market, ShopT
from agentiq_core.sandbox.rate_limit import Limit, TokenBuckets, Verdict

SLOW_ECHO: Final = 5.0
"""Seconds, where the fault names none."""


class Refused(Exception):
    """The gateway's own answer; the request goes no further."""

    def __init__(self, response: web.Response) -> None:
        super().__init__(response.status)
        self.response = response


def proxy_page(status: int) -> web.Response:
    """5xx of whatever stands before a marketplace: a page in place of a problem."""
    page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
    return web.Response(text=page, status=status, content_type="text/html")


@dataclass(frozen=True, slots=True)
class Pass(Generic[ShopT]):
    """Whose key a request shows; grant is what else the marketplace reads in it."""

    shop: ShopT
    grant: Any = None


@dataclass(slots=True)
class Call(Generic[ShopT]):
    """One request that passed the gateway. now: unix seconds. body: what the operation's reader made of it."""

    request: web.Request
    shop: ShopT
    now: float
    rng: random.Random
    body: Any = None
    fault: Fault | None = None

    def meets(self, kind: FaultKind) -> bool:
        """Whether this request was chosen for the fault."""
        return self.fault is not None and self.fault.kind is kind

    def accept(self, conversation_id: str, text: str | None, files: Sequence[Upload] = ()) -> Message:
        """What is accepted, shown when a fault says; without one, as the shop's switches say."""
        delay = None
        if self.fault is not None and self.meets(FaultKind.SLOW_ECHO):
            delay = SLOW_ECHO if self.fault.delay is None else self.fault.delay
        return self.shop.accept(conversation_id, text, files, echo_delay=delay)


@dataclass(frozen=True, slots=True)
class Operation(Generic[ShopT]):
    """One method of a marketplace's API. name: what faults, counts and `Roles` call it. path: below the market's root.

    channel: None for what belongs to none (an account, a key).
    """

    name: str
    method: str
    path: str
    perform: Callable[[Call[ShopT]], web.Response]
    channel: Channel | None = Channel.CHAT
    read: Reader = read_nothing


class Gateway(ABC, Generic[ShopT]):
    """Serves a market's operations. A marketplace says who asks, how much it allows, and how it words its problems."""

    def __init__(self, market: Market[ShopT], operations: Sequence[Operation[ShopT]]) -> None:
        self.market = market
        self.operations = tuple(operations)
        self.clock = market.clock
        self.buckets = TokenBuckets(market.clock)
        self.running: Counter[str] = Counter()
        """Requests under way by seller, for marketplaces that limit those."""
        self._rng = random.Random(market.ground.seed + 3)
        served = {each.name for each in self.operations}
        unknown = {name for roles in market.roles.values() for name in roles.operations - served}
        if unknown:
            raise ValueError(f"roles of {market.id} name no operation: {', '.join(sorted(unknown))}")

    @abstractmethod
    async def identify(self, request: web.Request, operation: Operation[ShopT]) -> Pass[ShopT]:
        """Whose request it is; Refused with the marketplace's answer to a bad or withdrawn key."""

    def limit(self, who: Pass[ShopT], operation: Operation[ShopT]) -> Verdict | None:
        """Count the request against the limits, where they are on: see `spend`. None: this one has none."""
        return None

    def permit(self, who: Pass[ShopT], operation: Operation[ShopT]) -> None:
        """Refused where the key does not open the operation."""

    @abstractmethod
    def too_many(self, shop: ShopT, verdict: Verdict) -> web.Response:
        """429, or what the marketplace has in its place."""

    @abstractmethod
    def malformed_key(self) -> web.Response:
        """The answer to a key that is none."""

    @abstractmethod
    def revoked_key(self) -> web.Response:
        """The answer to a key that was withdrawn."""

    @abstractmethod
    def forbidden(self) -> web.Response:
        """The answer to a good key without the right or the subscription."""

    @abstractmethod
    def server_error(self, status: int, body: str) -> web.Response:
        """5xx; body: "json" or "html"."""

    @abstractmethod
    def bad_body(self, detail: str) -> web.Response:
        """The answer to a body that cannot be read."""

    def finish(self, response: web.Response, operation: Operation[ShopT], verdict: Verdict | None) -> None:
        """Add the headers that every answer has; Date is there already."""

    def spend(self, shop: ShopT, key: Hashable, limit: Limit) -> Verdict:
        """Take one request from the bucket of that key; Refused with `too_many` when it is empty."""
        verdict = self.buckets.take(key, limit)
        if not verdict.allowed:
            raise Refused(self.too_many(shop, verdict))
        return verdict

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Every operation below the prefix."""
        return [web.route(each.method, prefix + each.path, self._serving(each)) for each in self.operations]

    def _serving(self, operation: Operation[ShopT]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            verdict: Verdict | None = None
            try:
                who = await self.identify(request, operation)
                self.running[who.shop.id] += 1
                try:
                    if self.market.rate_limits:
                        verdict = self.limit(who, operation)
                    self.permit(who, operation)
                    response = await self._perform(request, operation, who.shop)
                finally:
                    self.running[who.shop.id] -= 1
            except Refused as refusal:
                response = refusal.response
            response.headers["Date"] = formatdate(self.clock(), usegmt=True)
            self.finish(response, operation, verdict)
            transport = request.transport
            if transport is None or not transport.is_closing():
                self._count(operation, str(response.status))
            return response

        return serve

    async def _perform(self, request: web.Request, operation: Operation[ShopT], shop: ShopT) -> web.Response:
        try:
            asked = await operation.read(request)
        except BadBody as flaw:
            return self.bad_body(str(flaw))
        fault = self.market.ground.faults.draw(operation.name, self._attributes(operation, shop, asked))
        if fault is not None and (early := await self._before(request, operation, shop, fault)) is not None:
            return early
        call = Call(request=request, shop=shop, now=self.clock(), rng=self._rng, body=asked.body, fault=fault)
        response = operation.perform(call)
        return response if fault is None else await self._after(request, operation, fault, response)

    def _attributes(self, operation: Operation[ShopT], shop: ShopT, asked: Asked) -> dict[str, str]:
        return {
            "market": self.market.id,
            "channel": operation.channel or "",
            "seller": shop.id,
            "chat": asked.chat,
            "text": asked.text,
        }

    async def _before(
        self, request: web.Request, operation: Operation[ShopT], shop: ShopT, fault: Fault
    ) -> web.Response | None:
        match fault.kind:
            case FaultKind.SLOW:
                await self._pause(fault.delay)
            case FaultKind.HANG:
                return await self._hung(request, operation, fault)
            case FaultKind.DROP_BEFORE:
                return self._dropped(request, operation)
            case FaultKind.SERVER_ERROR:
                return self.server_error(fault.status, fault.body)
            case FaultKind.RATE_LIMITED:
                wait = max(1, round(fault.delay or 2))
                verdict = Verdict(allowed=False, remaining=0, limit=10, retry=wait, reset=wait + 9)
                return self.too_many(shop, verdict)
            case FaultKind.UNAUTHORIZED:
                return self.malformed_key()
            case FaultKind.REVOKED:
                return self.revoked_key()
            case FaultKind.FORBIDDEN:
                return self.forbidden()
        return None

    async def _after(
        self, request: web.Request, operation: Operation[ShopT], fault: Fault, response: web.Response
    ) -> web.Response:
        match fault.kind:
            case FaultKind.HANG_AFTER:
                return await self._hung(request, operation, fault)
            case FaultKind.DROP_AFTER:
                return self._dropped(request, operation)
            case FaultKind.ACCEPT_BUT_ERROR:
                return self.server_error(fault.status, fault.body)
            case FaultKind.GARBAGE_JSON if isinstance(response.body, bytes):
                cut = response.body[: len(response.body) // 2]
                return web.Response(body=cut, content_type="application/json")
        return response

    async def _hung(self, request: web.Request, operation: Operation[ShopT], fault: Fault) -> web.Response:
        self._count(operation, "hung")
        await self._pause(fault.delay)
        return _cut_off(request)

    def _dropped(self, request: web.Request, operation: Operation[ShopT]) -> web.Response:
        self._count(operation, "dropped")
        return _cut_off(request)

    def _count(self, operation: Operation[ShopT], outcome: str) -> None:
        self.market.requests[operation.name, outcome] += 1

    async def _pause(self, delay: float | None) -> None:
        """Wait that many seconds, for ever by default, but not longer than the sandbox lives."""
        try:
            await asyncio.wait_for(self.market.ground.closing.wait(), delay)
        except TimeoutError:
            return


def _cut_off(request: web.Request) -> web.Response:
    """Close the connection at once; the response returned is never written."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)

"""Wildberries over HTTP: the gateway (tokens, limits), the faults, then the operation."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Final

from aiohttp import web

from agentiq_core.sandbox.faults import Fault, FaultKind, Faults
from agentiq_core.sandbox.rate_limit import TokenBuckets, Verdict
from agentiq_core.sandbox.wildberries import operations, problems
from agentiq_core.sandbox.wildberries.form import MessageForm, NotMultipart, read_form
from agentiq_core.sandbox.wildberries.limits import limit_of
from agentiq_core.sandbox.wildberries.market import WildberriesMarket
from agentiq_core.sandbox.wildberries.operations import Call
from agentiq_core.sandbox.wildberries.seller import SandboxSeller
from agentiq_core.sandbox.wildberries.signs import chat_id_of
from agentiq_core.sandbox.wildberries.tokens import Account, Grant, Scope, TokenRefused

_OPERATIONS: Final[dict[str, Callable[[Call], web.Response]]] = {
    "chats": operations.chats,
    "events": operations.events,
    "message": operations.message,
    "download": operations.download,
}
_MALFORMED: Final = (
    "token problem; token is malformed: could not base64 decode signature: "
    "illegal base64 data at input byte 84"
)
_REVOKED: Final = "token problem; token is withdrawn"
_REMAINING: Final = "X-Ratelimit-Remaining"


class _Refusal(Exception):
    """The gateway's own answer; the request goes no further."""

    def __init__(self, response: web.Response) -> None:
        super().__init__(response.status)
        self.response = response


class WildberriesServer:
    """Routes of one market. `closing` ends requests that are left hanging."""

    def __init__(
        self,
        market: WildberriesMarket,
        faults: Faults,
        *,
        clock: Callable[[], float],
        rng: random.Random,
        rate_limits: bool,
        closing: asyncio.Event,
    ) -> None:
        self.rate_limits = rate_limits
        self._market = market
        self._faults = faults
        self._clock = clock
        self._rng = rng
        self._buckets = TokenBuckets(clock)
        self._closing = closing

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The four operations below the prefix."""
        base = f"{prefix}/api/v1/seller"
        return [
            web.get(f"{base}/chats", self._route("chats")),
            web.get(f"{base}/events", self._route("events")),
            web.post(f"{base}/message", self._route("message")),
            web.get(f"{base}/download/{{id}}", self._route("download")),
        ]

    def _route(self, operation: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.Response:
            try:
                seller, verdict = self._admit(request, operation)
                response = await self._perform(request, operation, seller)
            except _Refusal as refusal:
                response = refusal.response
                verdict = None
            if response.status != 429:
                left = verdict.remaining if verdict else limit_of(Account.PERSONAL, operation).burst
                response.headers.setdefault(_REMAINING, str(left))
            response.headers["Date"] = formatdate(self._clock(), usegmt=True)
            transport = request.transport
            if transport is None or not transport.is_closing():
                self._market.requests[operation, str(response.status)] += 1
            return response

        return serve

    def _admit(self, request: web.Request, operation: str) -> tuple[SandboxSeller, Verdict | None]:
        now = self._clock()
        try:
            grant = self._market.tokens.check(request.headers.get("Authorization"), now)
        except TokenRefused as refusal:
            raise _Refusal(problems.gateway_problem(401, str(refusal), now)) from refusal
        seller = self._market.seller_of(grant.sid)
        if seller is None or self._market.is_revoked(grant.token_id):
            raise _Refusal(problems.gateway_problem(401, _REVOKED, now))
        verdict = self._limited(grant, operation, now)
        if grant.account is Account.TEST or not grant.allows(Scope.BUYERS_CHAT):
            raise _Refusal(problems.gateway_problem(401, "token scope not allowed", now))
        if grant.read_only and operation == "message":
            raise _Refusal(problems.gateway_problem(403, "token is read-only", now))
        return seller, verdict

    def _limited(self, grant: Grant, operation: str, now: float) -> Verdict | None:
        if not self.rate_limits:
            return None
        limit = limit_of(grant.account, operation)
        verdict = self._buckets.take((grant.sid, operation, limit), limit)
        if not verdict.allowed:
            raise _Refusal(_too_many(grant.sid, now, verdict.retry, verdict.limit, verdict.reset))
        return verdict

    async def _perform(self, request: web.Request, operation: str, seller: SandboxSeller) -> web.Response:
        form: MessageForm | None = None
        attributes = {"seller": seller.id}
        if operation == "message":
            try:
                form = await read_form(request)
            except NotMultipart as flaw:
                return problems.bad_request(str(flaw), content_type=problems.PROBLEM)
            attributes |= {"chat": chat_id_of(form.sign), "text": form.text}
        fault = self._faults.draw(operation, attributes)
        if fault is not None and (early := await self._before(request, operation, seller, fault)) is not None:
            return early
        call = Call(request=request, seller=seller, now=self._clock(), rng=self._rng, fault=fault, form=form)
        response = _OPERATIONS[operation](call)
        return response if fault is None else await self._after(request, operation, fault, response)

    async def _before(
        self, request: web.Request, operation: str, seller: SandboxSeller, fault: Fault
    ) -> web.Response | None:
        now = self._clock()
        match fault.kind:
            case FaultKind.SLOW:
                await self._pause(fault.delay)
            case FaultKind.HANG:
                self._market.requests[operation, "hung"] += 1
                await self._pause(fault.delay)
                return _dropped(request)
            case FaultKind.DROP_BEFORE:
                self._market.requests[operation, "dropped"] += 1
                return _dropped(request)
            case FaultKind.SERVER_ERROR:
                return problems.server_error(fault.status, fault.body)
            case FaultKind.RATE_LIMITED:
                wait = max(1, round(fault.delay or 2))
                return _too_many(seller.sid, now, wait, 10, wait + 9)
            case FaultKind.UNAUTHORIZED:
                return problems.gateway_problem(401, _MALFORMED, now)
            case FaultKind.REVOKED:
                return problems.gateway_problem(401, _REVOKED, now)
        return None

    async def _after(
        self, request: web.Request, operation: str, fault: Fault, response: web.Response
    ) -> web.Response:
        match fault.kind:
            case FaultKind.HANG_AFTER:
                self._market.requests[operation, "hung"] += 1
                await self._pause(fault.delay)
                return _dropped(request)
            case FaultKind.DROP_AFTER:
                self._market.requests[operation, "dropped"] += 1
                return _dropped(request)
            case FaultKind.ACCEPT_BUT_ERROR:
                return problems.server_error(fault.status, fault.body)
            case FaultKind.GARBAGE_JSON if isinstance(response.body, bytes):
                cut = response.body[: len(response.body) // 2]
                return web.Response(body=cut, content_type="application/json")
        return response

    async def _pause(self, delay: float | None) -> None:
        """Wait that many seconds, for ever by default, but not longer than the sandbox lives."""
        try:
            await asyncio.wait_for(self._closing.wait(), delay)
        except TimeoutError:
            return


def _too_many(sid: str, now: float, retry: int, limit: int, reset: int) -> web.Response:
    headers = {
        "X-Ratelimit-Retry": str(retry),
        "X-Ratelimit-Limit": str(limit),
        "X-Ratelimit-Reset": str(reset),
    }
    return problems.gateway_problem(429, f"limited by {sid}", now, headers)


def _dropped(request: web.Request) -> web.Response:
    """Close the connection at once; the response returned is never written."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)

"""Ozon over HTTP: a key in two parts, one limit for all methods, and how it words its problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from agentiq_core.sandbox.gateway import Gateway, Operation, Pass, Refused
from agentiq_core.sandbox.ozon import account, chats, feedback, problems
from agentiq_core.sandbox.ozon.seller import OzonSeller
from agentiq_core.sandbox.rate_limit import Limit, Verdict

if TYPE_CHECKING:
    from agentiq_core.sandbox.ozon.market import OzonMarket

OPERATIONS: Final = (*chats.OPERATIONS, *feedback.OPERATIONS, *account.OPERATIONS)
ALL_METHODS: Final = Limit(burst=50, interval=1 / 50)
"""50 requests a second of one Client-Id (Ozon API, Process)."""
_ALWAYS: Final = frozenset({"roles", "chat_file"})


class OzonServer(Gateway[OzonSeller]):
    """Serves the market's operations."""

    def __init__(self, market: OzonMarket) -> None:
        super().__init__(market, OPERATIONS)
        self._market = market

    async def identify(self, request: web.Request, operation: Operation[OzonSeller]) -> Pass[OzonSeller]:
        """The seller of the Client-Id, if the Api-Key is one of its keys."""
        client_id, key = request.headers.get("Client-Id"), request.headers.get("Api-Key")
        if not client_id or not key:
            raise Refused(self.malformed_key())
        shop = self._market.seller_of(client_id)
        if shop is None or not self._market.is_issued(shop, key):
            raise Refused(problems.denied(problems.INVALID_KEY))
        if self._market.is_revoked(key) or shop.expires <= self.clock():
            raise Refused(self.revoked_key())
        return Pass(shop)

    def limit(self, who: Pass[OzonSeller], operation: Operation[OzonSeller]) -> Verdict:
        """One bucket for every method of a Client-Id."""
        return self.spend(who.shop, who.shop.id, ALL_METHODS)

    def permit(self, who: Pass[OzonSeller], operation: Operation[OzonSeller]) -> None:
        """A role must name the method; a blocked one answers by its circuit breaker."""
        if who.shop.behaviour.circuit_open:
            raise Refused(problems.problem(429, problems.EXHAUSTED, problems.CIRCUIT))
        if operation.name in _ALWAYS or any(name == "Admin" for name, _ in who.shop.roles):
            return
        if not any(operation.path in methods for _, methods in who.shop.roles):
            raise Refused(problems.denied(problems.NO_ROLE))

    def too_many(self, shop: OzonSeller, verdict: Verdict) -> web.Response:
        """429 in words; the delay is nothing that Ozon documents."""
        headers = {"Retry-After": str(verdict.retry)} if shop.behaviour.tells_delay else None
        return problems.problem(429, problems.EXHAUSTED, problems.RATE, headers)

    def malformed_key(self) -> web.Response:
        """401."""
        return problems.problem(401, problems.UNAUTHENTICATED, problems.NO_HEADERS)

    def revoked_key(self) -> web.Response:
        """403: the same status as for a missing subscription."""
        return problems.denied(problems.DEACTIVATED)

    def forbidden(self) -> web.Response:
        """403."""
        return problems.denied(problems.NO_SUBSCRIPTION)

    def server_error(self, status: int, body: str) -> web.Response:
        """5xx."""
        return problems.server_error(status, body)

    def bad_body(self, detail: str) -> web.Response:
        """400."""
        return problems.bad_request(detail)

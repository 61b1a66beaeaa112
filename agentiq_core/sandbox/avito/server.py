"""Avito over HTTP: tokens for a day, a tariff that opens the messenger, limits by the minute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.avito import account, chats, problems
from agentiq_core.sandbox.avito.chats import AvitoCall
from agentiq_core.sandbox.avito.seller import AvitoSeller
from agentiq_core.sandbox.gateway import Gateway, Operation, Pass, Refused
from agentiq_core.sandbox.rate_limit import Limit, Verdict

if TYPE_CHECKING:
    from agentiq_core.sandbox.avito.market import AvitoMarket

ACCESS: Final = "token"
FILE: Final = "file"
MOST_METHODS: Final = Limit(burst=30, interval=0.25)
"""Invented, as 240 a minute: Avito documents none for the messenger and the ratings."""
LIMITS: Final = {"items": Limit(burst=25, interval=2.4), "item": Limit(burst=50, interval=0.12)}
"""25 and 500 a minute (Avito API, items)."""
_NOT_FOR_EMPLOYEES: Final = frozenset({"chat_messages", "send_text", "send_image", "chat_read"})


class AvitoServer(Gateway[AvitoSeller]):
    """Serves the market's operations."""

    def __init__(self, market: AvitoMarket) -> None:
        self._market = market
        issue = Operation(ACCESS, "POST", "/token", self._issue, None)
        super().__init__(market, (*chats.OPERATIONS, *account.OPERATIONS, issue))

    async def identify(self, request: web.Request, operation: Operation[AvitoSeller]) -> Pass[AvitoSeller]:
        """The seller of the token; for a token, of the key; for a file, of the file."""
        if operation.name == ACCESS:
            return Pass(await self._key_of(request))
        if operation.name == FILE:
            return Pass(self._owner_of(request.match_info["id"]))
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        token = self._market.tokens.get(value) if kind == "Bearer" else None
        if token is None:
            raise Refused(self.malformed_key())
        shop = self._market.sellers[token.seller]
        if token.ends <= self.clock():
            raise Refused(problems.problem(shop.behaviour.ended_status, "access token expired"))
        if request.match_info.get("user_id", str(shop.user_id)) != str(shop.user_id):
            raise Refused(problems.problem(403, "another user's account", shop.behaviour.problems))
        return Pass(shop)

    def limit(self, who: Pass[AvitoSeller], operation: Operation[AvitoSeller]) -> Verdict:
        """A bucket for each method of an account."""
        limit = LIMITS.get(operation.name, MOST_METHODS)
        return self.spend(who.shop, (who.shop.id, operation.name), limit)

    def permit(self, who: Pass[AvitoSeller], operation: Operation[AvitoSeller]) -> None:
        """402 without the tariff, 403 for an employee's key."""
        behaviour = who.shop.behaviour
        if operation.channel is Channel.CHAT and operation.name != FILE and not behaviour.paid:
            raise Refused(self.forbidden())
        if operation.name in _NOT_FOR_EMPLOYEES and behaviour.employee:
            raise Refused(problems.problem(403, "access denied", behaviour.problems))
        if operation.channel is Channel.REVIEW and not behaviour.ratings:
            raise Refused(problems.problem(403, "access denied", behaviour.problems))

    def finish(
        self, response: web.Response, operation: Operation[AvitoSeller], verdict: Verdict | None
    ) -> None:
        """The limit of the minute and what is left of it."""
        if verdict is not None:
            limit = LIMITS.get(operation.name, MOST_METHODS)
            response.headers["X-RateLimit-Limit"] = str(round(60 / limit.interval))
            response.headers["X-RateLimit-Remaining"] = str(verdict.remaining)

    def too_many(self, shop: AvitoSeller, verdict: Verdict) -> web.Response:
        """429."""
        headers = {"X-RateLimit-Limit": str(verdict.limit), "X-RateLimit-Remaining": "0"}
        if shop.behaviour.tells_delay:
            headers["Retry-After"] = str(verdict.retry)
        return problems.problem(429, "too many requests", shop.behaviour.problems, headers)

    def malformed_key(self) -> web.Response:
        """401."""
        return problems.problem(401, "Unauthorized")

    def revoked_key(self) -> web.Response:
        """403, as the specification says of a token that ended."""
        return problems.problem(403, "access token expired")

    def forbidden(self) -> web.Response:
        """402: no tariff for this, or an empty advance."""
        return problems.problem(402, "Требуется тариф уровня «Максимальный»")

    def server_error(self, status: int, body: str) -> web.Response:
        """5xx."""
        return problems.server_error(status, body)

    def bad_body(self, detail: str) -> web.Response:
        """400."""
        return problems.problem(400, detail)

    async def _key_of(self, request: web.Request) -> AvitoSeller:
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            raise Refused(web.json_response({"error": "unsupported_grant_type"}, status=400))
        shop = self._market.seller_of(str(form.get("client_id")), str(form.get("client_secret")))
        if shop is None:
            told = {"error": "invalid_client", "error_description": "Client authentication failed"}
            raise Refused(web.json_response(told, status=401))
        return shop

    def _owner_of(self, file: str) -> AvitoSeller:
        for shop in self._market.sellers.values():
            if file in shop.attachments:
                return shop
        raise Refused(problems.problem(404, "file not found"))

    def _issue(self, call: AvitoCall) -> web.Response:
        life = call.shop.behaviour.token_life
        value = self._market.issue_token(call.shop)
        return web.json_response({"access_token": value, "expires_in": int(life), "token_type": "Bearer"})

"""Wildberries over HTTP: its tokens, its limits and how it words its problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.gateway import Gateway, Operation, Pass, Refused
from agentiq_core.sandbox.rate_limit import Verdict
from agentiq_core.sandbox.wildberries import claims, feedbacks, problems
from agentiq_core.sandbox.wildberries.limits import bucket_of, limit_of
from agentiq_core.sandbox.wildberries.operations import OPERATIONS
from agentiq_core.sandbox.wildberries.seller import SandboxSeller
from agentiq_core.sandbox.wildberries.tokens import Account, Grant, Scope, TokenRefused

if TYPE_CHECKING:
    from agentiq_core.sandbox.wildberries.market import WildberriesMarket

_MALFORMED: Final = (
    "token problem; token is malformed: could not base64 decode signature: "
    "illegal base64 data at input byte 84"
)
_REVOKED: Final = "token problem; token is withdrawn"
_REMAINING: Final = "X-Ratelimit-Remaining"
_SCOPES: Final = {
    Channel.CHAT: Scope.BUYERS_CHAT,
    Channel.REVIEW: Scope.FEEDBACKS,
    Channel.QUESTION: Scope.FEEDBACKS,
    Channel.CLAIM: Scope.BUYERS_RETURNS,
    None: Scope.CONTENT,
}
_READS: Final = ("cards",)
"""Operations that change nothing although they are no GET."""


class WildberriesServer(Gateway[SandboxSeller]):
    """Serves the market's operations."""

    def __init__(self, market: WildberriesMarket) -> None:
        super().__init__(market, (*OPERATIONS, *feedbacks.OPERATIONS, *claims.OPERATIONS))
        self._market = market

    async def identify(
        self, request: web.Request, operation: Operation[SandboxSeller]
    ) -> Pass[SandboxSeller]:
        """The seller whose account the token names."""
        try:
            grant = self._market.tokens.check(request.headers.get("Authorization"), self.clock())
        except TokenRefused as refusal:
            raise Refused(self._problem(401, str(refusal))) from refusal
        seller = self._market.seller_of(grant.sid)
        if seller is None or self._market.is_revoked(grant.token_id):
            raise Refused(self.revoked_key())
        return Pass(seller, grant)

    def limit(self, who: Pass[SandboxSeller], operation: Operation[SandboxSeller]) -> Verdict:
        """One bucket per account, kind of token and method, or category of methods."""
        bucket = bucket_of(operation)
        limit = limit_of(who.grant.account, bucket)
        return self.spend(who.shop, (who.shop.sid, bucket, limit), limit)

    def permit(self, who: Pass[SandboxSeller], operation: Operation[SandboxSeller]) -> None:
        """The token's category must cover the channel, and a read-only one writes nothing."""
        grant: Grant = who.grant
        scope = _SCOPES[operation.channel]
        if grant.account is Account.TEST or not grant.allows(scope):
            raise Refused(self._problem(401, "token scope not allowed"))
        if grant.read_only and operation.method != "GET" and operation.name not in _READS:
            if operation.channel is Channel.QUESTION:
                raise Refused(problems.fq_error(403, "token is read-only"))
            raise Refused(self._problem(403, "token is read-only"))

    def too_many(self, shop: SandboxSeller, verdict: Verdict) -> web.Response:
        """429 with the three headers that say when to come again."""
        headers = {
            "X-Ratelimit-Retry": str(verdict.retry),
            "X-Ratelimit-Limit": str(verdict.limit),
            "X-Ratelimit-Reset": str(verdict.reset),
        }
        return problems.gateway_problem(429, f"limited by {shop.sid}", self.clock(), headers)

    def malformed_key(self) -> web.Response:
        """401."""
        return self._problem(401, _MALFORMED)

    def revoked_key(self) -> web.Response:
        """401."""
        return self._problem(401, _REVOKED)

    def forbidden(self) -> web.Response:
        """403."""
        return self._problem(403, "access denied")

    def server_error(self, status: int, body: str) -> web.Response:
        """5xx."""
        return problems.server_error(status, body)

    def bad_body(self, detail: str) -> web.Response:
        """400."""
        return problems.bad_request(detail, content_type=problems.PROBLEM)

    def finish(
        self, response: web.Response, operation: Operation[SandboxSeller], verdict: Verdict | None
    ) -> None:
        """Every answer but 429 tells what is left of the burst."""
        if response.status != 429:
            left = verdict.remaining if verdict else limit_of(Account.PERSONAL, bucket_of(operation)).burst
            response.headers.setdefault(_REMAINING, str(left))

    def _problem(self, status: int, detail: str) -> web.Response:
        return problems.gateway_problem(status, detail, self.clock())

"""Yandex Market over HTTP: its tokens, its limits and how it words its problems."""

from __future__ import annotations

from email.utils import formatdate
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from aiohttp import web

from agentiq_core.sandbox.gateway import Gateway, Operation, Pass, Refused
from agentiq_core.sandbox.rate_limit import Limit, Verdict
from agentiq_core.sandbox.yandex_market import account, chats, goods, problems
from agentiq_core.sandbox.yandex_market.seller import YandexSeller

if TYPE_CHECKING:
    from agentiq_core.sandbox.yandex_market.market import YandexMarket

OPERATIONS: Final = (*chats.OPERATIONS, *goods.OPERATIONS, *account.OPERATIONS)
PER_HOUR: Final = MappingProxyType(
    {
        "chats": 5000,
        "history": 10_000,
        "message": 1000,
        "file_send": 1000,
        "feedbacks": 5000,
        "comments": 5000,
        "comment": 1000,
        "skip": 500,
        "questions": 1000,
        "answers": 1000,
        "answer": 500,
        "campaigns": 1000,
        "rights": 100,
        "offers": 6000,
    }
)
"""Requests an hour, those of the lower level; goods are counted by the minute, which is as much."""
_HOUR: Final = 3600.0
_WRITING: Final = frozenset({"message", "file_send", "comment", "skip", "answer"})
_EVERYTHING: Final = frozenset({"ALL_METHODS"})
_SCOPES: Final = MappingProxyType(
    {
        "talk": _EVERYTHING | {"COMMUNICATION"},
        "read": _EVERYTHING | {"COMMUNICATION", "ALL_METHODS_READ_ONLY"},
        "goods": _EVERYTHING
        | {"ALL_METHODS_READ_ONLY", "OFFERS_AND_CARDS_MANAGEMENT", "OFFERS_AND_CARDS_MANAGEMENT_READ_ONLY"},
    }
)
_REMAINING: Final = "X-RateLimit-Resource-Remaining"
_UNTIL: Final = "X-RateLimit-Resource-Until"
_LIMIT: Final = "X-RateLimit-Resource-Limit"


class YandexServer(Gateway[YandexSeller]):
    """Serves the market's operations."""

    def __init__(self, market: YandexMarket) -> None:
        super().__init__(market, OPERATIONS)
        self._market = market

    async def identify(self, request: web.Request, operation: Operation[YandexSeller]) -> Pass[YandexSeller]:
        """The seller whose token it is, in either header; the account in the path must be theirs."""
        key = request.headers.get("Api-Key")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if key is None and scheme.lower() != "bearer":
            raise Refused(problems.problem(401, problems.NO_CREDENTIALS))
        shop = self._market.seller_of(key if key is not None else token)
        if shop is None:
            words = problems.INVALID_KEY if key is not None else problems.INVALID_OAUTH
            raise Refused(problems.problem(401 if key is not None else 403, words))
        if self._market.is_revoked(key if key is not None else token):
            raise Refused(self.revoked_key())
        if request.match_info.get("business", str(shop.business)) != str(shop.business):
            raise Refused(problems.problem(403, problems.DENIED))
        return Pass(shop)

    def limit(self, who: Pass[YandexSeller], operation: Operation[YandexSeller]) -> Verdict | None:
        """So many requests under way, then so many an hour for each method; files are somebody else's."""
        if operation.name not in PER_HOUR:
            return None
        most = who.shop.behaviour.parallel
        if most and self.running[who.shop.id] > most:
            raise Refused(problems.problem(420, problems.PARALLEL.format(count=most)))
        count = PER_HOUR[operation.name]
        return self.spend(who.shop, (who.shop.id, operation.name), Limit(burst=count, interval=_HOUR / count))

    def permit(self, who: Pass[YandexSeller], operation: Operation[YandexSeller]) -> None:
        """The token's scopes must cover the method; what belongs to no channel is open to all but goods."""
        needed = _SCOPES["read"]
        if operation.name in _WRITING:
            needed = _SCOPES["talk"]
        elif operation.channel is None:
            if operation.name != "offers":
                return
            needed = _SCOPES["goods"]
        if not needed & set(who.shop.scopes):
            names = ", ".join(sorted(scope.lower().replace("_", "-") for scope in needed))
            raise Refused(problems.problem(403, f"{problems.NO_SCOPE}: {names}"))

    def too_many(self, shop: YandexSeller, verdict: Verdict) -> web.Response:
        """420 with the time from which on the method may be used again."""
        headers = {
            _LIMIT: str(verdict.limit),
            _REMAINING: "0",
            _UNTIL: formatdate(self.clock() + verdict.retry, usegmt=True),
        }
        return problems.problem(420, problems.HOURLY.format(count=verdict.limit), headers)

    def malformed_key(self) -> web.Response:
        """401."""
        return problems.problem(401, problems.INVALID_KEY)

    def revoked_key(self) -> web.Response:
        """401."""
        return problems.problem(401, problems.REVOKED_KEY)

    def forbidden(self) -> web.Response:
        """403."""
        return problems.problem(403, problems.INACTIVE.format(business=0))

    def server_error(self, status: int, body: str) -> web.Response:
        """5xx."""
        return problems.server_error(status, body)

    def bad_body(self, detail: str) -> web.Response:
        """400."""
        return problems.bad_request(detail)

    def finish(
        self, response: web.Response, operation: Operation[YandexSeller], verdict: Verdict | None
    ) -> None:
        """Every answer tells what is left of the hour."""
        if verdict is None:
            return
        response.headers.setdefault(_LIMIT, str(verdict.limit))
        response.headers.setdefault(_REMAINING, str(verdict.remaining))
        response.headers.setdefault(_UNTIL, formatdate(self.clock() + max(1, verdict.reset), usegmt=True))

"""A marketplace with every channel, a key in two parts and the least that a market must be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.asked import json_reader
from agentiq_core.sandbox.behaviour import Behaviour
from agentiq_core.sandbox.buyers import GOODS, Good
from agentiq_core.sandbox.gateway import Call, Gateway, Operation, Pass, Refused
from agentiq_core.sandbox.history import History
from agentiq_core.sandbox.market import Ground, Market, Roles
from agentiq_core.sandbox.rate_limit import Limit, Verdict
from agentiq_core.sandbox.shop import PlainShop


def read(call: Call[PlainShop]) -> web.Response:
    told = [
        {
            "id": each.id,
            "stars": each.stars,
            "texts": [message.text for message in each.shown(call.now)],
        }
        for each in call.shop.conversations()
    ]
    return web.json_response({"conversations": told})


def answer(call: Call[PlainShop]) -> web.Response:
    try:
        call.shop.accept(call.body["to"], call.body["said"]["text"])
    except KeyError:
        return web.json_response({"error": "no such conversation"}, status=404)
    return web.json_response({"result": "success"})


OPERATIONS = (
    Operation("list", "POST", "/list", read, read=json_reader()),
    Operation("answer", "POST", "/answer", answer, read=json_reader(chat="to", text="said.text")),
)


class ToyGateway(Gateway[PlainShop]):
    async def identify(self, request: web.Request, operation: Operation[PlainShop]) -> Pass[PlainShop]:
        for shop in self.market.sellers.values():
            if (request.headers.get("Client"), request.headers.get("Key")) == (shop.client_id, shop.token):
                return Pass(shop)
        raise Refused(self.malformed_key())

    def limit(self, who: Pass[PlainShop], operation: Operation[PlainShop]) -> Verdict:
        return self.spend(who.shop, who.shop.id, Limit(burst=2, interval=1.0))

    def too_many(self, shop: PlainShop, verdict: Verdict) -> web.Response:
        return web.json_response({"wait": verdict.retry}, status=420)

    def malformed_key(self) -> web.Response:
        return web.json_response({"error": "key"}, status=401)

    def revoked_key(self) -> web.Response:
        return web.json_response({"error": "revoked"}, status=401)

    def forbidden(self) -> web.Response:
        return web.json_response({"error": "subscription"}, status=402)

    def server_error(self, status: int, body: str) -> web.Response:
        return web.json_response({"error": "server"}, status=status)

    def bad_body(self, detail: str) -> web.Response:
        return web.json_response({"error": detail}, status=400)

    def finish(
        self, response: web.Response, operation: Operation[PlainShop], verdict: Verdict | None
    ) -> None:
        response.headers["Left"] = str(verdict.remaining if verdict else "-")


class ToyMarket(Market[PlainShop]):
    id = "toy"
    roles = {  # noqa: RUF012 - a test's market
        Channel.CHAT: Roles(send="answer", read=("list",)),
        Channel.REVIEW: Roles(send="answer", read=("list",)),
        Channel.QUESTION: Roles(send="answer", read=("list",)),
    }

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._gateway = ToyGateway(self, OPERATIONS)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        return self._gateway.routes(prefix)

    def add_seller(
        self, name: str, *, goods: Sequence[Good] = GOODS, history: History | None = None, key: str = "k"
    ) -> PlainShop:
        shop = PlainShop(
            id=self.next_id(),
            name=name,
            token=key,
            client_id=str(len(self.sellers) + 1),
            goods=goods,
            rng=self.rng,
            clock=self.clock,
            behaviour=Behaviour(),
        )
        return self.enter(shop, history)

    def revoke(self, shop: PlainShop) -> None:
        shop.token = "gone"

    def options(self, body: Any) -> dict[str, Any]:
        return {"key": body["key"]} if "key" in body else {}


class ChatsOnly(ToyMarket):
    id = "chats-only"
    roles = {Channel.CHAT: ToyMarket.roles[Channel.CHAT]}  # noqa: RUF012

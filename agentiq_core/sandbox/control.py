"""Control over HTTP, for programs that run the sandbox as a process: `/_sandbox/`, behind a secret."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.conversation import Moderation, Photo
from agentiq_core.sandbox.faults import Fault, Faults
from agentiq_core.sandbox.history import History
from agentiq_core.sandbox.market import Market, seller_line, seller_lines
from agentiq_core.sandbox.shop import Shop

PREFIX: Final = "/_sandbox"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """What can be asked of a sandbox from outside: counts, faults, sellers, what people write there."""

    def __init__(
        self,
        markets: Sequence[Market[Any]],
        faults: Faults,
        *,
        secret: str,
        base_url: Callable[[], str],
        switch_rate_limits: Callable[[bool], None],
    ) -> None:
        self._markets = markets
        self._faults = faults
        self._secret = secret
        self._base_url = base_url
        self._switch_rate_limits = switch_rate_limits

    def routes(self) -> list[web.RouteDef]:
        """Every control path; each asks for `Authorization: Bearer <secret>`."""
        seller = f"{PREFIX}/sellers/{{seller}}"
        return [
            web.get(f"{PREFIX}/stats", self._guarded(self._stats)),
            web.get(f"{PREFIX}/faults", self._guarded(self._list_faults)),
            web.post(f"{PREFIX}/faults", self._guarded(self._add_fault)),
            web.delete(f"{PREFIX}/faults", self._guarded(self._clear_faults)),
            web.put(f"{PREFIX}/rate-limits", self._guarded(self._rate_limits)),
            web.get(f"{PREFIX}/sellers", self._guarded(self._list_sellers)),
            web.post(f"{PREFIX}/sellers", self._guarded(self._add_seller)),
            web.post(f"{seller}/buyer-message", self._guarded(self._buyer_message)),
            web.post(f"{seller}/cabinet-message", self._guarded(self._cabinet_message)),
            web.post(f"{seller}/review", self._guarded(self._review)),
            web.post(f"{seller}/question", self._guarded(self._question)),
            *(web.get(f"{seller}/{each}s", self._guarded(self._listing(each))) for each in Channel),
            *(web.get(f"{seller}/{each}s/{{chat}}", self._guarded(self._conversation)) for each in Channel),
            web.post(f"{seller}/fill", self._guarded(self._fill)),
            web.patch(f"{seller}/behaviour", self._guarded(self._behave)),
            web.post(f"{seller}/revoke", self._guarded(self._revoke)),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(shown.encode(), self._secret.encode()):
                return web.json_response({"error": "the control secret is missing or wrong"}, status=401)
            try:
                return await handler(request)
            except KeyError as error:
                return web.json_response({"error": f"unknown or missing: {error.args[0]}"}, status=404)
            except (TypeError, ValueError) as error:
                return web.json_response({"error": str(error)}, status=400)

        return serve

    async def _stats(self, _: web.Request) -> web.Response:
        return web.json_response({market.id: market.stats() for market in self._markets})

    async def _list_faults(self, _: web.Request) -> web.Response:
        return web.json_response([fault.to_json() for fault in self._faults.active()])

    async def _add_fault(self, request: web.Request) -> web.Response:
        fault = self._faults.add(Fault(**await _body(request)))
        return web.json_response(fault.to_json(), status=201)

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self._faults.clear()
        return web.Response(status=204)

    async def _rate_limits(self, request: web.Request) -> web.Response:
        self._switch_rate_limits(bool((await _body(request))["on"]))
        return web.Response(status=204)

    async def _list_sellers(self, _: web.Request) -> web.Response:
        return web.json_response(seller_lines(self._markets, self._base_url()))

    async def _add_seller(self, request: web.Request) -> web.Response:
        body = await _body(request)
        market = self._market(body.get("marketplace", self._markets[0].id))
        add: Callable[..., Shop[Any]] = market.add_seller
        history = History(**body["history"]) if body.get("history") else None
        shop = add(body["name"], history=history, **market.options(body))
        return web.json_response(seller_line(market, shop, self._base_url()), status=201)

    async def _buyer_message(self, request: web.Request) -> web.Response:
        seller, body = self._seller(request), await _body(request)
        chat_id = body.get("chat") or seller.open_chat(client_name=body.get("client_name", "Анна"))
        message = seller.buyer_says(chat_id, body["text"], images=_photos(body))
        return web.json_response({"chat": chat_id, **message.to_json()}, status=201)

    async def _cabinet_message(self, request: web.Request) -> web.Response:
        seller, body = self._seller(request), await _body(request)
        message = seller.types_in_cabinet(body["chat"], body["text"])
        return web.json_response({"chat": body["chat"], **message.to_json()}, status=201)

    async def _review(self, request: web.Request) -> web.Response:
        seller, body = self._seller(request, Channel.REVIEW), await _body(request)
        review_id = seller.leave_review(
            stars=int(body["stars"]),
            text=body.get("text"),
            pros=body.get("pros", ""),
            cons=body.get("cons", ""),
            images=_photos(body),
            client_name=body.get("client_name", "Анна"),
        )
        return web.json_response({"review": review_id}, status=201)

    async def _question(self, request: web.Request) -> web.Response:
        seller, body = self._seller(request, Channel.QUESTION), await _body(request)
        question_id = seller.ask_question(body["text"], client_name=body.get("client_name", "Анна"))
        return web.json_response({"question": question_id}, status=201)

    def _listing(self, channel: Channel) -> Handler:
        async def serve(request: web.Request) -> web.Response:
            lines = [
                {
                    "chat": each.id,
                    "situation": each.situation,
                    "waiting": each.waiting,
                    "messages": len(each.messages),
                }
                for each in self._seller(request).conversations(channel)
            ]
            return web.json_response(lines)

        return serve

    async def _conversation(self, request: web.Request) -> web.Response:
        found = self._seller(request).conversation(request.match_info["chat"])
        return web.json_response(found.to_json())

    async def _fill(self, request: web.Request) -> web.Response:
        seller, body = self._seller(request), await _body(request)
        until = datetime.fromisoformat(body["until"]) if "until" in body else datetime.now(UTC)
        seller.fill(body["chats"], body["events"], until, timedelta(days=body.get("days", 30)))
        events = sum(len(chat.messages) for chat in seller.chats.values())
        return web.json_response({"chats": len(seller.chats), "events": events}, status=201)

    async def _behave(self, request: web.Request) -> web.Response:
        self._seller(request).behaviour.change(await _body(request))
        return web.Response(status=204)

    async def _revoke(self, request: web.Request) -> web.Response:
        seller = self._seller(request)
        self._market_of(seller.id).revoke(seller)
        return web.Response(status=204)

    def _market(self, market_id: str) -> Market[Any]:
        return {market.id: market for market in self._markets}[market_id]

    def _market_of(self, seller_id: str) -> Market[Any]:
        found = next((market for market in self._markets if seller_id in market.sellers), None)
        if found is None:
            raise KeyError(seller_id)
        return found

    def _seller(self, request: web.Request, channel: Channel | None = None) -> Shop[Any]:
        """The seller of the path; ValueError where its market lacks the channel."""
        market = self._market_of(request.match_info["seller"])
        if channel is not None and channel not in market.roles:
            raise ValueError(f"{market.id} has no {channel}s")
        seller: Shop[Any] = market.sellers[request.match_info["seller"]]
        return seller


def _photos(body: dict[str, Any]) -> list[Photo]:
    moderation = Moderation(body.get("moderation", Moderation.PASSED))
    return [Photo(moderation=moderation, wait=float(body.get("wait", 0.0)))] * int(body.get("images", 0))


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text() or "{}")
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON: {error.msg}") from error
    if not isinstance(body, dict):
        raise ValueError("the body is not a JSON object")
    return body

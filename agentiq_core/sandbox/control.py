"""Control over HTTP, for programs that run the sandbox as a process: `/_sandbox/`, behind a secret."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from agentiq_core.sandbox.faults import Fault, Faults
from agentiq_core.sandbox.wildberries.market import EVERY_SCOPE, History, WildberriesMarket
from agentiq_core.sandbox.wildberries.records import Moderation
from agentiq_core.sandbox.wildberries.seller import Photo, SandboxSeller
from agentiq_core.sandbox.wildberries.tokens import Scope

PREFIX: Final = "/_sandbox"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """What can be asked of a sandbox from outside: counts, faults, sellers, what people write there."""

    def __init__(
        self,
        market: WildberriesMarket,
        faults: Faults,
        *,
        secret: str,
        base_url: Callable[[], str],
        switch_rate_limits: Callable[[bool], None],
    ) -> None:
        self._market = market
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
            web.get(f"{seller}/chats", self._guarded(self._list_chats)),
            web.get(f"{seller}/chats/{{chat}}", self._guarded(self._chat)),
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
        return web.json_response({"wildberries": self._market.stats()})

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
        return web.json_response([seller_line(seller, self._base_url()) for seller in self._sellers()])

    async def _add_seller(self, request: web.Request) -> web.Response:
        body = await _body(request)
        history = body.get("history")
        seller = self._market.add_seller(
            body["name"],
            history=History(chats=history["chats"], waiting=history["waiting"]) if history else None,
            account=body.get("account", 3),
            scopes=[Scope(scope) for scope in body.get("scopes", EVERY_SCOPE)],
            read_only=body.get("read_only", False),
            expires_in=timedelta(seconds=body.get("expires_in", 180 * 86_400)),
        )
        return web.json_response(seller_line(seller, self._base_url()), status=201)

    async def _buyer_message(self, request: web.Request) -> web.Response:
        seller, body = self._seller(request), await _body(request)
        chat_id = body.get("chat") or seller.open_chat(client_name=body.get("client_name", "Анна"))
        photo = Photo(
            moderation=Moderation(body.get("moderation", Moderation.PASSED)),
            wait=float(body.get("wait", 0.0)),
        )
        message = seller.buyer_says(chat_id, body["text"], images=[photo] * int(body.get("images", 0)))
        return web.json_response({"chat": chat_id, **message.to_json()}, status=201)

    async def _cabinet_message(self, request: web.Request) -> web.Response:
        seller, body = self._seller(request), await _body(request)
        message = seller.types_in_cabinet(body["chat"], body["text"])
        return web.json_response({"chat": body["chat"], **message.to_json()}, status=201)

    async def _list_chats(self, request: web.Request) -> web.Response:
        seller = self._seller(request)
        lines = [
            {
                "chat": chat.chat_id,
                "situation": chat.situation,
                "waiting": chat.waiting,
                "messages": len(chat.messages),
            }
            for chat in seller.chats.values()
        ]
        return web.json_response(lines)

    async def _chat(self, request: web.Request) -> web.Response:
        seller, chat_id = self._seller(request), request.match_info["chat"]
        chat = seller.chats[chat_id]
        return web.json_response(
            {
                "chat": chat_id,
                "client_name": chat.client_name,
                "situation": chat.situation,
                "waiting": chat.waiting,
                "messages": [message.to_json() for message in chat.messages],
            }
        )

    async def _fill(self, request: web.Request) -> web.Response:
        seller, body = self._seller(request), await _body(request)
        until = datetime.fromisoformat(body["until"]) if "until" in body else datetime.now(UTC)
        seller.fill(body["chats"], body["events"], until, timedelta(days=body.get("days", 30)))
        return web.json_response({"chats": len(seller.chats), "events": len(seller.feed)}, status=201)

    async def _behave(self, request: web.Request) -> web.Response:
        self._seller(request).behaviour.change(await _body(request))
        return web.Response(status=204)

    async def _revoke(self, request: web.Request) -> web.Response:
        self._market.revoke(self._seller(request))
        return web.Response(status=204)

    def _sellers(self) -> list[SandboxSeller]:
        return list(self._market.sellers.values())

    def _seller(self, request: web.Request) -> SandboxSeller:
        return self._market.sellers[request.match_info["seller"]]


def seller_line(seller: SandboxSeller, url: str) -> dict[str, str]:
    """What a client needs to connect the seller."""
    return {
        "marketplace": "wildberries",
        "id": seller.id,
        "name": seller.name,
        "token": seller.token,
        "base_url": f"{url}/wildberries",
    }


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text() or "{}")
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON: {error.msg}") from error
    if not isinstance(body, dict):
        raise ValueError("the body is not a JSON object")
    return body

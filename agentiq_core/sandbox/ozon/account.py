"""What belongs to no channel: the key's roles, the seller, goods and postings (Ozon API)."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from agentiq_core.sandbox.asked import json_reader
from agentiq_core.sandbox.gateway import Call, Operation
from agentiq_core.sandbox.ozon import problems, wire
from agentiq_core.sandbox.ozon.records import OzonConversation, Scheme
from agentiq_core.sandbox.ozon.seller import OzonSeller

_GOODS: Final = 1000


def roles(call: Call[OzonSeller]) -> web.Response:
    """When the key ends and what it may call."""
    named = [{"name": name, "methods": list(methods)} for name, methods in call.shop.roles]
    return web.json_response({"expires_at": wire.utc_time(call.shop.expires * 1000), "roles": named})


def seller_info(call: Call[OzonSeller]) -> web.Response:
    """The shop and its subscription."""
    behaviour = call.shop.behaviour
    kind = "UNSPECIFIED"
    if behaviour.chats_paid:
        kind = "PREMIUM_PRO" if behaviour.reviews_paid else "PREMIUM_PLUS"
    company = {"name": call.shop.name, "country": "Россия", "currency": "RUB"}
    subscription = {"is_premium": behaviour.chats_paid, "type": kind}
    return web.json_response({"company": company, "ratings": [], "subscription": subscription})


def products(call: Call[OzonSeller]) -> web.Response:
    """The goods of these SKUs."""
    wanted = call.body.get("sku") or []
    if not isinstance(wanted, list) or len(wanted) > _GOODS:
        return problems.bad_request("sku: at most 1000 values")
    known = {str(good.nm_id): good for good in call.shop.goods}
    items: list[dict[str, Any]] = [
        {
            "id": good.nm_id + 1,
            "sku": good.nm_id,
            "name": good.title,
            "offer_id": f"{good.brand}-{good.nm_id}",
            "price": f"{good.price / 100:.2f}",
            "currency_code": "RUB",
            "primary_image": [f"https://cdn1.ozone.ru/s3/multimedia/{good.nm_id}.jpg"],
            "images": [],
        }
        for sku in wanted
        if (good := known.get(str(sku))) is not None
    ]
    return web.json_response({"items": items})


def posting(call: Call[OzonSeller]) -> web.Response:
    """A posting of FBS by its number; those of FBO are not found here."""
    number = str(call.body.get("posting_number") or "")
    chat = next((each for each in call.shop.chats.values() if _posting_number(each) == number), None)
    if chat is None or chat.scheme is not Scheme.FBS:
        return problems.not_found("posting")
    delivered = call.now >= chat.delivered
    result: dict[str, Any] = {
        "posting_number": number,
        "order_number": chat.order_id,
        "status": "delivered" if delivered else "delivering",
    }
    if (call.body.get("with") or {}).get("analytics_data"):
        result["analytics_data"] = {"delivery_date_end": wire.utc_time(chat.delivered * 1000)}
    if delivered:
        result["fact_delivery_date"] = wire.utc_time(chat.delivered * 1000)
    return web.json_response({"result": result})


def _posting_number(chat: OzonConversation) -> str:
    return f"{chat.order_id}-1"


OPERATIONS: Final = (
    Operation("roles", "POST", "/v1/roles", roles, None, json_reader()),
    Operation("seller_info", "POST", "/v1/seller/info", seller_info, None, json_reader()),
    Operation("products", "POST", "/v3/product/info/list", products, None, json_reader()),
    Operation("posting", "POST", "/v3/posting/fbs/get", posting, None, json_reader()),
)

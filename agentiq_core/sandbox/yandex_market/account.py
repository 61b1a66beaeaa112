"""What belongs to no channel: the shops of an account, the token's rights, goods (Yandex Market API)."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from agentiq_core.sandbox.asked import json_reader
from agentiq_core.sandbox.gateway import Call, Operation
from agentiq_core.sandbox.yandex_market import problems, wire
from agentiq_core.sandbox.yandex_market.paging import Unusable, checked, listed
from agentiq_core.sandbox.yandex_market.seller import YandexSeller

_GOODS: Final = 100


def campaigns(call: Call[YandexSeller]) -> web.Response:
    """The shops that the token opens: one."""
    shop = call.shop
    told = {
        "id": shop.campaign,
        "domain": shop.name,
        "business": {"id": shop.business, "name": shop.name},
        "placementType": "FBS",
        "apiAvailability": "AVAILABLE",
    }
    return web.json_response({"campaigns": [told], "paging": {}})


def rights(call: Call[YandexSeller]) -> web.Response:
    """What an Api-Key may do; other tokens cannot ask."""
    if "Api-Key" not in call.request.headers:
        return problems.problem(403, problems.DENIED)
    told = {"name": "AgentIQ", "authScopes": list(call.shop.scopes)}
    return web.json_response({"status": "OK", "result": {"apiKey": told}})


def offers(call: Call[YandexSeller]) -> web.Response:
    """The goods of these SKUs, all in one answer."""
    wanted = call.body.get("offerIds")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= _GOODS:
        raise Unusable("Limit exceeded")
    found = [wire.offer_json(good) for good in call.shop.goods if wire.sku_of(good) in wanted]
    return listed("offerMappings", found, None)


OPERATIONS: Final = (
    Operation("campaigns", "GET", "/v2/campaigns", campaigns, None),
    Operation("rights", "POST", "/v2/auth/token", rights, None),
    Operation(
        "offers",
        "POST",
        "/v2/businesses/{business}/offer-mappings",
        checked(offers),
        None,
        json_reader(),
    ),
)

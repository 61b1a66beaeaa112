"""The operations for claims and cards (WB API, claims, get/cards/list)."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.asked import json_reader
from agentiq_core.sandbox.gateway import Call, Operation
from agentiq_core.sandbox.wildberries import posts, problems
from agentiq_core.sandbox.wildberries.lists import BadQuery, faulted, number_of, posted_on, spoilt
from agentiq_core.sandbox.wildberries.seller import SandboxSeller

_MOST_CLAIMS, _MOST_CARDS = 200, 100


def claims(call: Call[SandboxSeller]) -> web.Response:
    """GET /api/v1/claims: those of the last 14 days, under review or decided."""
    query = call.request.query
    if query.get("is_archive") not in ("true", "false"):
        return problems.claims_error("Failed to deserialize query string: missing field `is_archive`")
    try:
        limit = number_of(query, "limit", 50, at_most=_MOST_CLAIMS, at_least=1)
        offset = number_of(query, "offset", 0, at_most=2**31)
    except BadQuery as flaw:
        return problems.claims_error(str(flaw))
    decided = query["is_archive"] == "true"
    recent = [
        each for each in posted_on(call.shop.claims) if call.now - posts.created(each) < posts.CLAIMS_FOR
    ]
    found = [each for each in recent if bool(each.decision) == decided]
    if "id" in query:
        found = [each for each in found if each.id == query["id"]]
    page = faulted(call, found[offset : offset + limit])
    printed = spoilt(call, [posts.claim_json(each) for each in page])
    return _answer({"claims": printed, "total": len(found)})


def cards(call: Call[SandboxSeller]) -> web.Response:
    """POST /content/v2/get/cards/list: those whose article, vendor code or name holds the text."""
    settings = call.body.get("settings", {})
    sought = str(settings.get("filter", {}).get("textSearch", "")).lower()
    limit = settings.get("cursor", {}).get("limit", 10)
    if not isinstance(limit, int) or not 0 < limit <= _MOST_CARDS:
        body = {"data": None, "error": True, "errorText": "Limit is too large", "additionalErrors": None}
        return _answer(body, 400)
    known = {good.nm_id: good for good in call.shop.goods}
    found = [
        good
        for good in known.values()
        if any(sought in text for text in (str(good.nm_id), posts.vendor_code(good), good.title.lower()))
    ]
    page = [posts.card_json(good) for good in found[:limit]]
    last = found[len(page) - 1].nm_id if page else 0
    cursor = {"updatedAt": "2026-01-06T11:17:00.96577Z", "nmID": last, "total": len(page)}
    return _answer({"cards": page, "cursor": cursor})


def _answer(body: Any, status: int = 200) -> web.Response:
    return web.Response(
        status=status, text=json.dumps(body, ensure_ascii=False), content_type="application/json"
    )


RETURNS, CONTENT = "/returns/api/v1", "/content/content/v2"

OPERATIONS: Final = (
    Operation("claims", "GET", f"{RETURNS}/claims", claims, Channel.CLAIM),
    Operation("cards", "POST", f"{CONTENT}/get/cards/list", cards, None, json_reader()),
)

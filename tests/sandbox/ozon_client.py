"""The Seller API as one seller calls it, without any of our own client."""

from __future__ import annotations

from typing import Any

import httpx

from agentiq_core.sandbox import Sandbox
from agentiq_core.sandbox.ozon.seller import OzonSeller


class OzonApi:
    """Posts JSON with the seller's key."""

    def __init__(self, client: httpx.AsyncClient, sandbox: Sandbox, shop: OzonSeller) -> None:
        self.client = client
        self.base = f"{sandbox.url}/ozon"
        self.shop = shop

    def request(self, path: str, body: Any = None, **headers: str | None) -> httpx.Request:
        key = {"Client-Id": self.shop.client_id, "Api-Key": self.shop.token}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in {**key, **named}.items() if value is not None}
        return self.client.build_request("POST", self.base + path, json=body or {}, headers=sent)

    async def post(self, path: str, body: Any = None, **headers: str | None) -> httpx.Response:
        return await self.client.send(self.request(path, body, **headers))

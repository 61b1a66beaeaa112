"""Avito's API as one seller calls it, without any of our own client."""

from __future__ import annotations

from typing import Any

import httpx

from agentiq_core.sandbox import Sandbox
from agentiq_core.sandbox.avito.seller import AvitoSeller


class AvitoApi:
    """Takes a token with the seller's key, then asks with it."""

    def __init__(self, client: httpx.AsyncClient, sandbox: Sandbox, shop: AvitoSeller) -> None:
        self.client = client
        self.base = f"{sandbox.url}/avito"
        self.shop = shop
        self.value = ""

    async def token(self, **fields: Any) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.shop.client_id,
            "client_secret": self.shop.token,
        }
        answer = await self.client.post(f"{self.base}/token", data=form | fields)
        self.value = answer.json().get("access_token", "")
        return answer

    def of_account(self, version: int, rest: str) -> str:
        """A path of the messenger."""
        return f"/messenger/v{version}/accounts/{self.shop.user_id}/{rest}"

    async def request(self, method: str, path: str, **request: Any) -> httpx.Request:
        if not self.value:
            await self.token()
        headers = {"Authorization": f"Bearer {self.value}"}
        return self.client.build_request(method, self.base + path, headers=headers, **request)

    async def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        return await self.client.send(await self.request(method, path, **request))

"""A clock the tests move, and a client that speaks the buyer chat API."""

from __future__ import annotations

from typing import Any

import httpx

from agentiq_core.sandbox import Sandbox, SandboxSeller


class Clock:
    """Unix seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Api:
    """The four operations as one seller calls them."""

    def __init__(self, client: httpx.AsyncClient, sandbox: Sandbox, seller: SandboxSeller) -> None:
        self.client = client
        self.base = f"{sandbox.url}/wildberries/api/v1/seller"
        self.headers = {"Authorization": seller.token}

    async def chats(self) -> httpx.Response:
        return await self.client.get(f"{self.base}/chats", headers=self.headers)

    async def events(self, after: object = None) -> httpx.Response:
        params = {} if after is None else {"next": str(after)}
        return await self.client.get(f"{self.base}/events", params=params, headers=self.headers)

    async def send(
        self, sign: str, text: str = "", files: list[tuple[str, bytes]] | None = None
    ) -> httpx.Response:
        parts: list[tuple[str, Any]] = [("replySign", (None, sign))]
        if text:
            parts.append(("message", (None, text)))
        parts += [("file", (name, content)) for name, content in files or []]
        return await self.client.post(f"{self.base}/message", files=parts, headers=self.headers)

    async def download(self, identity: str) -> httpx.Response:
        return await self.client.get(f"{self.base}/download/{identity}", headers=self.headers)

    async def walk(self) -> list[dict[str, Any]]:
        """Every event, read as the documentation says: page by page until one is empty."""
        events: list[dict[str, Any]] = []
        cursor = None
        while True:
            result = (await self.events(cursor)).json()["result"]
            if result["totalEvents"] == 0:
                return events
            events += result["events"]
            cursor = result["next"]

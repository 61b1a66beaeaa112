"""The Partner API as one seller calls it."""

from __future__ import annotations

from typing import Any

import httpx

from agentiq_core.sandbox import Sandbox
from agentiq_core.sandbox.yandex_market.seller import YandexSeller


class Api:
    """The operations of the sandbox's Yandex Market, by the paths below the account."""

    def __init__(self, client: httpx.AsyncClient, sandbox: Sandbox, shop: YandexSeller) -> None:
        self.client = client
        self.root = f"{sandbox.url}/yandex-market"
        self.shop = shop
        self.headers = {"Api-Key": shop.token}

    async def post(self, path: str, body: Any = None, version: str = "v2", **params: str) -> httpx.Response:
        url = f"{self.root}/{version}/businesses/{self.shop.business}/{path}"
        return await self.client.post(url, json=body or {}, params=params, headers=self.headers)

    async def chats(self, body: Any = None, **params: str) -> httpx.Response:
        return await self.post("chats", body, **params)

    async def history(self, chat: str, body: Any = None, **params: str) -> httpx.Response:
        return await self.post("chats/history", body, chatId=chat, **params)

    async def send(self, chat: str, text: str) -> httpx.Response:
        return await self.post("chats/message", {"message": text}, chatId=chat)

    async def send_file(self, chat: str, content: bytes, name: str = "фото.png") -> httpx.Response:
        url = f"{self.root}/v2/businesses/{self.shop.business}/chats/file/send"
        return await self.client.post(
            url, params={"chatId": chat}, files={"file": (name, content)}, headers=self.headers
        )

    async def comment(self, review: str, text: str, **fields: Any) -> httpx.Response:
        body = {"feedbackId": int(review), "comment": {"text": text, **fields}}
        return await self.post("goods-feedback/comments/update", body)

    async def answer(self, question: str, text: str) -> httpx.Response:
        parent = {"id": int(question), "type": "QUESTION"}
        body = {"operationType": "CREATE", "parentEntityId": parent, "text": text}
        return await self.post("goods-questions/update", body, "v1")


def told(answer: httpx.Response, name: str) -> list[dict[str, Any]]:
    """The items of a page."""
    items: list[dict[str, Any]] = answer.json()["result"][name]
    return items

"""The toy marketplace over HTTP: one method tells everything, one takes an answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from agentiq_core.connectors.base import Credentials, Gate, GoAhead, KeyReport, Receipt
from agentiq_core.connectors.calling import Caller
from agentiq_core.connectors.connector import MinimalConnector
from agentiq_core.connectors.errors import KeyRefused, RateLimited, Refused, ServerFailed
from agentiq_core.connectors.http import Answer
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import (
    Author,
    FeedPage,
    IncomingChat,
    IncomingMessage,
    Message,
    Origin,
)


def _failure(method: str, answer: Answer, secrets: tuple[str, ...]) -> MarketplaceError:
    said = f"toy {method}: status {answer.status}"
    if answer.status == 420:
        return RateLimited(said, retry_after=1.0)
    if answer.status in (401, 402):
        return KeyRefused(said)
    return ServerFailed(said, status=answer.status) if answer.status >= 500 else Refused(said)


class ToyConnector(MinimalConnector):
    """Implements `Connector`."""

    def __init__(self, credentials: Credentials, channel: str, gate: Gate | None) -> None:
        headers = {"Client": credentials.client_id or "", "Key": credentials.secret}
        self._account = credentials.client_id
        self._channel = channel
        self._caller = Caller(
            credentials.base_url or "https://toy.example", headers, failure=_failure, gate=gate
        )

    async def account(self) -> KeyReport:
        await self._list()
        return KeyReport(account_id=self._account)

    async def page(self, cursor: str | None) -> FeedPage:
        told = await self._list()
        return FeedPage(
            messages=tuple(
                IncomingMessage(each["id"], _message(said), self._channel)
                for each in told
                for said in each["messages"]
            ),
            chats=tuple(IncomingChat(each["id"], self._channel, stars=each["stars"]) for each in told),
            cursor="read",
            complete=True,
        )

    async def send(
        self,
        chat_external_id: str,
        text: str,
        files: tuple[OutgoingFile, ...] = (),
        *,
        go_ahead: GoAhead | None = None,
    ) -> Receipt:
        body = {"to": chat_external_id, "said": {"text": text}}
        await self._caller.once("toy", "POST", "/answer", go_ahead=go_ahead, json=body)
        return Receipt()

    async def aclose(self) -> None:
        await self._caller.aclose()

    async def _list(self) -> list[dict[str, Any]]:
        answer = await self._caller.read("toy", "POST", "/list", json={})
        told: list[dict[str, Any]] = json.loads(answer.body or b"{}")["conversations"]
        return [each for each in told if each["channel"] == self._channel]


def _message(said: dict[str, Any]) -> Message:
    author = Author(said["author"])
    origin = Origin.BUYER if author is Author.BUYER else Origin.UNTOLD
    at = datetime.fromtimestamp(said["time"] / 1000, UTC)
    return Message(said["id"], author, origin, at, said["text"] or "")

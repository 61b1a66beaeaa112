"""What every channel of Yandex Market does in the same way; a channel adds how it is read and how it is answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from agentiq_core.connectors.base import Download, KeyReport
from agentiq_core.connectors.errors import Refused
from agentiq_core.connectors.listing import Source, Walk
from agentiq_core.connectors.yandex_market.line import YandexLine
from agentiq_core.domain.messages import FeedPage, IncomingChat, ProductCard
from agentiq_core.domain.outbox import Undelivered

_ID: Final = re.compile(r"-?[0-9]{1,19}")


class YandexConnector:
    """All of `Connector` but `send`, over a list of conversations and their histories."""

    def __init__(self, line: YandexLine, source: Source) -> None:
        self.line = line
        self._walk = Walk(source, line.memory, clock=line.clock)

    async def account(self) -> KeyReport:
        """The account behind the token, and its scopes."""
        return await self.line.account()

    async def page(self, cursor: str | None) -> FeedPage:
        """One step of the walk through the list and the histories of what changed."""
        return await self._walk.page(cursor)

    def since(self, moment: datetime) -> str | None:
        """A list of conversations has no place in time."""
        return None

    def rewind(self, cursor: str, by: timedelta) -> str:
        """A list is always read from its beginning."""
        return cursor

    async def chats(self) -> tuple[IncomingChat, ...]:
        """The feed itself describes all of them."""
        return ()

    async def download(self, download_id: str) -> Download:
        """A file by its link."""
        return await self.line.fetch(download_id)

    async def mark_read(self, chat_external_id: str, through: str) -> None:
        """Yandex Market has no such method."""

    async def dismiss(self, chat_external_id: str) -> None:
        """As far as a channel has such a method."""

    async def decline(self, chat_external_id: str) -> None:
        """Yandex Market has no such method."""

    async def products(self, external_ids: Sequence[str]) -> tuple[ProductCard, ...]:
        """The cards of these SKUs."""
        return await self.line.products(external_ids)

    async def aclose(self) -> None:
        """Close connections."""
        await self.line.aclose()


def number_of(external_id: str) -> int:
    """The id of a conversation as the API takes it. Raises Refused for what is none: it was never one of the Market's."""
    if _ID.fullmatch(external_id) is None:
        raise Refused("the conversation's id is not a number", reason=Undelivered.CHAT_GONE)
    return int(external_id)

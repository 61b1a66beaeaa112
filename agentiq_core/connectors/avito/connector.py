"""What both channels of Avito do in the same way; a channel adds how it is read and how it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from agentiq_core.connectors.avito.items import cards_of
from agentiq_core.connectors.avito.line import AvitoLine
from agentiq_core.connectors.base import Download, KeyReport
from agentiq_core.connectors.listing import WHOLE_EVERY, Source, Walk
from agentiq_core.domain.messages import FeedPage, IncomingChat, ProductCard


class AvitoConnector:
    """All of `Connector` but `send`, over a list of conversations and their histories."""

    def __init__(self, line: AvitoLine, source: Source, *, whole_every: timedelta = WHOLE_EVERY) -> None:
        self.line = line
        self._source = source
        self._walk = Walk(source, line.memory, clock=line.clock, whole_every=whole_every)

    async def account(self) -> KeyReport:
        """The account's id: one request, and one for a token."""
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
        """The first page of the list: the feed itself brings all of them."""
        page = await self._source.list_page(None, whole=True)
        return tuple(item.chat for item in page.items)

    async def download(self, download_id: str) -> Download:
        """A file by its link."""
        return await self.line.files.fetch(download_id)

    async def mark_read(self, chat_external_id: str, through: str) -> None:
        """As far as a channel has such a method."""

    async def dismiss(self, chat_external_id: str) -> None:
        """Avito has no such method."""

    async def decline(self, chat_external_id: str) -> None:
        """Avito has no such method."""

    async def products(self, external_ids: Sequence[str]) -> tuple[ProductCard, ...]:
        """What Avito tells of these listings."""
        return await cards_of(self.line, external_ids)

    async def aclose(self) -> None:
        """Close connections."""
        await self.line.aclose()

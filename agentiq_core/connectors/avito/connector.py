"""What both channels of Avito do in the same way; a channel adds how it is read and how it is answered."""

from __future__ import annotations

from collections.abc import Sequence

from agentiq_core.connectors.avito.items import cards_of
from agentiq_core.connectors.avito.line import AvitoLine
from agentiq_core.connectors.base import Download
from agentiq_core.connectors.connector import ListingConnector
from agentiq_core.domain.messages import IncomingChat, ProductCard


class AvitoConnector(ListingConnector[AvitoLine]):
    """All of `Connector` but `send`, over a list of conversations and their histories."""

    async def chats(self) -> tuple[IncomingChat, ...]:
        """The first page of the list: the feed itself brings all of them."""
        return await self.first_listed()

    async def download(self, download_id: str) -> Download:
        """A file by its link."""
        return await self.line.files.fetch(download_id)

    async def products(self, external_ids: Sequence[str]) -> tuple[ProductCard, ...]:
        """What Avito tells of these listings."""
        return await cards_of(self.line, external_ids)

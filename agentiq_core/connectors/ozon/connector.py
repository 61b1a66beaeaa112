"""What every channel of Ozon does in the same way; a channel adds how it is read and how it is answered."""

from __future__ import annotations

from collections.abc import Sequence

from agentiq_core.connectors.base import Download
from agentiq_core.connectors.connector import ListingConnector
from agentiq_core.connectors.ozon.line import OzonLine
from agentiq_core.domain.messages import IncomingChat, ProductCard


class OzonConnector(ListingConnector[OzonLine]):
    """All of `Connector` but `send`."""

    async def chats(self) -> tuple[IncomingChat, ...]:
        """The first page of the list: the feed itself brings all of them."""
        return await self.first_listed()

    async def download(self, download_id: str) -> Download:
        """A file by its link."""
        return await self.line.fetch(download_id)

    async def products(self, external_ids: Sequence[str]) -> tuple[ProductCard, ...]:
        """The cards of these SKUs."""
        return await self.line.products(external_ids)

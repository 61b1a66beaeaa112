"""What every channel of Yandex Market does in the same way; a channel adds how it is read and how it is answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agentiq_core.connectors.base import Download
from agentiq_core.connectors.connector import ListingConnector
from agentiq_core.connectors.errors import Refused
from agentiq_core.connectors.yandex_market.line import YandexLine
from agentiq_core.domain.messages import ProductCard
from agentiq_core.domain.outbox import Undelivered

_ID: Final = re.compile(r"-?[0-9]{1,19}")


class YandexConnector(ListingConnector[YandexLine]):
    """All of `Connector` but `send`."""

    async def download(self, download_id: str) -> Download:
        """A file by its link."""
        return await self.line.fetch(download_id)

    async def products(self, external_ids: Sequence[str]) -> tuple[ProductCard, ...]:
        """The cards of these SKUs."""
        return await self.line.products(external_ids)


def number_of(external_id: str) -> int:
    """The id of a conversation as the API takes it. Raises Refused for what is none: it was never one of the Market's."""
    if _ID.fullmatch(external_id) is None:
        raise Refused("the conversation's id is not a number", reason=Undelivered.CHAT_GONE)
    return int(external_id)

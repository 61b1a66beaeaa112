"""What a channel's connector begins with: the answers of one that can do nothing yet, and of one that reads a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from agentiq_core.connectors.base import Download, KeyReport, Memory
from agentiq_core.connectors.errors import Refused
from agentiq_core.connectors.listing import WHOLE_EVERY, Source, Walk
from agentiq_core.domain.messages import FeedPage, IncomingChat, ProductCard


class MinimalConnector:
    """The part of `Connector` that a marketplace may do without; `account`, `page` and `send` are each channel's own."""

    def since(self, moment: datetime) -> str | None:
        """A list has no place in time."""
        return None

    def rewind(self, cursor: str, by: timedelta) -> str:
        """A list is always read from its beginning, and compared with what is known."""
        return cursor

    async def chats(self) -> tuple[IncomingChat, ...]:
        """The feed tells everything."""
        return ()

    async def download(self, download_id: str) -> Download:
        """There is no method to fetch a file."""
        raise Refused("this channel has no downloads")

    async def mark_read(self, chat_external_id: str, through: str) -> None:
        """The channel has no such method."""

    async def dismiss(self, chat_external_id: str) -> None:
        """The channel has no such method."""

    async def decline(self, chat_external_id: str) -> None:
        """The channel has no such method."""

    async def products(self, external_ids: Sequence[str]) -> tuple[ProductCard, ...]:
        """There are no cards of goods."""
        return ()

    async def aclose(self) -> None:
        """Nothing is open."""


class Line(Protocol):
    """What the channels of a seller share, as far as a list is read through it."""

    memory: Memory
    clock: Callable[[], datetime]

    async def account(self) -> KeyReport:
        """As `Connector.account`."""
        ...

    async def aclose(self) -> None:
        """As `Connector.aclose`."""
        ...


LineT = TypeVar("LineT", bound=Line)


class ListingConnector(MinimalConnector, Generic[LineT]):
    """A channel read through a list of conversations and their histories (`listing.Walk`)."""

    def __init__(self, line: LineT, source: Source, *, whole_every: timedelta = WHOLE_EVERY) -> None:
        self.line = line
        self._source = source
        self._walk = Walk(source, line.memory, clock=line.clock, whole_every=whole_every)

    async def account(self) -> KeyReport:
        """What the marketplace tells of the key."""
        return await self.line.account()

    async def page(self, cursor: str | None) -> FeedPage:
        """One step of the walk through the list and the histories of what changed."""
        return await self._walk.page(cursor)

    async def first_listed(self) -> tuple[IncomingChat, ...]:
        """The first page of the list, for a marketplace whose list knows more than its histories."""
        page = await self._source.list_page(None, whole=True)
        return tuple(item.chat for item in page.items)

    async def aclose(self) -> None:
        """Close connections."""
        await self.line.aclose()

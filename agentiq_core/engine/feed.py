"""Reading ahead: pages of a feed while the ones before them are stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from agentiq_core.connectors.base import Connector
from agentiq_core.domain.messages import FeedPage

PREFETCH = 8
"""Pages read ahead of the database; the batch of one transaction is never larger."""


async def batches(
    connector: Connector,
    cursor: str | None,
    *,
    is_last: Callable[[FeedPage], bool],
    pages: int | None = None,
) -> AsyncGenerator[list[FeedPage]]:
    """Pages behind `cursor` in order, several at a time when the database is slower than the marketplace.

    Ends behind the page that `is_last`, or after so many `pages`. Raises what the connector raises, after the pages
    that were read before it.
    """
    read: asyncio.Queue[FeedPage | Exception | None] = asyncio.Queue(PREFETCH)
    reader = asyncio.create_task(_read_ahead(connector, cursor, read, is_last, pages))
    try:
        while True:
            items = [await read.get()]
            while not read.empty():
                items.append(read.get_nowait())
            batch = [item for item in items if isinstance(item, FeedPage)]
            if batch:
                yield batch
            for item in items:
                if isinstance(item, Exception):
                    raise item
                if item is None:
                    return
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)


async def _read_ahead(
    connector: Connector,
    cursor: str | None,
    read: asyncio.Queue[FeedPage | Exception | None],
    is_last: Callable[[FeedPage], bool],
    pages: int | None,
) -> None:
    asked = 0
    try:
        while pages is None or asked < pages:
            page = await connector.page(cursor)
            asked += 1
            await read.put(page)
            if is_last(page):
                break
            cursor = page.cursor or cursor
    except Exception as error:  # noqa: BLE001 - raised again where the pages are stored, after what came before it
        await read.put(error)
    else:
        await read.put(None)

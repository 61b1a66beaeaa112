"""Read a seller's feed to its end: each batch of pages and the cursor behind it are one transaction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.connectors.base import Connector
from agentiq_core.connectors.errors import KeyRefused, RateLimited
from agentiq_core.domain.errors import AgentIQError, StoreUnavailable, VaultLocked
from agentiq_core.domain.messages import FeedPage
from agentiq_core.domain.views import SellerState
from agentiq_core.engine.context import Engine
from agentiq_core.engine.reconcile import join_echoes
from agentiq_core.engine.standing import restate
from agentiq_core.store import messages as stored
from agentiq_core.store import outbox, sellers, sync
from agentiq_core.store.sync import ClaimedSync

log = logging.getLogger(__name__)

PREFETCH = 8
"""Pages read ahead of the database; the batch of one transaction is never larger."""
SLOW_HISTORY = timedelta(days=3)
"""How far back the first walk of a key begins that may ask once an hour."""
OVERLAP = timedelta(seconds=60)
"""How far each poll reads back: what is known already costs a comparison, what came late is not lost."""


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull brought. `trouble` is None when the feed was read to its end, else a code of `domain.errors`."""

    seller_id: int
    pages: int = 0
    read: int = 0
    new: int = 0
    unreadable: int = 0
    confirmed: int = 0
    oldest_at: datetime | None = None
    trouble: str | None = None
    detail: str = ""
    retry_after: float | None = None
    recovered: bool = False
    """The pull before this one failed, and replies waited for it."""


Progress = Callable[[PullReport], None]


async def pull(engine: Engine, seller_id: int, progress: Progress | None = None) -> PullReport | None:
    """One full pull of a seller; None when another worker is at it.

    An error of the marketplace is written to the seller's sync state and reported, not raised; what was read before it
    is kept. `StoreUnavailable` is raised: there is nowhere to write it.
    """
    async with engine.store.transaction() as session:
        claimed = await sync.claim(session, seller_id, engine.worker, lease_seconds(engine))
    return None if claimed is None else await pull_claimed(engine, claimed, progress)


async def pull_claimed(
    engine: Engine, claimed: ClaimedSync, progress: Progress | None = None
) -> PullReport | None:
    """The pull of a seller that this worker claimed; None when another worker took it over. Raises as `pull`."""
    walk = _Walk(engine, claimed, progress)
    trouble = await walk.run()
    try:
        if isinstance(trouble, LostLease):
            raise trouble
        if claimed.first and (trouble is None or walk.slow):
            # only a first walk leaves conversations underived, and it is one until this was done
            await _settle(engine, claimed.seller_id)
        return await _end(engine, claimed, walk.report, trouble, slow=walk.slow)
    except LostLease:
        log.warning("another worker took over seller %s", claimed.seller_id)
        return None


class LostLease(AgentIQError):
    """This worker was silent for too long and another one reads the feed now; its transaction is undone."""

    code = "lost_lease"


class _Walk:
    """One reading of a feed from its cursor to its end."""

    def __init__(self, engine: Engine, claimed: ClaimedSync, progress: Progress | None) -> None:
        self.report = PullReport(claimed.seller_id)
        self.slow = False
        self._engine = engine
        self._claimed = claimed
        self._progress = progress

    async def run(self) -> Exception | None:
        """Read and store; what stopped it, if anything did. `StoreUnavailable` is raised."""
        try:
            line = await self._engine.lines.to(self._claimed.seller_id, self._claimed.key_of)
            self.slow = line.report.slow
            if self._claimed.first and self._claimed.cursor is None and not self.slow:
                await _describe_chats(self._engine, self._claimed.seller_id, line.pulling)
            async with aclosing(_batches(line.pulling, self._start(line.pulling))) as batches:
                async for batch in batches:
                    if all(page.is_empty for page in batch):
                        self.report = replace(self.report, pages=self.report.pages + len(batch))
                    else:
                        await self._store(batch)
                    if self._progress is not None:
                        self._progress(self.report)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, this seller backs off and says so, and the others go on
            return error
        return None

    def _start(self, connector: Connector) -> str | None:
        """A little before the cursor, because an event may be told later than its own time says."""
        claimed = self._claimed
        if claimed.cursor is None:
            # one page an hour would not reach the present in weeks
            return connector.since(self._engine.clock() - SLOW_HISTORY) if self.slow else None
        if claimed.first or self.slow:
            # an hour's only page has no room for what was read already
            return claimed.cursor
        late = OVERLAP if claimed.echo_age is None else OVERLAP + timedelta(seconds=claimed.echo_age)
        return connector.rewind(claimed.cursor, late)

    async def _store(self, batch: Sequence[FeedPage]) -> None:
        """The messages of a batch and the cursor behind it, or neither."""
        seller_id = self._claimed.seller_id
        incoming = [message for page in batch for message in page.messages]
        described = [chat for page in batch for chat in page.chats]
        unreadable = [item for page in batch for item in page.unreadable]
        oldest = min((item.message.sent_at for item in incoming), default=None)
        new = confirmed = 0
        async with self._engine.store.transaction() as session:
            if incoming or described:
                names = await stored.store_chats(session, seller_id, [*described, *incoming])
                await stored.lock_chats(session, seller_id, names.values())
                new, touched = await stored.store_messages(session, seller_id, names, incoming)
                confirmed = await self._count_in(session, sorted(touched))
            await sync.quarantine(session, seller_id, unreadable)
            held = await sync.advance(
                session,
                seller_id,
                self._engine.worker,
                cursor=next((page.cursor for page in reversed(batch) if page.cursor is not None), None),
                pages=sum(1 for page in batch if page.messages or page.unreadable),
                messages=new,
                oldest=oldest,
                lease=lease_seconds(self._engine),
            )
            if not held:
                raise LostLease(f"another worker reads seller {seller_id}")
        report = self.report
        self.report = replace(
            report,
            pages=report.pages + len(batch),
            read=report.read + len(incoming),
            new=report.new + new,
            unreadable=report.unreadable + len(unreadable),
            confirmed=report.confirmed + confirmed,
            oldest_at=min(filter(None, (report.oldest_at, oldest)), default=None),
        )

    async def _count_in(self, session: AsyncSession, touched: list[int]) -> int:
        """Derive the conversations that got messages; how many replies were confirmed by them.

        A first walk reads years in order: an old question looks unanswered until its answer is read, so conversations
        are derived when the walk is over, each once.
        """
        if not touched:
            return 0
        seller_id = self._claimed.seller_id
        if self._claimed.first:
            await stored.mark_stale(session, seller_id, touched)
            return 0
        confirmed = await join_echoes(session, seller_id, touched)
        await restate(session, seller_id, touched, self._engine.clock())
        return confirmed


async def _batches(connector: Connector, cursor: str | None) -> AsyncGenerator[list[FeedPage]]:
    """Pages in order, several at a time when the database is slower than the marketplace."""
    pages: asyncio.Queue[FeedPage | Exception] = asyncio.Queue(PREFETCH)
    reader = asyncio.create_task(_read_ahead(connector, cursor, pages))
    try:
        ended = False
        while not ended:
            items = [await pages.get()]
            while not pages.empty():
                items.append(pages.get_nowait())
            batch = [item for item in items if isinstance(item, FeedPage)]
            if batch:
                yield batch
            for item in items:
                if isinstance(item, Exception):
                    raise item
                ended = ended or item.complete
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)


async def _read_ahead(
    connector: Connector, cursor: str | None, pages: asyncio.Queue[FeedPage | Exception]
) -> None:
    try:
        while True:
            page = await connector.page(cursor)
            await pages.put(page)
            if page.complete:
                return
            cursor = page.cursor or cursor
    except Exception as error:  # noqa: BLE001 - raised again where the pages are stored, after what came before it
        await pages.put(error)


async def _describe_chats(engine: Engine, seller_id: int, connector: Connector) -> None:
    chats = await connector.chats()
    if chats:
        async with engine.store.transaction() as session:
            await stored.store_chats(session, seller_id, chats)


async def _settle(engine: Engine, seller_id: int) -> None:
    """Derive the conversations of a first walk, some at a time."""
    while True:
        async with engine.store.transaction() as session:
            stale = await stored.stale_chats(session, seller_id)
            if not stale:
                return
            locked = await stored.lock_chats(session, seller_id, stale)
            await join_echoes(session, seller_id, locked)
            await restate(session, seller_id, locked, engine.clock())


async def _end(
    engine: Engine, claimed: ClaimedSync, report: PullReport, trouble: Exception | None, *, slow: bool
) -> PullReport:
    """Write how the walk ended and when the seller is due again."""
    seller_id = claimed.seller_id
    match trouble:
        case None:
            await _complete(engine, seller_id, claimed.started_at)
            return replace(report, recovered=claimed.failures > 0)
        case RateLimited():
            async with engine.store.transaction() as session:
                delay = trouble.retry_after or engine.settings.poll_seconds
                # the hour's only page is the whole pull: asking whether there is another would cost the next hour
                complete = slow and report.pages > 0
                await sync.postpone(session, seller_id, engine.worker, delay, complete=complete)
            return replace(report, trouble=trouble.code, detail=str(trouble), retry_after=trouble.retry_after)
        case VaultLocked():
            # the seller is well: another machine of the team has the key
            async with engine.store.transaction() as session:
                await sync.postpone(session, seller_id, engine.worker, engine.settings.poll_seconds)
            return replace(report, trouble=trouble.code, detail=str(trouble))
        case KeyRefused():
            code, detail = trouble.code, trouble.detail or str(trouble)
        case AgentIQError():
            code, detail = trouble.code, str(trouble)
        case _:
            code, detail = AgentIQError.code, type(trouble).__name__
    async with engine.store.transaction() as session:
        await sync.fail(session, seller_id, engine.worker, trouble=code, detail=detail)
        if isinstance(trouble, KeyRefused):
            await sellers.set_state(session, seller_id, SellerState.STOPPED, code, detail)
    unforeseen = None if isinstance(trouble, AgentIQError) else trouble
    log.warning("pulling seller %s failed: %s", seller_id, trouble, exc_info=unforeseen)
    return replace(report, trouble=code, detail=detail)


async def _complete(engine: Engine, seller_id: int, started_at: datetime) -> None:
    """The feed was read to its end: settle what waited for that, and come back later."""
    async with engine.store.transaction() as session:
        waiting = await outbox.chats_awaiting_echo(session, seller_id)
        if waiting:
            locked = await stored.lock_chats(session, seller_id, waiting)
            if await join_echoes(session, seller_id, locked):
                await restate(session, seller_id, locked, engine.clock())
            await outbox.count_poll(session, seller_id, started_at)
        held = await sync.release(
            session,
            seller_id,
            engine.worker,
            poll=engine.settings.poll_seconds,
            soon=engine.settings.open_chat_poll_seconds,
        )
        if not held:
            raise LostLease(f"another worker reads seller {seller_id}")


def lease_seconds(engine: Engine) -> float:
    """How long a feed is claimed for; each stored batch begins it anew."""
    # a page may wait for the budget and be repeated twice before it counts as silence
    return max(engine.settings.lease_seconds * 4, 60.0)

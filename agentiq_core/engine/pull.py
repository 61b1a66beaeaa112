"""Read a seller's feed to its end: each batch of pages and the cursor behind it are one transaction.

A long history is read in stretches behind the newest days: conversations of today can be answered while the years
before them are still on their way (docs/delivery.md, pulling).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.connectors.base import Connector
from agentiq_core.connectors.errors import ChannelClosed, KeyRefused, RateLimited
from agentiq_core.connectors.registry import capabilities
from agentiq_core.domain.errors import AgentIQError, StoreUnavailable, VaultLocked
from agentiq_core.domain.messages import Channel, FeedPage
from agentiq_core.domain.unforeseen import kind_and_place
from agentiq_core.domain.views import FeedRef, SellerState
from agentiq_core.engine.context import Engine
from agentiq_core.engine.errands import run_errands
from agentiq_core.engine.feed import batches
from agentiq_core.engine.goods import fetch_cards
from agentiq_core.engine.ingest import ingest
from agentiq_core.engine.lease import LostLease, kept
from agentiq_core.engine.lines import Line
from agentiq_core.engine.reconcile import join_echoes
from agentiq_core.engine.standing import restate
from agentiq_core.store import echoes, quarantine, sellers, sync
from agentiq_core.store import messages as stored
from agentiq_core.store.sync import ClaimedSync, Step

log = logging.getLogger(__name__)

RECENT = timedelta(days=10)
"""What a first sync reads first: a buyer's question should be answered within ten days (WB API, buyer chat)."""
SLOW_HISTORY = timedelta(days=3)
"""How far back the first walk of a key begins that may ask once an hour."""
_ANOTHER_DAY = 6 * 3600.0
"""Until a channel that the account has no right to is tried again: subscriptions are bought in between."""
UNHURRIED = 10
"""Polls of chats for one of reviews, questions or claims: these are answered within hours, not minutes."""
OVERLAP = timedelta(seconds=60)
"""How far each poll reads back: what is known already costs a comparison, what came late is not lost."""


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull brought. `trouble` is None when the feed was read to its end, else a code of `domain.errors`."""

    seller_id: int
    channel: str = Channel.CHAT
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
    unfinished: bool = False
    """The turn was over before everything was read: another one may begin at once."""
    begins_at: datetime | None = None
    read_from: datetime | None = None
    """While older messages are still to be read: when the oldest was sent, and from when on everything is stored."""


Progress = Callable[[PullReport], None]


async def pull(
    engine: Engine,
    seller_id: int,
    progress: Progress | None = None,
    *,
    channel: str = Channel.CHAT,
    turn: int | None = None,
) -> PullReport | None:
    """Pull a channel of a seller to the end of its feed and its history; None when another worker is at it.

    With `turn`, at most so many pages: one with a long history does not starve the others. An error of the marketplace
    is written to the seller's sync state and reported, not raised; what was read before it is kept. `StoreUnavailable`
    is raised: there is nowhere to write it.
    """
    async with engine.store.transaction() as session:
        claimed = await sync.claim(
            session, FeedRef(seller_id, channel), engine.worker, engine.settings.lease_seconds
        )
    return None if claimed is None else await pull_claimed(engine, claimed, progress, turn=turn)


async def pull_claimed(
    engine: Engine, claimed: ClaimedSync, progress: Progress | None = None, *, turn: int | None = None
) -> PullReport | None:
    """The pull of a feed that this worker claimed; None when another worker took it over. Raises as `pull`."""

    async def renew(session: AsyncSession) -> None:
        await sync.renew(session, claimed.feed, engine.worker, engine.settings.lease_seconds)

    walk = _Walk(engine, claimed, progress, turn)
    try:
        async with kept(engine, renew):
            trouble = await walk.run()
            if isinstance(trouble, LostLease):
                raise trouble
            if claimed.first and walk.slow:
                await _settle(engine, claimed.feed)
        return await _end(engine, claimed, walk, trouble)
    except LostLease:
        log.warning("another worker took over seller %s", claimed.seller_id)
        return None


class _Walk:
    """One reading of a feed: from its cursor to its end, then back through older stretches."""

    def __init__(
        self, engine: Engine, claimed: ClaimedSync, progress: Progress | None, turn: int | None
    ) -> None:
        self.report = PullReport(*claimed.feed, begins_at=claimed.begins_at, read_from=claimed.read_from)
        self.slow = False
        self.polled = False
        """Whether the feed was read to its end; what is older may still be missing."""
        self._engine = engine
        self._claimed = claimed
        self._progress = progress
        self.ahead: float | None = None
        """The lead of the marketplace's clock, as it was told last."""
        self._pages_left = turn
        self._able = capabilities("", claimed.feed.channel)

    async def run(self) -> Exception | None:
        """Read and store; what stopped it, if anything did. `StoreUnavailable` is raised."""
        try:
            line = await self._engine.lines.to(self._claimed.seller_id, self._claimed.key_of)
            self.slow = line.report.slow
            self._able = line.marketplace.capabilities(self._claimed.feed.channel)
            if not line.report.opens(self._claimed.feed.channel):
                raise ChannelClosed("the key does not open this channel")
            connector = line.pulling(self._claimed.feed.channel)
            self.polled = await self._read(connector, await self._start(connector))
            if self.polled:
                if self._claimed.first:
                    await _settle(self._engine, self._claimed.feed)
                await self._read_back(connector)
                await self._beside(line)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, this seller backs off and says so, and the others go on
            return error
        return None

    async def _beside(self, line: Line) -> None:
        """What is done behind a poll: telling what was read or declined, and cards of goods."""
        if self._able.can_mark_read or self._able.can_dismiss or self._able.can_decline:
            await run_errands(self._engine, line, self._claimed.feed)
        if self.report.new and not self.slow:
            await fetch_cards(self._engine, line, self._claimed.feed)

    async def _start(self, connector: Connector) -> str | None:
        """Where to begin: a little before the cursor, because an event may be told later than its own time says."""
        claimed = self._claimed
        if claimed.cursor is None:
            if not claimed.first:
                return None
            if self.slow:
                # one page an hour would not reach the present in weeks
                return connector.since(self._engine.clock() - SLOW_HISTORY)
            if not self._able.whole_conversations:
                await _describe_chats(self._engine, claimed.seller_id, connector)
            return await self._newest_first(connector)
        if claimed.first or self.slow:
            # an hour's only page has no room for what was read already
            return claimed.cursor
        late = OVERLAP if claimed.echo_age is None else OVERLAP + timedelta(seconds=claimed.echo_age)
        return connector.rewind(claimed.cursor, late)

    async def _newest_first(self, connector: Connector) -> str | None:
        """Look how far back the feed reaches; of a long one the newest days are read first."""
        recent = self._engine.clock() - RECENT
        cursor = connector.since(recent)
        if cursor is None:
            return None
        first_page = await connector.page(None)
        oldest = min((item.message.sent_at for item in first_page.messages), default=recent)
        if oldest >= recent:
            await self._store([first_page], back=False)
            return first_page.cursor
        async with self._engine.store.transaction() as session:
            held = await sync.begin_at(
                session, self._claimed.feed, self._engine.worker, cursor, recent, oldest
            )
        _hold(held, self._claimed.seller_id)
        self.report = replace(self.report, begins_at=oldest, read_from=recent)
        return cursor

    async def _read_back(self, connector: Connector) -> None:
        """The stretches before what is known, the newest first, each twice as long as all behind it."""
        engine, feed = self._engine, self._claimed.feed
        while self.report.read_from is not None:
            if self._pages_left == 0:
                self.report = replace(self.report, unfinished=True)
                return
            async with engine.store.transaction() as session:
                window = await sync.open_window(session, feed, engine.worker, engine.clock(), RECENT)
            if window is None:
                raise LostLease(f"another worker reads seller {feed.seller_id}")
            cursor = window.cursor or connector.since(window.begins)
            if not await self._read(connector, cursor, until=window.ends):
                return
            await _settle(engine, feed)
            async with engine.store.transaction() as session:
                read_from = await sync.close_window(session, feed, engine.worker)
            self.report = replace(self.report, read_from=read_from)

    async def _read(self, connector: Connector, cursor: str | None, until: datetime | None = None) -> bool:
        """Read and store to the end of the feed, or to what was sent at `until`; False when the turn was over before."""

        def is_last(page: FeedPage) -> bool:
            return page.complete or (
                until is not None and any(item.message.sent_at >= until for item in page.messages)
            )

        ended = False
        async with aclosing(batches(connector, cursor, is_last=is_last, pages=self._pages_left)) as found:
            async for batch in found:
                if all(page.is_empty for page in batch):
                    self.report = replace(self.report, pages=self.report.pages + len(batch))
                else:
                    await self._store(batch, back=until is not None)
                self.ahead = _ahead(batch, self.ahead)
                ended = is_last(batch[-1])
                if self._pages_left is not None:
                    self._pages_left -= len(batch)
                if self._progress is not None:
                    self._progress(self.report)
        if not ended:
            self.report = replace(self.report, unfinished=True)
        return ended

    async def _store(self, batch: Sequence[FeedPage], *, back: bool) -> None:
        """The messages of a batch and the cursor behind it, or neither."""
        seller_id = self._claimed.seller_id
        incoming = [message for page in batch for message in page.messages]
        described = [chat for page in batch for chat in page.chats]
        unreadable = [item for page in batch for item in page.unreadable]
        times = [item.message.sent_at for item in incoming]
        oldest = min(times, default=None)
        later = (self._claimed.first or back) and not self._able.whole_conversations
        marks = [mark for page in batch for mark in page.marks]
        async with self._engine.store.transaction() as session:
            ingested = await ingest(
                session,
                seller_id,
                incoming,
                described,
                later=later,
                now=self._engine.clock(),
                revised=self._able.messages_change,
            )
            await stored.mark_chats(session, self._claimed.feed, marks)
            await quarantine.keep(session, seller_id, unreadable)
            step = Step(
                cursor=next((page.cursor for page in reversed(batch) if page.cursor is not None), None),
                pages=sum(1 for page in batch if page.messages or page.unreadable),
                messages=ingested.new,
                oldest=oldest,
                newest=max(times, default=None),
                ahead=_ahead(batch),
                back=back,
            )
            lease = self._engine.settings.lease_seconds
            _hold(
                await sync.advance(session, self._claimed.feed, self._engine.worker, step, lease=lease),
                seller_id,
            )
        report = self.report
        self.report = replace(
            report,
            pages=report.pages + len(batch),
            read=report.read + len(incoming),
            new=report.new + ingested.new,
            unreadable=report.unreadable + len(unreadable),
            confirmed=report.confirmed + ingested.confirmed,
            oldest_at=min(filter(None, (report.oldest_at, oldest)), default=None),
        )


def _ahead(batch: Sequence[FeedPage], known: float | None = None) -> float | None:
    return next((page.ahead for page in reversed(batch) if page.ahead is not None), known)


def _hold(held: bool, seller_id: int) -> None:
    """Raises `LostLease`, which undoes the transaction it is raised in."""
    if not held:
        raise LostLease(f"another worker reads seller {seller_id}")


async def _describe_chats(engine: Engine, seller_id: int, connector: Connector) -> None:
    chats = await connector.chats()
    if chats:
        async with engine.store.transaction() as session:
            await stored.store_chats(session, seller_id, chats)


async def _settle(engine: Engine, feed: FeedRef) -> None:
    """Derive the conversations of a walk that is over, some at a time."""
    while True:
        async with engine.store.transaction() as session:
            stale = await stored.stale_chats(session, feed)
            if not stale:
                return
            locked = await stored.lock_chats(session, feed.seller_id, stale)
            await join_echoes(session, feed.seller_id, locked)
            await restate(session, feed.seller_id, locked, engine.clock())


async def _end(engine: Engine, claimed: ClaimedSync, walk: _Walk, trouble: Exception | None) -> PullReport:
    """Write how the walk ended and when the seller is due again."""
    seller_id, report = claimed.seller_id, walk.report
    if trouble is not None:
        report = replace(report, **_said(trouble))
        why = trouble if isinstance(trouble, AgentIQError) else kind_and_place(trouble)
        log.warning("pulling seller %s ended early: %s", seller_id, why)
    if walk.polled and (trouble is None or _only_the_history(trouble)):
        await _complete(engine, claimed, walk)
        return replace(report, recovered=claimed.failures > 0)
    async with engine.store.transaction() as session:
        match trouble:
            case None:
                await sync.postpone(session, claimed.feed, engine.worker, 0.0)
            case RateLimited():
                delay = trouble.retry_after or engine.settings.poll_seconds
                # the hour's only page is the whole pull: asking whether there is another would cost the next hour
                complete = walk.slow and report.pages > 0
                await sync.postpone(session, claimed.feed, engine.worker, delay, complete=complete)
            case VaultLocked():
                # the seller is well: another machine of the team has the key
                await sync.postpone(session, claimed.feed, engine.worker, engine.settings.poll_seconds)
            case _:
                code, detail = report.trouble or AgentIQError.code, report.detail
                pause = _ANOTHER_DAY if isinstance(trouble, ChannelClosed) else None
                await sync.fail(
                    session, claimed.feed, engine.worker, trouble=code, detail=detail, delay=pause
                )
                if isinstance(trouble, KeyRefused):
                    await sellers.set_state(session, seller_id, SellerState.STOPPED, code, detail)
    return report


def _said(trouble: Exception) -> dict[str, Any]:
    """What a report tells of an error."""
    if not isinstance(trouble, AgentIQError):
        return {"trouble": AgentIQError.code, "detail": type(trouble).__name__}
    detail = (isinstance(trouble, KeyRefused | ChannelClosed) and trouble.detail) or str(trouble)
    retry_after = trouble.retry_after if isinstance(trouble, RateLimited) else None
    return {"trouble": trouble.code, "detail": detail, "retry_after": retry_after}


def _only_the_history(trouble: Exception) -> bool:
    """Whether news were read whole, so that replies need not wait and the seller is not in trouble."""
    return not isinstance(trouble, KeyRefused | VaultLocked)


async def _complete(engine: Engine, claimed: ClaimedSync, walk: _Walk) -> None:
    """The feed was read to its end: settle what waited for that, and come back later, or at once for the history."""
    seller_id = claimed.seller_id
    async with engine.store.transaction() as session:
        waiting = await echoes.chats_awaiting_echo(session, claimed.feed)
        if waiting:
            locked = await stored.lock_chats(session, seller_id, waiting)
            if await join_echoes(session, seller_id, locked):
                await restate(session, seller_id, locked, engine.clock())
            await echoes.count_poll(session, claimed.feed, claimed.started_at)
        held = await sync.release(
            session,
            claimed.feed,
            engine.worker,
            poll=engine.settings.poll_seconds * (1 if claimed.feed.channel == Channel.CHAT else UNHURRIED),
            soon=engine.settings.open_chat_poll_seconds,
            more=walk.report.unfinished,
            ahead=walk.ahead,
        )
        _hold(held, seller_id)

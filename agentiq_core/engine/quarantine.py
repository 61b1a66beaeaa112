"""What could not be read, read again: a newer version knows more than the one that kept it."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.messages import IncomingMessage, Unreadable
from agentiq_core.domain.unforeseen import kind_and_place
from agentiq_core.domain.views import FeedRef, QuarantinedItem, QuarantinePage, ReplayReport
from agentiq_core.engine.context import Engine
from agentiq_core.engine.ingest import ingest
from agentiq_core.guardrails.redaction import redacted
from agentiq_core.store import quarantine, sellers, sync
from agentiq_core.store.messages import name_of
from agentiq_core.store.quarantine import KeptItem

log = logging.getLogger(__name__)

PAGE = 50
"""Items that one step of a replay of everything looks at."""


async def waiting(
    engine: Engine, seller_id: int | None = None, before: int | None = None, limit: int = PAGE
) -> QuarantinePage:
    """What could not be read, newest first, older than `before`; of one seller, or of all. Raises `NotFound`."""
    async with engine.store.transaction() as session:
        if seller_id is not None:
            await sellers.get(session, seller_id)
        return await quarantine.page(session, seller_id, before, limit)


async def look_into(engine: Engine, item_id: int) -> QuarantinedItem:
    """One item with what was kept of it, phones and secrets masked. Raises `NotFound`."""
    async with engine.store.transaction() as session:
        item = await quarantine.item(session, item_id)
    # morphology looks for numbers in words: off the event loop
    return replace(item, raw=await asyncio.to_thread(redacted, item.raw or ""))


async def replay(engine: Engine, ids: Sequence[int]) -> ReplayReport:
    """Read these items again; their messages and the word that they were read are one transaction a conversation.

    What is settled, or read by somebody else meanwhile, is passed over. Raises `NotFound`, `Forbidden` for a viewer.
    """
    async with engine.store.transaction() as session:
        kept = await quarantine.kept(session, ids)
    engine.access.only_writers()
    report = ReplayReport()
    readable: defaultdict[tuple[object, ...], list[_Reread]] = defaultdict(list)
    for item in kept:
        if item.settled:
            continue
        outcome = _reread(engine, item)
        if isinstance(outcome, Unreadable):
            report += await _stays(engine, item, outcome.reason)
        else:
            # what touches one conversation waits in no ring with a pull that holds several
            chats = tuple(sorted({name_of(message) for message in outcome}))
            readable[item.seller_id, *chats].append(_Reread(item, outcome))
    for items in readable.values():
        report += await _land(engine, items)
    return report


async def replay_all(engine: Engine, seller_id: int | None = None) -> AsyncGenerator[ReplayReport]:
    """Read again everything that waits, of one seller or of all: what became of it so far, after each page.

    Raises what `waiting` and `replay` raise.
    """
    report, before = ReplayReport(), None
    while True:
        page = await waiting(engine, seller_id, before)
        report += await replay(engine, [item.id for item in page.items])
        yield report
        before = page.before
        if before is None:
            return


async def dismiss(engine: Engine, ids: Sequence[int]) -> int:
    """A person has looked at these: they stay, and are no longer counted. How many were counted until now.

    Raises `NotFound`, `Forbidden` for a viewer.
    """
    async with engine.store.transaction() as session:
        engine.access.only_writers()
        return await quarantine.dismiss(session, ids)


@dataclass(frozen=True, slots=True)
class _Reread:
    """An item with what it turned out to say."""

    item: KeptItem
    messages: tuple[IncomingMessage, ...]


def _reread(engine: Engine, item: KeptItem) -> tuple[IncomingMessage, ...] | Unreadable:
    marketplace = engine.lines.marketplaces.get(item.marketplace)
    if marketplace is None:
        return replace(item.unreadable, reason=f"no connector for {item.marketplace}")
    try:
        return marketplace.reread(item.unreadable)
    except Exception as error:  # noqa: BLE001 - whatever it was, the item stays; a traceback might hold a buyer's words
        kind = type(error).__name__
        log.warning("item %s of the quarantine broke its connector: %s", item.id, kind_and_place(error))
        return replace(item.unreadable, reason=f"cannot be read: {kind}")


async def _land(engine: Engine, items: Sequence[_Reread]) -> ReplayReport:
    """Store what the items of one conversation say; where the database takes them not all, each by itself."""
    try:
        return await _store(engine, items)
    except AgentIQError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        if len(items) > 1:
            report = ReplayReport()
            for item in items:
                report += await _land(engine, [item])
            return report
        [alone] = items
        kind = type(error).__name__
        log.warning("item %s of the quarantine cannot be stored: %s", alone.item.id, kind_and_place(error))
        return await _stays(engine, alone.item, f"cannot be stored: {kind}")


async def _store(engine: Engine, items: Sequence[_Reread]) -> ReplayReport:
    seller_id = items[0].item.seller_id
    async with engine.store.transaction() as session:
        held = await quarantine.hold(session, seller_id, [one.item.id for one in items])
        messages = [message for one in items if one.item.id in held for message in one.messages]
        first = await sync.first_walk(session, FeedRef(seller_id, items[0].item.unreadable.channel))
        ingested = await ingest(session, seller_id, messages, later=first, now=engine.clock())
        # last, with the conversation held: a pull that keeps the same item may wait for this row
        await quarantine.mark_replayed(session, seller_id, sorted(held))
    return ReplayReport(tried=len(held), replayed=len(held), new=ingested.new, confirmed=ingested.confirmed)


async def _stays(engine: Engine, item: KeptItem, reason: str) -> ReplayReport:
    async with engine.store.transaction() as session:
        await quarantine.still_unreadable(session, item.seller_id, item.id, reason)
    return ReplayReport(tried=1, unreadable=1)

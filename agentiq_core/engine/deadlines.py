"""Changing what deadlines are counted by, and counting those of open conversations anew: some at a time, never in a pull."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nsmallest

from agentiq_core.domain.errors import NoWorkingHours, Rejected
from agentiq_core.engine.context import Engine
from agentiq_core.engine.jobs import Dispatch
from agentiq_core.engine.sellers import rule_row
from agentiq_core.engine.standing import restate, seller_rules, standings_by, terms_of
from agentiq_core.sla.calendar import Calendar, after, holidays_of
from agentiq_core.sla.deadline import Terms
from agentiq_core.sla.rules import SlaRule, check_phrases, matches_everything
from agentiq_core.store import calendars, sellers
from agentiq_core.store import messages as stored
from agentiq_core.store.standings import ChatReading, read_chats

BATCH = 200
NEAREST = 10
MOST_OWN_DAYS = 366
_AGAIN_AFTER = 60.0
"""Seconds until a worker counts once more: what whoever made the change did not get to, and what a pull that had read the
former rules stored meanwhile."""


@dataclass(frozen=True, slots=True)
class MovedDeadline:
    """An open conversation that other terms give another deadline."""

    chat_id: int
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Effect:
    """What other terms would change: how many conversations are open, how many move, the nearest of those, and how many
    of them become urgent earlier than now."""

    open: int
    moved: int
    nearest: tuple[MovedDeadline, ...]
    earlier: int = 0


async def terms(engine: Engine, seller_id: int) -> Terms:
    """What a seller's deadlines are counted by. Raises `NotFound`."""
    async with engine.store.transaction() as session:
        return await terms_of(session, await sellers.get(session, seller_id))


async def effect(engine: Engine, seller_id: int, instead: Terms) -> Effect:
    """What these terms would change; nothing is changed. Raises `NotFound`, what `check` raises."""
    now = engine.clock()
    await asyncio.to_thread(check, instead, now)
    async with engine.store.transaction() as session:
        seller = await sellers.get(session, seller_id)
        current = await terms_of(session, seller)
    found = Effect(0, 0, ())
    async for readings in _open_readings(engine, seller_id):
        found = await asyncio.to_thread(_compared, found, readings, current, instead, seller.marketplace, now)
    return found


async def set_calendar(engine: Engine, dispatch: Dispatch, seller_id: int, calendar: Calendar | None) -> int:
    """Count a seller's deadlines by this calendar from now on, by none with None; how many were counted anew.

    Raises `NotFound`, `Forbidden` unless an admin asks, what `check` raises.
    """
    engine.access.only_admins()
    current = await terms(engine, seller_id)
    await asyncio.to_thread(check, Terms(current.rules, current.timezone, calendar), engine.clock())
    async with engine.store.transaction() as session:
        if calendar is None:
            await calendars.drop(session, seller_id)
        else:
            await calendars.put(session, seller_id, calendar)
        await dispatch.recount(seller_id, after=_AGAIN_AFTER, session=session)
    return await recount(engine, seller_id)


async def set_rules(engine: Engine, dispatch: Dispatch, seller_id: int, rules: Sequence[SlaRule]) -> int:
    """Give a seller these rules; how many conversations were counted anew.

    Raises `NotFound`, `Forbidden` unless an admin asks, what `check` raises.
    """
    engine.access.only_admins()
    current = await terms(engine, seller_id)
    await asyncio.to_thread(check, Terms(tuple(rules), current.timezone, current.calendar), engine.clock())
    async with engine.store.transaction() as session:
        known = {rule.position: rule for rule in await seller_rules(session, seller_id)}
        wanted = {rule.position: rule for rule in rules}
        fresh = [rule for position, rule in wanted.items() if known.get(position) != rule]
        gone = [position for position, rule in known.items() if wanted.get(position) != rule]
        session.expunge_all()
        await sellers.change_rules(session, seller_id, gone, [rule_row(rule) for rule in fresh])
        await dispatch.recount(seller_id, after=_AGAIN_AFTER, session=session)
    return await recount(engine, seller_id)


def check(instead: Terms, now: datetime) -> None:
    """Raises `Rejected` for rules that leave a message out, `Misconfigured` for a phrase that is none, `NoWorkingHours` or
    `Misconfigured` for a calendar that cannot be counted by."""
    if not any(matches_everything(rule) for rule in instead.rules):
        raise Rejected("one rule must match everything: without it a message would have no deadline")
    if len({rule.position for rule in instead.rules}) < len(instead.rules):
        raise Rejected("two rules cannot have one position")
    for rule in instead.rules:
        check_phrases(rule.phrases)
    calendar = instead.calendar
    if calendar is None:
        return
    if not calendar.has_hours:
        raise NoWorkingHours("the calendar has no working hours")
    if len(calendar.days) > MOST_OWN_DAYS:
        raise Rejected(f"a calendar has at most {MOST_OWN_DAYS} own days", most=MOST_OWN_DAYS)
    if calendar.holidays is not None:
        holidays_of(calendar.holidays, now.year)
    after(calendar, now, timedelta(minutes=max(rule.minutes for rule in instead.rules)))


async def recount(engine: Engine, seller_id: int) -> int:
    """Count the deadlines of a seller's open conversations anew, from their original moments; how many there were.

    A breach that was noted stays noted, once an episode.
    """
    counted, last = 0, 0
    while True:
        async with engine.store.transaction() as session:
            ids = await calendars.open_chats(session, seller_id, last, BATCH)
            if not ids:
                return counted
            locked = await stored.lock_chats(session, seller_id, ids)
            await restate(session, seller_id, locked, engine.clock())
        counted, last = counted + len(ids), ids[-1]


async def _open_readings(engine: Engine, seller_id: int) -> AsyncIterator[list[ChatReading]]:
    last = 0
    while True:
        async with engine.store.transaction() as session:
            ids = await calendars.open_chats(session, seller_id, last, BATCH)
            readings = await read_chats(session, seller_id, ids) if ids else []
        if not ids:
            return
        yield readings
        last = ids[-1]


def _compared(
    so_far: Effect,
    readings: Sequence[ChatReading],
    current: Terms,
    instead: Terms,
    marketplace: str,
    now: datetime,
) -> Effect:
    before, behind = (standings_by(one, readings, marketplace, now) for one in (current, instead))
    moved = [
        MovedDeadline(old.reading.chat_id, old.due_at, new.due_at)
        for old, new in zip(before, behind, strict=True)
        if old.due_at is not None and new.due_at is not None and old.due_at != new.due_at
    ]
    nearest = nsmallest(NEAREST, (*so_far.nearest, *moved), key=lambda one: (one.after, one.chat_id))
    earlier = so_far.earlier + sum(one.after < one.before for one in moved)
    return Effect(so_far.open + len(readings), so_far.moved + len(moved), tuple(nearest), earlier)

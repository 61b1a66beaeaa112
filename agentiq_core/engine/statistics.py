"""Figures of service: counted by a tick as answers are delivered, told by days (docs/statistics.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from agentiq_core.connectors.registry import shares
from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.learning import Outcome
from agentiq_core.domain.statistics import By, Statistics
from agentiq_core.engine.context import Engine
from agentiq_core.engine.figures import Counted, told
from agentiq_core.engine.learning import keep_examples
from agentiq_core.sla.calendar import ALWAYS, Calendar, working_time, zone_named
from agentiq_core.store import calendars, sellers, statistics
from agentiq_core.store.statistics import DeliveredReply, EndedWait, Figures

BATCH = 200
USUAL_DAYS = 30
MOST_DAYS = 800
"""A range of figures is read as a whole: two years and a bit."""
_LONGEST_WAIT = 2**31 - 1

Place = tuple[int, date, int]
"""A seller, a day, an operator."""


class DeskStatistics:
    """The figures that front ends show (`Desk.statistics`), of the sellers that the operator works for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def report(
        self,
        seller_id: int | None = None,
        *,
        since: date | None = None,
        until: date | None = None,
        by: By = By.OPERATOR,
    ) -> Statistics:
        """The figures of these days, both included; without any, of the last thirty.

        Raises `NotFound` for a seller, `Rejected` for a range that ends before it begins or has more than 800 days.
        """
        now = self._engine.clock()
        # it may be tomorrow already where the seller is
        until = until or (now + timedelta(hours=14)).date()
        since = since or until - timedelta(days=USUAL_DAYS - 1)
        if not 0 <= (until - since).days < MOST_DAYS:
            raise Rejected(f"figures are told for 1 to {MOST_DAYS} days", most_days=MOST_DAYS)
        who = self._engine.access.who
        if who is not None and who.may_write:
            # a viewer sees what the last tick counted
            await count(self._engine)
        async with self._engine.store.transaction() as session:
            if seller_id is not None:
                await sellers.get(session, seller_id)
            counted = Counted(
                days=await statistics.days(session, seller_id, since, until),
                breaches=await statistics.breaches(session, seller_id, since, until),
                outcomes=await statistics.outcomes(session, seller_id, since, until),
                spent=await statistics.spent(session, seller_id, since, until),
                unanswered=await statistics.unanswered(session, seller_id, since, until, now, shares()),
                allowed=max(shares().values()),
                backlog=await statistics.backlog(session, seller_id, now),
            )
        # years of single waits are sorted: off the event loop
        return await asyncio.to_thread(told, counted, since, until, by)


async def count(engine: Engine) -> int:
    """Count what was answered and delivered since the last time; how many there were.

    Exactly once, however many workers come: what is counted is taken in the same transaction.
    """
    counted = 0
    while True:
        done = await _count_some(engine)
        counted += done
        if done < BATCH:
            return counted


async def _count_some(engine: Engine) -> int:
    async with engine.store.transaction() as session:
        if not await statistics.turn(session):
            return 0
        taken, waits = await statistics.take_waits(session, BATCH)
        replies = await statistics.take_replies(session, BATCH)
        hours = {
            seller: await calendars.get(session, seller)
            for seller in sorted({one.seller_id for one in waits})
        }
        # holidays and working hours are computed: off the event loop
        figures = await asyncio.to_thread(_figures, waits, replies, hours)
        for (seller, day, operator), added in sorted(figures.items()):
            await statistics.add(session, seller, day, operator, added)
        await keep_examples(session, replies)
    return max(taken, len(replies))


def _figures(
    waits: Iterable[EndedWait], replies: Iterable[DeliveredReply], hours: dict[int, Calendar | None]
) -> dict[Place, Figures]:
    figures: dict[Place, Figures] = {}
    known = shares()

    def of(seller: int, zone: str, at: datetime, operator: int) -> Figures:
        return figures.setdefault((seller, at.astimezone(zone_named(zone)).date(), operator), Figures())

    for wait in waits:
        into = of(wait.seller_id, wait.timezone, wait.at, wait.operator_id)
        if (allowed := known.get((wait.marketplace, wait.channel))) is not None:
            # whoever answered, and whenever the seller works
            into.counted += 1
            into.counted_within += wait.at - wait.since <= allowed
        if wait.automatic:
            continue
        seconds = waited(wait, hours[wait.seller_id])
        in_time = wait.due_at is None or wait.at <= wait.due_at
        if wait.first:
            into.first_waits.append(seconds)
            into.first_in_time += in_time
        else:
            into.next_waits.append(seconds)
            into.next_in_time += in_time
    for reply in replies:
        into = of(reply.seller_id, reply.timezone, reply.delivered_at, reply.operator_id)
        if reply.automatic:
            into.automatic += 1
            continue
        into.replies += 1
        into.untouched += reply.outcome is Outcome.ACCEPTED
        into.edited += reply.outcome is Outcome.EDITED
    return figures


def waited(wait: EndedWait, calendar: Calendar | None) -> int:
    """Seconds that the buyer waited: working time where the seller has a calendar, the clock's otherwise, without pauses."""
    time = working_time(calendar or ALWAYS, wait.since, wait.at, wait.pauses)
    return min(_LONGEST_WAIT, int(time.total_seconds()))

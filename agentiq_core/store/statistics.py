"""Figures of service in SQL: what triggers put aside is counted into days once; a look reads days, never messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.learning import Outcome
from agentiq_core.domain.statistics import Backlog, Money
from agentiq_core.sla.calendar import Pause

# one worker at a time counts; the others come again with their next tick
_TURN = text("select pg_try_advisory_xact_lock(hashtextextended('agentiq statistics', 0))")

# reads ended_waits_pkey, then messages_in_order and outbox_by_chat of those conversations alone
_TAKE_WAITS = text("""
with taken as (
    delete from ended_waits w using (select seller_id, chat_id, episode from ended_waits order by 1, 2, 3 limit :limit) d
    where w.seller_id = d.seller_id and w.chat_id = d.chat_id and w.episode = d.episode returning w.*)
select t.seller_id, s.timezone, s.marketplace, c.channel, t.since, t.due_at, t.pauses, a.at, coalesce(a.operator_id, 0) as operator_id, a.automatic,
    not exists (select from messages b where b.seller_id = t.seller_id and b.chat_id = t.chat_id and b.sent_at < t.since
        and b.author = 'seller' and b.origin in ('api', 'cabinet', 'untold')) as first
from taken t join sellers s on s.id = t.seller_id join chats c on c.seller_id = t.seller_id and c.id = t.chat_id
left join lateral (
    (select m.sent_at as at, o.operator_id, coalesce(o.automatic, false) as automatic from messages m
     left join outbox o on o.seller_id = m.seller_id and o.id = m.outbox_id
     where m.seller_id = t.seller_id and m.chat_id = t.chat_id and m.sent_at >= t.since
       and m.author = 'seller' and m.origin in ('api', 'cabinet', 'untold')
     order by m.sent_at, m.external_id limit 1)
    union all
    (select coalesce(o.accepted_at, o.attempted_at + make_interval(secs => o.ahead)), o.operator_id, o.automatic from outbox o
     where o.seller_id = t.seller_id and o.chat_id = t.chat_id and o.state in ('sent', 'confirmed') and o.external_id is null
       and o.attempted_at + make_interval(secs => o.ahead) >= t.since
     order by o.attempted_at limit 1)
    order by 1 limit 1) a on not c.needs_reply or a.at <= c.waiting_since
""")

# reads delivered_replies_pkey, then keys
_TAKE_REPLIES = text("""
with taken as (
    delete from delivered_replies w using (select seller_id, outbox_id from delivered_replies order by 1, 2 limit :limit) d
    where w.seller_id = d.seller_id and w.outbox_id = d.outbox_id returning w.*)
select t.seller_id, s.timezone, t.outbox_id, t.delivered_at, o.chat_id, coalesce(o.operator_id, 0) as operator_id, o.automatic, o.body,
    o.overridden is not null as overridden, u.outcome, u.suggestion_id, u.intent
from taken t join sellers s on s.id = t.seller_id join outbox o on o.seller_id = t.seller_id and o.id = t.outbox_id
left join lateral (select x.* from suggestion_outcomes x where x.seller_id = t.seller_id and x.outbox_id = t.outbox_id limit 1) u on true
""")

_ADD = text("""
insert into service_days (seller_id, day, operator_id, first_waits, next_waits, first_in_time, next_in_time, replies, untouched,
    edited, automatic, counted, counted_within)
values (:seller, :day, :operator, :first_waits, :next_waits, :first_in_time, :next_in_time, :replies, :untouched, :edited, :automatic,
    :counted, :counted_within)
on conflict (seller_id, day, operator_id) do update set first_waits = service_days.first_waits || excluded.first_waits,
    next_waits = service_days.next_waits || excluded.next_waits,
    first_in_time = service_days.first_in_time + excluded.first_in_time,
    next_in_time = service_days.next_in_time + excluded.next_in_time, replies = service_days.replies + excluded.replies,
    untouched = service_days.untouched + excluded.untouched, edited = service_days.edited + excluded.edited,
    automatic = service_days.automatic + excluded.automatic, counted = service_days.counted + excluded.counted,
    counted_within = service_days.counted_within + excluded.counted_within
""")

# reads service_days_pkey, a range of days a seller
_DAYS = text("""
select d.*, s.name as seller_name, coalesce(nullif(o.name, ''), o.email, '') as operator_name
from sellers s join service_days d on d.seller_id = s.id and d.day between :since and :until
left join operators o on o.id = d.operator_id
where cast(:seller as bigint) is null or s.id = :seller
order by d.seller_id, d.day, d.operator_id
""")

# reads sla_breaches_by_time; the days of every zone there is lie within these bounds
_BREACHES = text("""
select s.id, (b.noted_at at time zone s.timezone)::date, count(*)
from sellers s join sla_breaches b on b.seller_id = s.id
  and b.noted_at >= cast(:since as date)::timestamptz - interval '14 hours' and b.noted_at < cast(:until as date)::timestamptz + interval '36 hours'
  and (b.noted_at at time zone s.timezone)::date between :since and :until
where cast(:seller as bigint) is null or s.id = :seller
group by 1, 2
""")

# reads suggestion_outcomes_by_time
_OUTCOMES = text("""
select u.intent, u.model, u.outcome, u.reason, count(*)
from sellers s join suggestion_outcomes u on u.seller_id = s.id
  and u.at >= cast(:since as date)::timestamptz - interval '14 hours' and u.at < cast(:until as date)::timestamptz + interval '36 hours'
  and (u.at at time zone s.timezone)::date between :since and :until
where cast(:seller as bigint) is null or s.id = :seller
group by 1, 2, 3, 4
""")

# reads model_spending_pkey
_SPENT = text("""
select p.model, p.currency, sum(p.calls)::int, sum(p.cost) from sellers s join model_spending p on p.seller_id = s.id and p.day between :since and :until
where cast(:seller as bigint) is null or s.id = :seller
group by 1, 2 order by 1, 2
""")

# reads chats_by_deadline: what waits, not what is stored
_BACKLOG = text("""
select count(*) filter (where age < interval '1 hour'), count(*) filter (where age >= interval '1 hour' and age < interval '4 hours'),
    count(*) filter (where age >= interval '4 hours' and age < interval '1 day'),
    count(*) filter (where age >= interval '1 day' and age < interval '3 days'), count(*) filter (where age >= interval '3 days'),
    count(*) filter (where due_at < :now)
from (select :now - c.waiting_since as age, c.due_at from sellers s join chats c on c.seller_id = s.id and c.queue is not null
    where cast(:seller as bigint) is null or s.id = :seller) open
""")

# reads chats_by_deadline: what waits, not what is stored
_UNANSWERED = text("""
select s.id, ((c.waiting_since + p.allowed) at time zone s.timezone)::date, count(*)
from sellers s join unnest(cast(:marketplaces as text[]), cast(:channels as text[]), cast(:allowed as interval[]))
    as p (marketplace, channel, allowed) on p.marketplace = s.marketplace
join chats c on c.seller_id = s.id and c.queue is not null and c.channel = p.channel and c.waiting_since + p.allowed < :now
    and ((c.waiting_since + p.allowed) at time zone s.timezone)::date between :since and :until
where cast(:seller as bigint) is null or s.id = :seller
group by 1, 2
""")


@dataclass(frozen=True, slots=True)
class EndedWait:
    """An answer that ended a buyer's wait. `first`: nobody had answered the conversation before."""

    seller_id: int
    timezone: str
    since: datetime
    due_at: datetime | None
    pauses: tuple[Pause, ...]
    at: datetime
    operator_id: int
    automatic: bool
    first: bool
    marketplace: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class DeliveredReply:
    """A text of ours that reached its buyer. `outcome` is what it made of a suggestion, if anything."""

    seller_id: int
    timezone: str
    outbox_id: int
    delivered_at: datetime
    chat_id: int
    operator_id: int
    automatic: bool
    body: str
    overridden: bool
    outcome: Outcome | None
    suggestion_id: int | None
    intent: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """So many suggestions of an intent and a model came to this; `reason` of a rejection."""

    intent: str
    model: str
    outcome: Outcome
    reason: str | None
    count: int


@dataclass(slots=True)
class Figures:
    """A day of one operator at one seller: read back, or what is to be added to it."""

    first_waits: list[int] = field(default_factory=list)
    next_waits: list[int] = field(default_factory=list)
    first_in_time: int = 0
    next_in_time: int = 0
    replies: int = 0
    untouched: int = 0
    edited: int = 0
    automatic: int = 0
    counted: int = 0
    """Answers that the marketplace counts, and those within what it allows (`Capabilities.share_within`)."""
    counted_within: int = 0


@dataclass(frozen=True, slots=True)
class DayOfService:
    """Whose figures they are, and when."""

    seller_id: int
    day: date
    operator_id: int
    seller_name: str
    operator_name: str
    figures: Figures


async def turn(session: AsyncSession) -> bool:
    """Whether this worker counts now: the others pass until the transaction ends."""
    return bool(await session.scalar(_TURN))


async def take_waits(session: AsyncSession, limit: int) -> tuple[int, list[EndedWait]]:
    """Waits that ended and nobody has counted, taken as this transaction ends: how many, and those that an answer ended."""
    rows = (await session.execute(_TAKE_WAITS, {"limit": limit})).mappings().all()
    return len(rows), [
        EndedWait(
            **{
                **row,
                "pauses": tuple(
                    (datetime.fromisoformat(begin), datetime.fromisoformat(end))
                    for begin, end in row["pauses"]
                ),
            }
        )
        for row in rows
        if row["at"] is not None
    ]


async def take_replies(session: AsyncSession, limit: int) -> list[DeliveredReply]:
    """Delivered texts that nobody has counted; taken as this transaction ends."""
    rows = (await session.execute(_TAKE_REPLIES, {"limit": limit})).mappings()
    return [
        DeliveredReply(**{**row, "outcome": Outcome(row["outcome"]) if row["outcome"] else None})
        for row in rows
    ]


async def add(session: AsyncSession, seller_id: int, day: date, operator_id: int, figures: Figures) -> None:
    """Count these into a day."""
    values = {"seller": seller_id, "day": day, "operator": operator_id} | asdict(figures)
    await session.execute(_ADD, values)


async def days(session: AsyncSession, seller_id: int | None, since: date, until: date) -> list[DayOfService]:
    """The days of a seller, or of all that the operator sees, both ends included."""
    rows = (await session.execute(_DAYS, _range(seller_id, since, until))).mappings()
    return [
        DayOfService(
            row["seller_id"],
            row["day"],
            row["operator_id"],
            row["seller_name"],
            row["operator_name"],
            Figures(**{one.name: row[one.name] for one in fields(Figures)}),
        )
        for row in rows
    ]


async def breaches(
    session: AsyncSession, seller_id: int | None, since: date, until: date
) -> dict[tuple[int, date], int]:
    """Deadlines that passed unanswered, by seller and day."""
    rows = await session.execute(_BREACHES, _range(seller_id, since, until))
    return {(seller, day): count for seller, day, count in rows}


async def unanswered(
    session: AsyncSession,
    seller_id: int | None,
    since: date,
    until: date,
    now: datetime,
    allowed: Mapping[tuple[str, str], timedelta],
) -> dict[tuple[int, date], int]:
    """Conversations that wait longer than their marketplace and channel allow, by seller and the day that it was over."""
    places = {
        "marketplaces": [marketplace for marketplace, _ in allowed],
        "channels": [channel for _, channel in allowed],
        "allowed": list(allowed.values()),
    }
    rows = await session.execute(_UNANSWERED, _range(seller_id, since, until) | places | {"now": now})
    return {(seller, day): count for seller, day, count in rows}


async def outcomes(session: AsyncSession, seller_id: int | None, since: date, until: date) -> list[Judged]:
    """How often what was made of suggestions."""
    rows = await session.execute(_OUTCOMES, _range(seller_id, since, until))
    return [Judged(row[0], row[1], Outcome(row[2]), row[3], row[4]) for row in rows]


async def spent(
    session: AsyncSession, seller_id: int | None, since: date, until: date
) -> list[tuple[str, int, Money]]:
    """Questions to each model, and what they cost, by currency."""
    rows = await session.execute(_SPENT, _range(seller_id, since, until))
    return [(row.model, row[2], Money(row[3], row.currency)) for row in rows]


async def backlog(session: AsyncSession, seller_id: int | None, now: datetime) -> Backlog:
    """What waits now, by how long."""
    row = (await session.execute(_BACKLOG, {"seller": seller_id, "now": now})).one()
    return Backlog(*row)


def _range(seller_id: int | None, since: date, until: date) -> dict[str, object]:
    return {"seller": seller_id, "since": since, "until": until}

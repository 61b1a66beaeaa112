"""Who pulls a seller, how far its feed was read, and when it is due again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.views import FeedRef
from agentiq_core.store.messages import storable

# a walk that was broken off began when it did: what it looked at before a reply left proves nothing of that one
_TAKE = """
{due}
update sync_state y set worker_id = :worker, lease_until = clock_timestamp() + make_interval(secs => :lease),
    started_at = coalesce(y.started_at, clock_timestamp())
{which}
returning y.seller_id, y.channel, y.due_at, y.cursor, y.started_at, y.complete_at, y.failures, y.begins_at, y.read_from,
    (select k.replaced_at from seller_credentials k where k.seller_id = y.seller_id) as key_of, (
    select extract(epoch from clock_timestamp() - min(o.attempted_at))::float8 from outbox o where o.seller_id = y.seller_id
      and (o.state in ('sending', 'unknown') or o.state = 'sent' and o.settled_at > clock_timestamp() - interval '1 hour')
    ) as echo_age
"""

# the longest overdue first, so that nobody starves; what another worker claims at this moment is its own
_DUE = """
with due as materialized (
    select y.seller_id, y.channel from sync_state y join sellers s on s.id = y.seller_id and s.state = 'active'
    where y.due_at <= clock_timestamp()
      and not exists (select from unnest(cast(:busy as bigint[]), cast(:busy_channels as text[])) as b(seller_id, channel)
          where b.seller_id = y.seller_id and b.channel = y.channel)
      and (y.lease_until is null or y.lease_until < clock_timestamp() or y.worker_id = :worker)
    order by y.due_at limit :limit for update of y skip locked)
"""
_CLAIM_DUE = text(
    # an array, so that the rows are found by their key: with a join the plan reads every seller's
    _TAKE.format(
        due=_DUE,
        which="where y.seller_id = any(array(select due.seller_id from due))"
        " and (y.seller_id, y.channel) in (select due.seller_id, due.channel from due)",
    )
)
_CLAIM = text(
    _TAKE.format(
        due="",
        which="where y.seller_id = :seller and y.channel = :channel"
        " and (y.lease_until is null or y.lease_until < clock_timestamp() or y.worker_id = :worker)",
    )
)

_FIRST_WALK = text(
    "select complete_at is null from sync_state where seller_id = :seller and channel = :channel"
)

# fenced: a worker that lost its lease must not move the cursor
_ADVANCE = text("""
update sync_state set cursor = case when :back then cursor else coalesce(:cursor, cursor) end,
    window_cursor = case when :back then coalesce(:cursor, window_cursor) else window_cursor end, pages = pages + :pages, messages = messages + :messages,
    oldest_at = least(oldest_at, :oldest), newest_at = greatest(newest_at, :newest),
    ahead = coalesce(cast(:ahead as float8) + extract(epoch from cast(:now as timestamptz) - clock_timestamp()), ahead), lease_until = clock_timestamp() + make_interval(secs => :lease)
where seller_id = :seller and channel = :channel and worker_id = :worker
returning seller_id
""")

_RENEW = text("""
update sync_state set lease_until = clock_timestamp() + make_interval(secs => :lease)
where seller_id = :seller and channel = :channel and worker_id = :worker
""")

_BEGIN_AT = text("""
update sync_state set cursor = :cursor, read_from = :read_from, begins_at = :begins_at
where seller_id = :seller and channel = :channel and worker_id = :worker
returning seller_id
""")

# twice as long as all that is known already, so that years take a dozen stretches
_OPEN_WINDOW = text("""
update sync_state set window_from = coalesce(window_from,
    greatest(begins_at - interval '1 second', read_from - greatest(cast(:least as interval), cast(:now as timestamptz) - read_from)))
where seller_id = :seller and channel = :channel and worker_id = :worker and read_from is not null
returning window_from, read_from, window_cursor
""")

_CLOSE_WINDOW = text("""
update sync_state set read_from = case when window_from > begins_at then window_from end, window_from = null, window_cursor = null
where seller_id = :seller and channel = :channel and worker_id = :worker and window_from is not null
returning read_from
""")

# a seller that has been quiet for days is asked less often; one whose news somebody waits for, sooner
_RELEASE = text("""
update sync_state y set worker_id = null, lease_until = null, failures = 0, trouble = null, detail = '',
    complete_at = clock_timestamp(), started_at = null,
    ahead = coalesce(cast(:ahead as float8) + extract(epoch from cast(:now as timestamptz) - clock_timestamp()), ahead),
    due_at = clock_timestamp() + make_interval(secs => case
        when :more then 0
        when exists (select from seller_credentials k where k.seller_id = y.seller_id and k.slow) then 3600
        when y.watched_until > clock_timestamp()
          or exists (select from outbox o join chats c on c.seller_id = o.seller_id and c.id = o.chat_id and c.channel = y.channel
              where o.seller_id = y.seller_id and (o.state in ('sending', 'unknown')
                  or o.state = 'sent' and o.settled_at > clock_timestamp() - interval '5 minutes'))
        then least(:soon, :poll)
        when y.newest_at < clock_timestamp() - interval '7 days' then :poll * 4
        when y.newest_at < clock_timestamp() - interval '1 day' then :poll * 2
        else :poll end)
where y.seller_id = :seller and y.channel = :channel and y.worker_id = :worker
returning y.seller_id
""")

_HAND_BACK = text("""
update sync_state set worker_id = null, lease_until = null where worker_id = :worker
""")

_FAIL = text("""
update sync_state set worker_id = null, lease_until = null, failures = failures + 1, trouble = :trouble, detail = :detail,
    due_at = clock_timestamp() + make_interval(secs => coalesce(:delay, least(60 * power(2, least(failures, 5)), 1800)))
where seller_id = :seller and channel = :channel and worker_id = :worker
""")

# a delay that the marketplace itself asked for is no failure: nothing is broken
_POSTPONE = text("""
update sync_state set worker_id = null, lease_until = null,
    complete_at = case when :complete then clock_timestamp() else complete_at end, due_at = clock_timestamp() + make_interval(secs => :delay)
where seller_id = :seller and channel = :channel and worker_id = :worker
""")

_SOONER = text("""
update sync_state y set due_at = least(y.due_at, clock_timestamp() + make_interval(secs => :delay)),
    watched_until = case when :watch > 0 then clock_timestamp() + make_interval(secs => :watch) else y.watched_until end
where y.seller_id = :seller and (cast(:channel as text) is null or y.channel = :channel) and y.failures = 0
  and not exists (select from seller_credentials k where k.seller_id = y.seller_id and k.slow)
""")

# generic cell rate algorithm: one timestamp a bucket; `reserve` requests of the burst are kept for sending
_SPEND = text("""
insert into budgets as b (seller_id, method, tat) values (:seller, :method, clock_timestamp() + make_interval(secs => :interval))
on conflict (seller_id, method) do update
    set tat = greatest(b.tat, clock_timestamp()) + make_interval(secs => :interval)
    where greatest(b.tat, clock_timestamp()) + make_interval(secs => :interval)
        <= clock_timestamp() + make_interval(secs => :interval * greatest(:burst - :reserve, 1))
returning 0
""")
# the same for a bucket that is there: an insert is asked by six policies, an update by four
_SPEND_MORE = text("""
update budgets b set tat = greatest(b.tat, clock_timestamp()) + make_interval(secs => :interval)
where b.seller_id = :seller and b.method = :method and greatest(b.tat, clock_timestamp()) + make_interval(secs => :interval)
    <= clock_timestamp() + make_interval(secs => :interval * greatest(:burst - :reserve, 1))
returning 0
""")
_WAIT = text("""
select greatest(extract(epoch from tat + make_interval(secs => :interval)
    - make_interval(secs => :interval * greatest(:burst - :reserve, 1)) - clock_timestamp()), 0.005)::float8
from budgets where seller_id = :seller and method = :method
""")


@dataclass(frozen=True, slots=True)
class ClaimedSync:
    """A feed that this worker may read. `first` until a walk reached its end once; `started_at` is when the walk began that
    its cursor is in."""

    feed: FeedRef
    cursor: str | None
    started_at: datetime
    first: bool
    failures: int
    begins_at: datetime | None
    read_from: datetime | None
    """Everything sent from here on is stored; None when nothing older is to be read."""
    echo_age: float | None
    """Seconds since the oldest attempt whose echo is still looked for."""
    key_of: datetime | None = None
    """When the seller's key was set; None without one."""

    @property
    def seller_id(self) -> int:
        """Whose feed it is."""
        return self.feed.seller_id


@dataclass(frozen=True, slots=True)
class Step:
    """What a transaction of messages moves: the cursor behind them, and what is counted.

    `back` moves the cursor of the older stretch. `ahead` is the lead of the marketplace's clock over this machine's, in
    seconds.
    """

    cursor: str | None
    pages: int
    messages: int
    oldest: datetime | None
    newest: datetime | None
    ahead: float | None
    back: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a seller's history: when it begins and ends, and how far it was read."""

    begins: datetime
    ends: datetime
    cursor: str | None


async def claim_due(
    session: AsyncSession, worker: str, lease: float, *, limit: int, busy: Sequence[FeedRef] = ()
) -> list[ClaimedSync]:
    """Take the feeds that are due, longest overdue first, but those that `worker` is `busy` with; others that it holds
    are among them: it lost them with the database, in the middle of a pull."""
    values = {
        "worker": worker,
        "lease": lease,
        "limit": limit,
        "busy": [feed.seller_id for feed in busy],
        "busy_channels": [str(feed.channel) for feed in busy],
    }
    rows = (await session.execute(_CLAIM_DUE, values)).all()
    return [_claimed(row) for row in sorted(rows, key=lambda row: row.due_at)]


async def claim(session: AsyncSession, feed: FeedRef, worker: str, lease: float) -> ClaimedSync | None:
    """Take a seller's feed for `lease` seconds; None when another worker reads it."""
    row = (
        await session.execute(
            _CLAIM, {"seller": feed.seller_id, "channel": feed.channel, "worker": worker, "lease": lease}
        )
    ).first()
    return None if row is None else _claimed(row)


async def first_walk(session: AsyncSession, feed: FeedRef) -> bool:
    """Whether no walk has reached the feed's end yet: conversations are derived when one has."""
    return bool(await session.scalar(_FIRST_WALK, {"seller": feed.seller_id, "channel": feed.channel}))


async def advance(session: AsyncSession, feed: FeedRef, worker: str, step: Step, *, lease: float) -> bool:
    """Move the cursor in the transaction of the messages it stands for; False when the lease was lost."""
    values = asdict(step) | {
        "seller": feed.seller_id,
        "channel": feed.channel,
        "worker": worker,
        "lease": lease,
        "now": datetime.now(UTC),
    }
    return (await session.execute(_ADVANCE, values)).first() is not None


async def renew(session: AsyncSession, feed: FeedRef, worker: str, lease: float) -> None:
    """Keep a feed that is still being read."""
    await session.execute(
        _RENEW, {"seller": feed.seller_id, "channel": feed.channel, "worker": worker, "lease": lease}
    )


async def begin_at(
    session: AsyncSession, feed: FeedRef, worker: str, cursor: str, read_from: datetime, begins_at: datetime
) -> bool:
    """A first walk begins at `cursor`, what was sent before `read_from` follows later; False when the lease was lost."""
    values = {
        "seller": feed.seller_id,
        "channel": feed.channel,
        "worker": worker,
        "cursor": cursor,
        "read_from": read_from,
        "begins_at": begins_at,
    }
    return (await session.execute(_BEGIN_AT, values)).first() is not None


async def open_window(
    session: AsyncSession, feed: FeedRef, worker: str, now: datetime, least: timedelta
) -> Window | None:
    """The older stretch to read next, at least so long; None when the lease was lost or nothing is left."""
    values = {"seller": feed.seller_id, "channel": feed.channel, "worker": worker, "now": now, "least": least}
    row = (await session.execute(_OPEN_WINDOW, values)).first()
    return None if row is None else Window(row.window_from, row.read_from, row.window_cursor)


async def close_window(session: AsyncSession, feed: FeedRef, worker: str) -> datetime | None:
    """The open stretch was read: from when on everything is stored now, None when that is all there is."""
    row = (
        await session.execute(
            _CLOSE_WINDOW, {"seller": feed.seller_id, "channel": feed.channel, "worker": worker}
        )
    ).first()
    return None if row is None else row.read_from


async def release(
    session: AsyncSession,
    feed: FeedRef,
    worker: str,
    *,
    poll: float,
    soon: float,
    more: bool = False,
    ahead: float | None = None,
) -> bool:
    """The feed was read to its end; due again after `poll` seconds (a quiet seller later), `soon` while somebody waits
    for news, at once where `more` of the history is to be read. `ahead` as in `Step`. False when the lease was lost."""
    values = {
        "seller": feed.seller_id,
        "channel": feed.channel,
        "worker": worker,
        "poll": poll,
        "soon": soon,
        "more": more,
        "ahead": ahead,
        "now": datetime.now(UTC),
    }
    return (await session.execute(_RELEASE, values)).first() is not None


async def hand_back(session: AsyncSession, worker: str) -> None:
    """Let other workers have what this one still holds: it stops."""
    await session.execute(_HAND_BACK, {"worker": worker})


async def fail(
    session: AsyncSession,
    feed: FeedRef,
    worker: str,
    *,
    trouble: str,
    detail: str,
    delay: float | None = None,
) -> None:
    """The pull failed: back off 1, 2, 4 … 30 minutes, this seller alone, or `delay` seconds."""
    values = {
        "seller": feed.seller_id,
        "channel": feed.channel,
        "worker": worker,
        "trouble": trouble,
        "detail": storable(detail)[:500],
        "delay": None if delay is None else min(delay, 86_400.0),
    }
    await session.execute(_FAIL, values)


async def postpone(
    session: AsyncSession, feed: FeedRef, worker: str, delay: float, *, complete: bool = False
) -> None:
    """The budget is spent: come back after `delay` seconds. `complete` where what was read is all that can be had."""
    values = {
        "seller": feed.seller_id,
        "channel": feed.channel,
        "worker": worker,
        "delay": delay,
        "complete": complete,
    }
    await session.execute(_POSTPONE, values)


async def sooner(
    session: AsyncSession, seller_id: int, *, delay: float, watch: float = 0.0, channel: str | None = None
) -> None:
    """Somebody waits for this seller's news: pull within `delay` seconds, and often for `watch` seconds more; all its
    channels, or one."""
    values = {"seller": seller_id, "channel": channel, "delay": delay, "watch": watch}
    await session.execute(_SOONER, values)


async def spend(
    session: AsyncSession, seller_id: int, method: str, *, interval: float, burst: int, reserve: int
) -> float:
    """Take one request from a seller's bucket, shared by all workers; 0 when granted, else seconds to wait."""
    values = {
        "seller": seller_id,
        "method": method,
        "interval": interval,
        "burst": burst,
        "reserve": reserve,
    }
    for take in (_SPEND_MORE, _SPEND):
        if (await session.execute(take, values)).first() is not None:
            return 0.0
    return float((await session.execute(_WAIT, values)).scalar_one())


def _claimed(row: Row[Any]) -> ClaimedSync:
    return ClaimedSync(
        feed=FeedRef(row.seller_id, row.channel),
        cursor=row.cursor,
        started_at=row.started_at,
        first=row.complete_at is None,
        failures=row.failures,
        begins_at=row.begins_at,
        read_from=row.read_from,
        echo_age=row.echo_age,
        key_of=row.key_of,
    )

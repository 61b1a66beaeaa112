"""Deadlines in SQL: the check costs what is due, not what is stored.

What a pull or an operator holds at this moment is passed over until the next minute: nobody waits in a ring.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# reads chats_by_deadline, one range a seller
_RAISE = text("""
with near as materialized (
    select c.seller_id, c.id from sellers s
    join chats c on c.seller_id = s.id and c.queue = 'waiting' and c.due_at <= :until
    for no key update of c skip locked)
update chats c set priority = 2, queue = 'work'
from near n where c.seller_id = n.seller_id and c.id = n.id
returning c.id
""")

# the episode is the oldest unanswered message: one breach however often this runs
_BREACHES = text("""
insert into sla_breaches (seller_id, chat_id, episode, due_at)
select c.seller_id, c.id, c.episode, c.due_at from sellers s
join chats c on c.seller_id = s.id and c.queue = 'work' and c.due_at < :now
on conflict do nothing
returning chat_id
""")

# reads chats_snoozed; whether it is urgent by now is asked behind it
_WAKE = text("""
update chats c set queue = case c.priority when 2 then 'work' else 'waiting' end, snoozed_until = null, snoozed_for = null
from sellers s where c.seller_id = s.id and c.snoozed_until <= :now
returning c.id
""")

# reads chats_closing: nobody can answer it any more
_GIVE_UP = text("""
with over as materialized (
    select c.seller_id, c.id from sellers s
    join chats c on c.seller_id = s.id and c.needs_reply and c.closes_hard and c.closes_at <= :now
    for no key update of c skip locked)
update chats c set needs_reply = false, queue = null, status = 'closed', closed_through = greatest(c.last_at, c.closed_through),
    due_at = null, priority = 0, sla_rule = null, waiting_since = null, episode = null, snoozed_until = null, snoozed_for = null
from over o where c.seller_id = o.seller_id and c.id = o.id
returning c.id
""")


async def wake(session: AsyncSession, now: datetime) -> int:
    """Conversations that were put off until now are in their queue again; how many."""
    return len((await session.execute(_WAKE, {"now": now})).all())


async def raise_to_urgent(session: AsyncSession, until: datetime) -> int:
    """Move every conversation whose deadline is before `until` to the work queue; how many moved."""
    return len((await session.execute(_RAISE, {"until": until})).all())


async def note_breaches(session: AsyncSession, now: datetime) -> int:
    """Record deadlines that passed unanswered; how many are new."""
    return len((await session.execute(_BREACHES, {"now": now})).all())


async def close_expired(session: AsyncSession, now: datetime) -> int:
    """Conversations whose marketplace takes no reply any more leave the queue; how many did. A breach is noted before."""
    return len((await session.execute(_GIVE_UP, {"now": now})).all())

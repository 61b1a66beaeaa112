"""What a connector without a feed of events asks of the store: how far, who waits, who is unanswered."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.views import ChatRef, FeedRef
from agentiq_core.store.messages import storable

_MARKS = text("""
select external_id, mark from chats
where seller_id = :seller and channel = :channel and external_id = any(:chats) and mark is not null
""")

# a reply may be read back for an hour after it was accepted; what is unknown is looked for until a person decides
# those first whose polls are counted: a connector may not get to all of them in one
_AWAITED = text("""
select c.external_id from (
    select chat_id, min(rank) as rank from (
        select o.chat_id, case o.state when 'needs_operator' then 3 when 'sent' then 2 else 0 end as rank
        from outbox o where o.seller_id = :seller and (o.state in ('sending', 'unknown', 'needs_operator')
            or o.state = 'sent' and o.settled_at > clock_timestamp() - interval '1 hour')
        union all select w.chat_id, 1 from watches w where w.seller_id = :seller and w.until > clock_timestamp()) one
    group by chat_id) a
join chats c on c.seller_id = :seller and c.id = a.chat_id and c.channel = :channel
order by a.rank, c.id limit :limit
""")

# reads chats_by_deadline and chats_snoozed: what is put off may be answered in the cabinet
_UNANSWERED = text("""
select external_id from chats where seller_id = :seller and channel = :channel and (queue is not null or snoozed_until is not null)
order by due_at, id limit :limit
""")

_WATCH = text("""
insert into watches (seller_id, chat_id, until)
select c.seller_id, c.id, clock_timestamp() + make_interval(secs => :seconds) from chats c where c.seller_id = :seller and c.id = :chat
on conflict (seller_id, chat_id) do update set until = excluded.until
returning (select c.channel from chats c where c.seller_id = :seller and c.id = :chat)
""")

MOST = 2_000


async def marks(session: AsyncSession, feed: FeedRef, chats: Sequence[str]) -> dict[str, str]:
    """How far these conversations were read; those never read are missing."""
    values = {"seller": feed.seller_id, "channel": feed.channel, "chats": [storable(chat) for chat in chats]}
    rows = await session.execute(_MARKS, values)
    return {row.external_id: row.mark for row in rows}


async def awaited(session: AsyncSession, feed: FeedRef, limit: int = MOST) -> list[str]:
    """Conversations of the feed with a reply that is to be read back, and those on somebody's screen."""
    values = {"seller": feed.seller_id, "channel": feed.channel, "limit": limit}
    return list((await session.execute(_AWAITED, values)).scalars())


async def unanswered(session: AsyncSession, feed: FeedRef, limit: int = MOST) -> list[str]:
    """Conversations of the feed that want a reply, the most pressing first."""
    values = {"seller": feed.seller_id, "channel": feed.channel, "limit": limit}
    return list((await session.execute(_UNANSWERED, values)).scalars())


async def watch(session: AsyncSession, ref: ChatRef, seconds: float) -> str | None:
    """The conversation is on somebody's screen for so long; its channel, None when there is no such conversation."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "seconds": seconds}
    channel: str | None = (await session.execute(_WATCH, values)).scalar()
    return channel

"""Replies that were read back, in SQL: which wait for their echo, which echoes are free, who belongs to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef, FeedRef

# rows whose echo may still come: sending and unknown ones, sent ones, and those a person gave up on
_AWAITING_ECHO = text("""
select o.id, o.chat_id, o.state, o.body, o.file_name, o.accepted_at, o.reference,
       o.attempted_at + make_interval(secs => o.ahead) as attempted_at
from outbox o
where o.seller_id = :seller and o.chat_id = any(:chats) and o.external_id is null and o.attempted_at is not null
  and o.state in ('sending', 'sent', 'unknown', 'needs_operator', 'cancelled')
order by o.attempted_at, o.id
for update
""")

_UNJOINED = text("""
select m.chat_id, m.external_id, m.sent_at, m.body, m.attachments <> '[]' as has_files, c.channel <> 'chat' as is_answer
from messages m join chats c on c.seller_id = m.seller_id and c.id = m.chat_id
where m.seller_id = :seller and m.chat_id = any(:chats) and m.origin in ('api', 'untold') and m.outbox_id is null
  and m.sent_at >= :since
order by m.sent_at, m.external_id
""")

_JOIN = text("""
update outbox set state = 'confirmed', external_id = :external_id, reason = null, detail = '', lease_until = null,
    settled_at = clock_timestamp()
where seller_id = :seller and id = :id and external_id is null
""")

_MARK_JOINED = text("""
update messages set outbox_id = :id where seller_id = :seller and chat_id = :chat and external_id = :external_id
""")

_CHATS_AWAITING_ECHO = text("""
select distinct o.chat_id from outbox o
join chats c on c.seller_id = o.seller_id and c.id = o.chat_id and c.channel = :channel
where o.seller_id = :seller and o.state in ('sending', 'sent', 'unknown', 'needs_operator')
""")

# a complete poll counts only when it began after the attempt
_COUNT_POLL = text("""
update outbox o set polls = polls + 1 from chats c
where o.seller_id = :seller and o.state = 'unknown' and o.attempted_at < :started
  and c.seller_id = o.seller_id and c.id = o.chat_id and c.channel = :channel
""")

_GIVE_UP = text("""
update outbox o set state = 'needs_operator', reason = coalesce(o.reason, 'no_echo')
where o.state = 'unknown' and (
    (o.polls >= 2 and o.attempted_at < clock_timestamp() - make_interval(secs => :window))
    or exists (select from seller_credentials k where k.seller_id = o.seller_id and k.slow))
returning o.seller_id, o.chat_id
""")


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A reply whose echo may still be read. `attempted_at` is by the marketplace's clock."""

    id: int
    chat_id: int
    state: OutboxState
    body: str
    is_file: bool
    attempted_at: datetime
    accepted_at: datetime | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class Echo:
    """A message of the seller, not typed in the cabinet as far as anyone can tell, that belongs to no reply of ours yet."""

    chat_id: int
    external_id: str
    sent_at: datetime
    body: str
    has_files: bool
    is_answer: bool = False
    """An answer to a review or a question, whose time may only be when it was first read."""


async def awaiting_echo(session: AsyncSession, seller_id: int, chats: Sequence[int]) -> list[Awaiting]:
    """Replies of these conversations whose echo may still come, oldest attempt first; locked."""
    result = await session.execute(_AWAITING_ECHO, {"seller": seller_id, "chats": list(chats)})
    return [
        Awaiting(
            id=row["id"],
            chat_id=row["chat_id"],
            state=OutboxState(row["state"]),
            body=row["body"],
            is_file=row["file_name"] is not None,
            attempted_at=row["attempted_at"],
            accepted_at=row["accepted_at"],
            reference=row["reference"],
        )
        for row in result.mappings()
    ]


async def unjoined_echoes(
    session: AsyncSession, seller_id: int, chats: Sequence[int], since: datetime
) -> list[Echo]:
    """API messages of these conversations that belong to no reply, oldest first."""
    result = await session.execute(_UNJOINED, {"seller": seller_id, "chats": list(chats), "since": since})
    return [Echo(**row) for row in result.mappings()]


async def join(session: AsyncSession, seller_id: int, reply: Awaiting, echo: Echo) -> None:
    """The echo is this reply: it is confirmed, and the echo never becomes a second message (rule 5)."""
    await session.execute(_JOIN, {"seller": seller_id, "id": reply.id, "external_id": echo.external_id})
    await session.execute(
        _MARK_JOINED,
        {"seller": seller_id, "id": reply.id, "chat": echo.chat_id, "external_id": echo.external_id},
    )


async def chats_awaiting_echo(session: AsyncSession, feed: FeedRef) -> list[int]:
    """Conversations of a feed with a reply that is not settled at the marketplace."""
    values = {"seller": feed.seller_id, "channel": feed.channel}
    return list((await session.execute(_CHATS_AWAITING_ECHO, values)).scalars())


async def count_poll(session: AsyncSession, feed: FeedRef, started: datetime) -> None:
    """A complete poll that began at `started` found no echo for the replies of this feed that are unknown."""
    values = {"seller": feed.seller_id, "channel": feed.channel, "started": started}
    await session.execute(_COUNT_POLL, values)


async def give_up(session: AsyncSession, window: timedelta) -> list[ChatRef]:
    """Unknown replies that two complete polls and `window` did not settle go to a person."""
    return [ChatRef(*row) for row in await session.execute(_GIVE_UP, {"window": window.total_seconds()})]

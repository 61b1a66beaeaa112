"""What a marketplace is to be told of a conversation beside replies, in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.views import ChatRef, FeedRef


class Errand(StrEnum):
    """What may be told: telling it twice changes nothing."""

    READ = "read"
    DISMISS = "dismiss"
    DECLINE = "decline"


_NOTE = text("""
insert into errands (seller_id, chat_id, kind, through) values (:seller, :chat, :kind, :through)
on conflict (seller_id, chat_id, kind) do update set through = excluded.through, due_at = now(), attempts = 0
""")

_DUE = text("""
with due as materialized (
    select e.chat_id, e.kind, c.external_id from errands e
    join chats c on c.seller_id = e.seller_id and c.id = e.chat_id and c.channel = :channel
    where e.seller_id = :seller and e.due_at <= clock_timestamp()
    order by e.due_at limit :limit for update of e skip locked)
update errands e set due_at = clock_timestamp() + make_interval(secs => 60 * power(2, least(attempts, 6))), attempts = attempts + 1
from due d where e.seller_id = :seller and e.chat_id = d.chat_id and e.kind = d.kind
returning e.chat_id, e.kind, e.through, d.external_id, e.attempts
""")

AT_ONCE = 20
"""Errands behind one poll: the feed's news wait for them."""

_DONE = text("""
delete from errands where seller_id = :seller and chat_id = :chat and kind = :kind and through = :through
""")

_FORGET = text("delete from errands where seller_id = :seller and chat_id = :chat and kind = :kind")


@dataclass(frozen=True, slots=True)
class DueErrand:
    """An errand that this worker runs now; it is due again later unless it is done."""

    ref: ChatRef
    kind: Errand
    through: str
    external_id: str
    attempts: int


async def note(session: AsyncSession, ref: ChatRef, kind: Errand, through: str = "") -> None:
    """The marketplace is to be told; `through` is the id of the newest message that was seen."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "kind": kind.value, "through": through}
    await session.execute(_NOTE, values)


async def due(session: AsyncSession, feed: FeedRef, limit: int = AT_ONCE) -> list[DueErrand]:
    """Take the errands of a feed that are due; each comes back after a growing pause until it is done."""
    values = {"seller": feed.seller_id, "channel": feed.channel, "limit": limit}
    rows = await session.execute(_DUE, values)
    return [
        DueErrand(
            ChatRef(feed.seller_id, row.chat_id), Errand(row.kind), row.through, row.external_id, row.attempts
        )
        for row in rows
    ]


async def done(session: AsyncSession, errand: DueErrand) -> None:
    """It was told, or never will be; one noted anew meanwhile stays."""
    values = {
        "seller": errand.ref.seller_id,
        "chat": errand.ref.chat_id,
        "kind": errand.kind.value,
        "through": errand.through,
    }
    await session.execute(_DONE, values)


async def forget(session: AsyncSession, ref: ChatRef, kind: Errand) -> None:
    """It need not be told any more, if it was not yet."""
    await session.execute(_FORGET, {"seller": ref.seller_id, "chat": ref.chat_id, "kind": kind.value})

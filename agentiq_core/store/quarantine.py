"""Items of a feed that could not be read: kept raw until a newer version reads them, or a person has looked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.errors import NotFound
from agentiq_core.domain.messages import Unreadable
from agentiq_core.domain.views import QuarantinedItem, QuarantinePage
from agentiq_core.store.messages import storable

REASON_CHARACTERS = 500

# one row an item, however often the feed repeats it
_KEEP = text("""
insert into quarantine (seller_id, channel, digest, chat_external_id, message_external_id, raw, reason)
values (:seller, :channel, :digest, :chat, :message, :raw, :reason)
on conflict (seller_id, channel, digest) do nothing
""")

# a run of the primary key a seller, merged
_PAGE = text("""
select q.seller_id, q.id, q.channel, q.created_at, q.reason, q.chat_external_id, q.message_external_id, q.replayed_at,
       q.dismissed_at, q.seller_name, q.marketplace, cast(null as text) as raw
from (
    select q.*, s.name as seller_name, s.marketplace from sellers s
    cross join lateral (
        select * from quarantine q where q.seller_id = s.id and q.replayed_at is null and q.dismissed_at is null
          and (cast(:before as bigint) is null or q.id < :before)
        order by q.id desc limit :limit) q
    where cast(:seller as bigint) is null or s.id = :seller) q
order by q.id desc limit :limit
""")

# the primary key begins with the seller
_ITEMS = text("""
select q.*, s.name as seller_name, s.marketplace
from sellers s join quarantine q on q.seller_id = s.id and q.id = any(:ids)
order by q.id
""")

# who comes second passes over what is being read; nobody who pulls waits for a lock alone
_HOLD = text("""
select id from quarantine where seller_id = :seller and id = any(:ids) and replayed_at is null
order by id for update skip locked
""")

_REPLAYED = text("""
update quarantine set replayed_at = clock_timestamp()
where seller_id = :seller and id = any(:ids)
""")

_STILL_UNREADABLE = text("""
update quarantine set reason = :reason where seller_id = :seller and id = :id and replayed_at is null and reason <> :reason
""")

_DISMISS = text("""
update quarantine q set dismissed_at = clock_timestamp()
from sellers s where q.seller_id = s.id and q.id = any(:ids) and q.replayed_at is null and q.dismissed_at is null
returning q.id
""")


@dataclass(frozen=True, slots=True)
class KeptItem:
    """A row of the quarantine as it was kept, for whoever reads it again. It may hold what no screen may show."""

    id: int
    seller_id: int
    marketplace: str
    unreadable: Unreadable
    settled: bool


async def keep(session: AsyncSession, seller_id: int, items: Sequence[Unreadable]) -> None:
    """Keep items that could not be read, raw, with the reason."""
    for item in items:
        raw = storable(item.raw)
        values = {
            "seller": seller_id,
            "channel": item.channel,
            "digest": hashlib.sha256(raw.encode()).digest(),
            "chat": storable(item.chat_external_id) if item.chat_external_id else None,
            "message": storable(item.message_external_id) if item.message_external_id else None,
            "raw": raw,
            "reason": _reason(item.reason),
        }
        await session.execute(_KEEP, values)


async def page(
    session: AsyncSession, seller_id: int | None, before: int | None, limit: int
) -> QuarantinePage:
    """Items that wait, newest first, older than `before`; of one seller, or of all."""
    values = {"seller": seller_id, "before": before, "limit": limit + 1}
    rows = (await session.execute(_PAGE, values)).mappings().all()
    items = tuple(_view(row) for row in rows[:limit])
    return QuarantinePage(items, items[-1].id if len(rows) > limit else None)


async def item(session: AsyncSession, item_id: int) -> QuarantinedItem:
    """One item, settled or not, with what was kept of it. Raises `NotFound`."""
    [row] = await _rows(session, [item_id])
    return _view(row)


async def kept(session: AsyncSession, ids: Sequence[int]) -> list[KeptItem]:
    """These items as they were kept; one that was dismissed may still be read. Raises `NotFound`."""
    return [
        KeptItem(
            id=row["id"],
            seller_id=row["seller_id"],
            marketplace=row["marketplace"],
            unreadable=Unreadable(
                raw=row["raw"],
                reason=row["reason"],
                chat_external_id=row["chat_external_id"],
                message_external_id=row["message_external_id"],
                channel=row["channel"],
            ),
            settled=row["replayed_at"] is not None,
        )
        for row in await _rows(session, ids)
    ]


async def hold(session: AsyncSession, seller_id: int, ids: Sequence[int]) -> frozenset[int]:
    """Hold until the transaction ends those of the items that nobody has read and nobody else reads now."""
    return frozenset((await session.execute(_HOLD, {"seller": seller_id, "ids": list(ids)})).scalars())


async def mark_replayed(session: AsyncSession, seller_id: int, ids: Sequence[int]) -> None:
    """These items were read, in the transaction of their messages."""
    await session.execute(_REPLAYED, {"seller": seller_id, "ids": list(ids)})


async def still_unreadable(session: AsyncSession, seller_id: int, item_id: int, reason: str) -> None:
    """An item could not be read by this version either, and why."""
    await session.execute(_STILL_UNREADABLE, {"seller": seller_id, "id": item_id, "reason": _reason(reason)})


async def dismiss(session: AsyncSession, ids: Sequence[int]) -> int:
    """A person has looked at these: they stay, and are no longer counted. How many were. Raises `NotFound`."""
    await _rows(session, ids)
    return len((await session.execute(_DISMISS, {"ids": list(ids)})).all())


async def _rows(session: AsyncSession, ids: Sequence[int]) -> Sequence[Any]:
    wanted = list(dict.fromkeys(ids))
    rows = (await session.execute(_ITEMS, {"ids": wanted})).mappings().all()
    missing = set(wanted) - {row["id"] for row in rows}
    if missing:
        raise NotFound(f"there is no item {min(missing)} in quarantine", item=min(missing))
    return rows


def _view(row: Any) -> QuarantinedItem:
    return QuarantinedItem(
        id=row["id"],
        seller_id=row["seller_id"],
        seller_name=row["seller_name"],
        marketplace=row["marketplace"],
        channel=row["channel"],
        created_at=row["created_at"],
        reason=row["reason"],
        chat_external_id=row["chat_external_id"],
        message_external_id=row["message_external_id"],
        settled_at=row["replayed_at"] or row["dismissed_at"],
        dismissed=row["replayed_at"] is None and row["dismissed_at"] is not None,
        raw=row["raw"],
    )


def _reason(reason: str) -> str:
    return storable(reason)[:REASON_CHARACTERS]

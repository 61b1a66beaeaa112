"""Working-time calendars of sellers, and the conversations whose deadlines they count."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.sla.calendar import Calendar, Spans
from agentiq_core.store.tables import CalendarRow

_DROP = text("delete from calendars where seller_id = :seller returning seller_id")

# reads chats_by_deadline and chats_snoozed; what is stale is derived when its walk is over
_OPEN_CHATS = text("""
select id from chats where seller_id = :seller and (queue is not null or snoozed_until is not null) and id > :after
  and not stale
order by id limit :limit
""")


async def get(session: AsyncSession, seller_id: int) -> Calendar | None:
    """A seller's calendar, if it has one."""
    row = await session.get(CalendarRow, seller_id, populate_existing=True)
    if row is None:
        return None
    return Calendar(
        zone=row.zone,
        week=tuple(_spans(day) for day in row.week),
        holidays=row.holidays,
        days=tuple(
            (date.fromisoformat(day), None if spans is None else _spans(spans))
            for day, spans in sorted(row.days.items())
        ),
    )


async def put(session: AsyncSession, seller_id: int, calendar: Calendar) -> None:
    """Give a seller this calendar instead of any it had. Raises `Forbidden` unless an admin asks."""
    columns: dict[str, Any] = {
        "zone": calendar.zone,
        "week": calendar.week,
        "holidays": calendar.holidays,
        "days": {day.isoformat(): spans for day, spans in calendar.days},
    }
    added = insert(CalendarRow).values(seller_id=seller_id, **columns)
    await session.execute(added.on_conflict_do_update(index_elements=["seller_id"], set_=columns))


async def drop(session: AsyncSession, seller_id: int) -> bool:
    """A seller has no calendar any more; whether it had one that may be dropped here."""
    return (await session.execute(_DROP, {"seller": seller_id})).first() is not None


async def open_chats(session: AsyncSession, seller_id: int, after: int = 0, limit: int = 500) -> list[int]:
    """Conversations behind `after` that want a reply, in the order of their numbers."""
    values = {"seller": seller_id, "after": after, "limit": limit}
    return list((await session.execute(_OPEN_CHATS, values)).scalars())


def _spans(day: list[list[int]]) -> Spans:
    return tuple((begin, end) for begin, end in day)

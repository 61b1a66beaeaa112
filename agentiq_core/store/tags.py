"""Tags: a seller's words, and which conversations bear them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.team import Tag

MOST = 20
"""Tags on one conversation (the database holds it too)."""


class Change(Protocol):
    """`add` or `remove`."""

    async def __call__(
        self, session: AsyncSession, seller_id: int, ids: Sequence[int], name: str
    ) -> dict[int, bool | None]:
        """What became of each."""
        ...


_OF_SELLER = text("select seller_id, name, colour from tags where seller_id = :seller order by name")
_OF_ALL = text(
    "select t.seller_id, t.name, t.colour from sellers s join tags t on t.seller_id = s.id order by t.name, s.id"
)
_KNOW = text("insert into tags (seller_id, name) values (:seller, :name) on conflict do nothing")
_PAINT = text("""
insert into tags (seller_id, name, colour) values (:seller, :name, :colour)
on conflict (seller_id, name) do update set colour = excluded.colour
""")

# held in id order, so that two who tag many at once never wait in a ring
_HOLD = """
with held as materialized (
    select c.seller_id, c.id, c.tags from chats c where c.seller_id = :seller and c.id = any(:ids) order by c.id for no key update)
"""
_ADD_SQL = """{hold}, changed as (
    update chats c set tags = array(select distinct t from unnest(c.tags || cast(:name as text)) t order by t)
    from held h where c.seller_id = h.seller_id and c.id = h.id and not :name = any(h.tags) and cardinality(h.tags) < :most
    returning c.id)
select h.id, :name = any(h.tags) as had, h.id in (select id from changed) as changed from held h
"""
_ADD = text(_ADD_SQL.format(hold=_HOLD))
_REMOVE_SQL = """{hold}, changed as (
    update chats c set tags = array_remove(c.tags, cast(:name as text))
    from held h where c.seller_id = h.seller_id and c.id = h.id and :name = any(h.tags) returning c.id)
select h.id, not :name = any(h.tags) as had, h.id in (select id from changed) as changed from held h
"""
_REMOVE = text(_REMOVE_SQL.format(hold=_HOLD))


async def of_seller(session: AsyncSession, seller_id: int | None) -> tuple[Tag, ...]:
    """The tags of a seller, or of every seller, by name."""
    statement = _OF_ALL if seller_id is None else _OF_SELLER
    values = {} if seller_id is None else {"seller": seller_id}
    return tuple(Tag(*row) for row in await session.execute(statement, values))


async def paint(session: AsyncSession, tag: Tag) -> None:
    """Give a tag a colour; one that there is not yet is made."""
    await session.execute(_PAINT, {"seller": tag.seller_id, "name": tag.name, "colour": tag.colour})


async def add(session: AsyncSession, seller_id: int, ids: Sequence[int], name: str) -> dict[int, bool | None]:
    """Tag these conversations: True for those that bear it now, None for those that did, False for those with too many.

    What is missing from the answer does not exist.
    """
    await session.execute(_KNOW, {"seller": seller_id, "name": name})
    return await _changed(session, _ADD, seller_id, ids, {"name": name, "most": MOST})


async def remove(
    session: AsyncSession, seller_id: int, ids: Sequence[int], name: str
) -> dict[int, bool | None]:
    """Take a tag off these conversations; as `add`."""
    return await _changed(session, _REMOVE, seller_id, ids, {"name": name})


async def _changed(
    session: AsyncSession, statement: object, seller_id: int, ids: Sequence[int], values: dict[str, object]
) -> dict[int, bool | None]:
    rows = await session.execute(statement, {"seller": seller_id, "ids": list(ids)} | values)  # type: ignore[call-overload]
    return {row.id: True if row.changed else None if row.had else False for row in rows}

"""Saved filters: one's own, and those shared with everybody who works for a seller."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.errors import BadFilter, NotFound
from agentiq_core.domain.filters import EVERYTHING, QueueFilter
from agentiq_core.domain.team import SavedView, ViewRef

_COLUMNS = "seller_id, id, name, filter, position, operator_id = (select operator_id()) as own"
_LIST_SQL = """
select {columns} from views where seller_id = 0 and operator_id = (select operator_id())
union all
select {columns} from views where seller_id = any(array(select id from sellers))
order by position, id
"""
_LIST = text(_LIST_SQL.format(columns=_COLUMNS))
_SAVE_SQL = """
insert into views (seller_id, operator_id, name, filter, position)
select :seller, operator_id(), :name, cast(:filter as jsonb), coalesce(max(v.position) + 1, 0) from views v where v.seller_id = :seller
returning {columns}
"""
_SAVE = text(_SAVE_SQL.format(columns=_COLUMNS))
_CHANGE_SQL = """
update views set name = coalesce(:name, name), filter = coalesce(cast(:filter as jsonb), filter)
where seller_id = :seller and id = :id returning {columns}
"""
_CHANGE = text(_CHANGE_SQL.format(columns=_COLUMNS))
_REMOVE = text("delete from views where seller_id = :seller and id = :id returning id")
_PLACE = text(
    "update views set position = :position where seller_id = :seller and id = :id and position <> :position"
)


async def every(session: AsyncSession) -> tuple[SavedView, ...]:
    """The views of the asking operator and those shared with them, in their order. One that cannot be read any more finds everything."""
    return tuple(_view(row) for row in await session.execute(_LIST))


async def save(session: AsyncSession, name: str, narrowed: QueueFilter, seller_id: int) -> SavedView:
    """Keep a filter behind the others; for a seller's team, or with 0 for oneself. Raises `Forbidden`."""
    values = {"seller": seller_id, "name": name, "filter": json.dumps(narrowed.to_json())}
    return _view((await session.execute(_SAVE, values)).one())


async def change(
    session: AsyncSession, ref: ViewRef, *, name: str | None = None, narrowed: QueueFilter | None = None
) -> SavedView:
    """Give a view another name or filter. Raises `NotFound`, also for one that is not this operator's to change."""
    values = {
        "seller": ref.seller_id,
        "id": ref.id,
        "name": name,
        "filter": None if narrowed is None else json.dumps(narrowed.to_json()),
    }
    row = (await session.execute(_CHANGE, values)).first()
    if row is None:
        raise NotFound(f"there is no view {ref.id} to change", view=ref.id)
    return _view(row)


async def remove(session: AsyncSession, ref: ViewRef) -> None:
    """Forget a view. Raises `NotFound` as `change`."""
    if await session.scalar(_REMOVE, {"seller": ref.seller_id, "id": ref.id}) is None:
        raise NotFound(f"there is no view {ref.id} to remove", view=ref.id)


async def order(session: AsyncSession, refs: Sequence[ViewRef]) -> None:
    """Put these views in this order; those that are not this operator's to change stay where they are."""
    for position, ref in enumerate(refs):
        await session.execute(_PLACE, {"seller": ref.seller_id, "id": ref.id, "position": position})


def _view(row: Any) -> SavedView:
    seller_id, view_id, name, kept, position, own = row
    try:
        narrowed = QueueFilter.from_json(kept)
    except BadFilter:
        narrowed = EVERYTHING
    return SavedView(ViewRef(seller_id, view_id), name, narrowed, position, bool(own))

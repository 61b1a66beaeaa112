"""Saved filters of this operator's, and those that a seller's team shares."""

from __future__ import annotations

from collections.abc import Sequence

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.filters import QueueFilter
from agentiq_core.domain.team import SavedView, ViewRef
from agentiq_core.engine.context import Engine
from agentiq_core.store import saved_views as stored

LONGEST_NAME = 60


class SavedViews:
    """Named filters (`desk.views`). One's own are changed by oneself, a shared one by its maker or an admin."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def every(self) -> tuple[SavedView, ...]:
        """The own views and those that are shared with this operator, in their order."""
        async with self._engine.store.transaction() as session:
            return await stored.every(session)

    async def save(self, name: str, narrowed: QueueFilter, *, share_with: int | None = None) -> SavedView:
        """Keep a filter; `share_with` a seller's team. Raises `Rejected` for the name, `Forbidden`."""
        self._engine.access.only_writers()
        async with self._engine.store.transaction() as session:
            return await stored.save(session, _checked(name), narrowed, share_with or 0)

    async def rename(self, ref: ViewRef, name: str) -> SavedView:
        """Give a view another name. Raises `NotFound`, also where it is not this operator's to change, `Rejected`."""
        self._engine.access.only_writers()
        async with self._engine.store.transaction() as session:
            return await stored.change(session, ref, name=_checked(name))

    async def refine(self, ref: ViewRef, narrowed: QueueFilter) -> SavedView:
        """Give a view another filter. Raises as `rename`."""
        self._engine.access.only_writers()
        async with self._engine.store.transaction() as session:
            return await stored.change(session, ref, narrowed=narrowed)

    async def remove(self, ref: ViewRef) -> None:
        """Forget a view. Raises as `rename`."""
        self._engine.access.only_writers()
        async with self._engine.store.transaction() as session:
            await stored.remove(session, ref)

    async def order(self, refs: Sequence[ViewRef]) -> None:
        """Put these views in this order; those of colleagues stay where they are unless an admin asks."""
        self._engine.access.only_writers()
        async with self._engine.store.transaction() as session:
            await stored.order(session, refs)


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Rejected(
            f"a view's name has between 1 and {LONGEST_NAME} characters", longest_name=LONGEST_NAME
        )
    return name

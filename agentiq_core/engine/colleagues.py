"""Colleagues: who may be named in a note and given a conversation."""

from __future__ import annotations

from agentiq_core.domain.filters import Names
from agentiq_core.domain.team import Colleague, shown_name
from agentiq_core.engine.context import Engine
from agentiq_core.store import accounts, presence


class Colleagues:
    """The people of the desk, as this operator may see them (`desk.colleagues`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def every(self) -> tuple[Colleague, ...]:
        """Everybody who is let in, this operator too, by name."""
        async with self._engine.store.transaction() as session:
            known = await accounts.operators(session)
            here = await presence.here(session)
        found = [
            Colleague(
                id=one.id,
                name=shown_name(one.name, one.email),
                email=one.email,
                role=one.role,
                sellers=frozenset(one.sellers),
                here=one.id in here,
            )
            for one in known
            if one.disabled_at is None
        ]
        return tuple(sorted(found, key=lambda one: (one.name.lower(), one.id)))

    async def of(self, seller_id: int) -> tuple[Colleague, ...]:
        """Those who may be given this seller's conversations and be named in notes on them."""
        return tuple(one for one in await self.every() if one.may_be_given(seller_id))

    async def names(self) -> Names:
        """What a typed filter may name: marketplaces by their short names, colleagues by their handles."""
        people = {one.handle.lower(): one.id for one in await self.every()}
        return Names(marketplaces=self._engine.lines.shorts(), people=people)

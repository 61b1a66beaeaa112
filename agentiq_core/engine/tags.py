"""Tags: a seller's own words on conversations."""

from __future__ import annotations

from collections.abc import Iterable

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.filters import QueueFilter
from agentiq_core.domain.team import COLOURS, Tag
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.engine.many import by_seller, changed
from agentiq_core.store import tags as stored


class Tags:
    """The tags of the desk (`desk.tags`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def of(self, seller_id: int | None = None) -> tuple[Tag, ...]:
        """The tags of a seller, or of all, by name."""
        async with self._engine.store.transaction() as session:
            return await stored.of_seller(session, seller_id)

    async def add(self, refs: ChatRef | Iterable[ChatRef], name: str) -> int:
        """Tag conversations; a tag that there is not yet is made. How many bear it that did not.

        Raises `BadFilter` for what is no tag, `Forbidden` for a viewer; for a single conversation `NotFound`, and `Rejected`
        where it has too many.
        """
        return await self._change(refs, name, stored.add)

    async def remove(self, refs: ChatRef | Iterable[ChatRef], name: str) -> int:
        """Take a tag off conversations; off how many. Raises as `add`."""
        return await self._change(refs, name, stored.remove)

    async def paint(self, seller_id: int, name: str, colour: str) -> None:
        """Give a tag one of the colours; one that there is not yet is made. Raises `BadFilter`, `Forbidden`, `Rejected`."""
        self._engine.access.only_writers()
        checked(name)
        if colour not in COLOURS:
            raise Rejected(f"no such colour: {colour[:20]}", colour=colour[:20])
        async with self._engine.store.transaction() as session:
            await stored.paint(session, Tag(seller_id, name, colour))

    async def _change(self, refs: ChatRef | Iterable[ChatRef], name: str, change: stored.Change) -> int:
        self._engine.access.only_writers()
        checked(name)
        done = 0
        for seller_id, ids in by_seller(refs).items():
            async with self._engine.store.transaction() as session:
                found = await change(session, seller_id, ids, name)
            done += changed(refs, found)
            if isinstance(refs, ChatRef) and found[refs.chat_id] is False:
                raise Rejected("a conversation has at most twenty tags")
        return done


def checked(name: str) -> str:
    """A tag's name. Raises `BadFilter` for more than one word, or too long a one."""
    QueueFilter(tag=name)
    return name

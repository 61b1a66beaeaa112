"""Notes: what colleagues tell each other about a conversation. Buyers never see them, and they stop no reply."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.team import MentionView, NoteView, mentioned
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.colleagues import Colleagues
from agentiq_core.engine.context import Engine
from agentiq_core.store import notes as stored
from agentiq_core.store.messages import storable

LONGEST = 10_000
"""Characters of a note."""


class Notes:
    """The notes of the desk (`desk.notes`). A viewer reads them; everybody's are their own."""

    def __init__(self, engine: Engine, colleagues: Colleagues) -> None:
        self._engine = engine
        self._colleagues = colleagues

    async def of(self, ref: ChatRef) -> tuple[NoteView, ...]:
        """Every note of a conversation, oldest first. `Conversation.notes` has those of the run that is shown."""
        async with self._engine.store.transaction() as session:
            return await stored.of_chat(session, ref)

    async def add(self, ref: ChatRef, text: str, mentions: Iterable[int] = ()) -> NoteView:
        """Write a note; whoever it names by @handle is told, and those given by number.

        Raises `NotFound`, `Forbidden` for a viewer, `Rejected` for no text, too much of it, or somebody who does not work there.
        """
        body, named = await self._checked(ref, text, mentions)
        async with self._engine.store.transaction() as session:
            return await stored.add(session, ref, body, named)

    async def edit(self, ref: ChatRef, note_id: int, text: str, mentions: Iterable[int] = ()) -> NoteView:
        """Change a note of one's own; whom it names anew is told. Raises as `add`, `Rejected` for a colleague's."""
        body, named = await self._checked(ref, text, mentions)
        async with self._engine.store.transaction() as session:
            return await stored.edit(session, ref, note_id, body, named)

    async def delete(self, ref: ChatRef, note_id: int) -> None:
        """Delete a note of one's own. Raises `NotFound`, `Forbidden`, `Rejected` for a colleague's."""
        self._engine.access.only_writers()
        async with self._engine.store.transaction() as session:
            await stored.drop(session, ref, note_id)

    async def mentions(
        self, *, unseen: bool = False, before: datetime | None = None, limit: int = 50
    ) -> tuple[MentionView, ...]:
        """Notes that name this operator, newest first, written before `before`. `Overview.mentions` counts the unseen."""
        async with self._engine.store.transaction() as session:
            return await stored.mentions(session, unseen=unseen, before=before, limit=limit)

    async def seen(self, ref: ChatRef) -> int:
        """This operator has seen what names them in a conversation; how many notes that were."""
        async with self._engine.store.transaction() as session:
            return await stored.seen(session, ref)

    async def _checked(self, ref: ChatRef, text: str, mentions: Iterable[int]) -> tuple[str, frozenset[int]]:
        self._engine.access.only_writers()
        body = storable(text).strip()
        if not body or len(body) > LONGEST:
            raise Rejected(f"a note has between 1 and {LONGEST} characters", longest_note=LONGEST)
        named = frozenset(mentions)
        if "@" in body:
            named |= mentioned(body, await self._colleagues.of(ref.seller_id))
        return body, named

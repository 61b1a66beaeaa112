"""What operators type and have not sent (`desk.drafts`)."""

from __future__ import annotations

from collections.abc import Collection

from agentiq_core.domain.drafts import DraftKey, DraftView, LeftDraft
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.store import drafts as stored


class Drafts:
    """A draft is its writer's, on every machine of theirs. Two of them at once lose neither's words (docs/decisions/024)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def read(self, key: DraftKey) -> DraftView:
        """What this operator has typed in a field."""
        async with self._engine.store.transaction() as session:
            return await stored.read(session, key)

    async def save(self, key: DraftKey, text: str, known: Collection[str] = ("",)) -> DraftView:
        """Keep what was typed; `known` are the texts of this field that the writer has seen or saved. What stands there now:
        a text that was typed elsewhere meanwhile comes as `other`. Raises `Forbidden` for a viewer."""
        async with self._engine.store.transaction() as session:
            return await stored.save(session, key, text, known)

    async def of_reply(self, ref: ChatRef) -> tuple[DraftView, LeftDraft | None]:
        """What this operator has typed as a reply, and what a colleague began where the conversation is this operator's now."""
        async with self._engine.store.transaction() as session:
            return await stored.read(session, DraftKey(ref)), await stored.left(session, ref)

    async def take(self, ref: ChatRef, taken: LeftDraft) -> None:
        """It is part of this operator's own draft now: the colleague's goes, if it is still the same."""
        async with self._engine.store.transaction() as session:
            await stored.take(session, ref, taken)

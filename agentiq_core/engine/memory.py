"""What is stored of a feed's conversations, as a connector may ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentiq_core.domain.views import FeedRef
from agentiq_core.store import memory
from agentiq_core.store.database import Store


@dataclass(frozen=True, slots=True)
class StoredMemory:
    """Implements `connectors.base.Memory` for one feed. Raises as `Store.transaction`."""

    store: Store
    feed: FeedRef

    async def marks(self, chats: Sequence[str]) -> Mapping[str, str]:
        """How far these conversations were read."""
        async with self.store.transaction() as session:
            return await memory.marks(session, self.feed, chats)

    async def awaited(self) -> Sequence[str]:
        """Conversations whose news somebody waits for."""
        async with self.store.transaction() as session:
            return await memory.awaited(session, self.feed)

    async def unanswered(self) -> Sequence[str]:
        """Conversations that want a reply as far as is known here."""
        async with self.store.transaction() as session:
            return await memory.unanswered(session, self.feed)

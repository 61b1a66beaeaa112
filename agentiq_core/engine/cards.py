"""What is known of the good a conversation is about, for whoever answers there."""

from __future__ import annotations

from agentiq_core.domain.messages import ProductCard
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.store import products


class Cards:
    """The goods of a desk."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def of(self, ref: ChatRef) -> ProductCard | None:
        """The card of the good that a conversation is about; None when it is about none, or nobody has fetched it yet."""
        async with self._engine.store.transaction() as session:
            return await products.card(session, ref)

"""Cards of goods without a database, for tests of the screen: answers as `engine.cards.Cards` does."""

from __future__ import annotations

from agentiq_core.domain.messages import ProductCard
from agentiq_core.domain.views import ChatRef


class ScriptedCards:
    """`known` are the cards by conversation."""

    def __init__(self) -> None:
        self.known: dict[ChatRef, ProductCard] = {}
        self.asked: list[ChatRef] = []

    async def of(self, ref: ChatRef) -> ProductCard | None:
        self.asked.append(ref)
        return self.known.get(ref)

"""Conversations in one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from agentiq_core.ai.suggest import SuggestionContext
from agentiq_core.domain.messages import Author, Message, Origin, Product

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MUG = Product("178245690", title="Кружка керамическая, 350 мл, белая", price=129900, size="350 мл")


def said(*texts: str, answers: tuple[int, ...] = ()) -> tuple[Message, ...]:
    """Messages a minute apart; `answers` are the places of the seller's."""
    return tuple(
        Message(
            f"m{number:03}",
            Author.SELLER if number in answers else Author.BUYER,
            Origin.API if number in answers else Origin.BUYER,
            NOW - timedelta(minutes=60 - number),
            text,
        )
        for number, text in enumerate(texts)
    )


def about(*texts: str, **more: Any) -> SuggestionContext:
    """A buyer of a mug who wrote these texts."""
    made: dict[str, Any] = {
        "chat_id": 1,
        "buyer_name": "Анна",
        "product": MUG,
        "messages": said(*texts),
        "limit": 1_000,
        "now": NOW,
    }
    return SuggestionContext(**made | more)

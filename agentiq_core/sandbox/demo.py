"""The shops of `agentiq demo`, with days of conversations behind them."""

from __future__ import annotations

from typing import Any, Final

from agentiq_core.sandbox.buyers import CLOTHING, ELECTRONICS, HOME, KIDS, KITCHEN
from agentiq_core.sandbox.history import History
from agentiq_core.sandbox.server import Sandbox
from agentiq_core.sandbox.shop import Shop

WAITING_SHARE: Final = 0.25
REVIEW_SHARE: Final = 0.4
QUESTION_SHARE: Final = 0.2
SHOPS: Final = (
    ("wildberries", "Дом и чай", KITCHEN),
    ("wildberries", "Северный лён", CLOTHING),
    ("ozon", "Тихий дом", HOME),
    ("yandex-market", "Звук и свет", ELECTRONICS),
    ("avito", "Детская комната", KIDS),
)
"""By market; those of markets that the sandbox lacks stay closed."""


def populate(sandbox: Sandbox, *, chats: int = 60) -> list[Shop[Any]]:
    """Open the demo's shops, chats divided among them, a quarter waiting for an answer.

    Reviews and questions come on top, in proportion to the chats, where a market has them.
    """
    known = {market.id: market for market in sandbox.markets}
    shops = [(known[market_id], name, goods) for market_id, name, goods in SHOPS if market_id in known]
    opened: list[Shop[Any]] = []
    for place, (market, name, goods) in enumerate(shops):
        count = chats // len(shops) + (place < chats % len(shops))
        history = History(
            chats=count,
            waiting=round(count * WAITING_SHARE),
            reviews=round(count * REVIEW_SHARE),
            questions=round(count * QUESTION_SHARE),
        )
        opened.append(market.add_seller(name, goods=goods, history=history))
    return opened

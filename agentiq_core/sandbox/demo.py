"""The shops of `agentiq demo`: two sellers with days of conversations behind them."""

from __future__ import annotations

from typing import Final

from agentiq_core.sandbox.buyers import CLOTHING, KITCHEN
from agentiq_core.sandbox.server import Sandbox
from agentiq_core.sandbox.wildberries.market import History
from agentiq_core.sandbox.wildberries.seller import SandboxSeller

WAITING_SHARE: Final = 0.25


def populate(sandbox: Sandbox, *, chats: int = 60) -> list[SandboxSeller]:
    """Add the demo's sellers, chats divided between them, a quarter waiting for an answer."""
    shops = (("Дом и чай", KITCHEN, chats - chats // 2), ("Северный лён", CLOTHING, chats // 2))
    return [
        sandbox.wildberries.add_seller(
            name, goods=goods, history=History(chats=count, waiting=round(count * WAITING_SHARE))
        )
        for name, goods, count in shops
    ]

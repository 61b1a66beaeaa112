"""The marketplaces of the sandbox. A new one is one folder and one line here; the last place keeps the seeds of the others."""

from __future__ import annotations

from typing import Final

from agentiq_core.sandbox.avito.market import AvitoMarket
from agentiq_core.sandbox.market import MarketFactory
from agentiq_core.sandbox.ozon.market import OzonMarket
from agentiq_core.sandbox.wildberries.market import WildberriesMarket
from agentiq_core.sandbox.yandex_market.market import YandexMarket

MARKETS: Final[tuple[MarketFactory, ...]] = (
    WildberriesMarket,
    OzonMarket,
    YandexMarket,
    AvitoMarket,
)  # fmt: skip

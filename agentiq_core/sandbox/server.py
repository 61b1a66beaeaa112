"""The sandbox as a whole: one HTTP server on loopback with the marketplaces, the control and the buyers."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

from agentiq_core.sandbox.control import Control
from agentiq_core.sandbox.faults import Faults
from agentiq_core.sandbox.live import LiveBuyers
from agentiq_core.sandbox.market import Ground, Market, MarketFactory
from agentiq_core.sandbox.registry import MARKETS
from agentiq_core.sandbox.wildberries.market import WildberriesMarket

_LOOPBACK: Final = "127.0.0.1"
_MAX_BODY: Final = 64 * 1024 * 1024
_SEEDS_APART: Final = 100


class Sandbox:
    """Marketplaces that behave by their specifications until told otherwise. An async context manager.

    seed: the same seed gives the same people, texts and ids. port 0: any free one. clock: unix seconds,
    rules limits, times of messages and delayed echoes; delays of connections are real time.
    live: new buyers come and answer replies while it runs. markets: those of the registry unless given.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        rate_limits: bool = True,
        live: bool = False,
        markets: Sequence[MarketFactory] = MARKETS,
    ) -> None:
        self._port = port
        self._live = live
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._buyers_task: asyncio.Task[None] | None = None
        self._bound = 0
        self.control_secret = secrets.token_urlsafe(24)
        self.faults = Faults(random.Random(seed + 1))
        self.markets: tuple[Market[Any], ...] = tuple(
            make(Ground(seed + _SEEDS_APART * place, clock, self.faults, self._closing))
            for place, make in enumerate(markets)
        )
        self.buyers = LiveBuyers(self.markets, rng=random.Random(seed + 2), clock=clock)
        self.rate_limits = rate_limits

    def market(self, market_id: str) -> Market[Any]:
        """The market of that id; KeyError where there is none."""
        for market in self.markets:
            if market.id == market_id:
                return market
        raise KeyError(market_id)

    @property
    def wildberries(self) -> WildberriesMarket:
        """Its Wildberries."""
        market = self.market("wildberries")
        assert isinstance(market, WildberriesMarket)
        return market

    @property
    def url(self) -> str:
        """Root of the server; each market is below `/<id>`."""
        return f"http://{_LOOPBACK}:{self._bound}"

    @property
    def rate_limits(self) -> bool:
        """Whether requests are limited; may be changed while running."""
        return all(market.rate_limits for market in self.markets)

    @rate_limits.setter
    def rate_limits(self, on: bool) -> None:
        for market in self.markets:
            market.rate_limits = on

    async def __aenter__(self) -> Self:
        await self._listen(self._port)
        if self._live:
            self._buyers_task = asyncio.create_task(self.buyers.run(), name="sandbox buyers")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._buyers_task is not None:
            self._buyers_task.cancel()
            with suppress(asyncio.CancelledError):
                await self._buyers_task
        await self._close()

    @asynccontextmanager
    async def offline(self) -> AsyncIterator[None]:
        """Refuse connections meanwhile, hanging ones are cut; afterwards the same port and the same state."""
        await self._close()
        self._closing.clear()
        try:
            yield
        finally:
            await self._listen(self._bound)

    async def _listen(self, port: int) -> None:
        control = Control(
            self.markets,
            self.faults,
            secret=self.control_secret,
            base_url=lambda: self.url,
            switch_rate_limits=lambda on: setattr(self, "rate_limits", on),
        )
        app = web.Application(client_max_size=_MAX_BODY)
        app.add_routes(control.routes())
        for market in self.markets:
            app.add_routes(market.routes(f"/{market.id}"))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, _LOOPBACK, port)
        await site.start()
        self._bound = self._runner.addresses[0][1]

    async def _close(self) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

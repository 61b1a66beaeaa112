"""From settings to a working engine: start or reach Postgres, upgrade the schema, open the vault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from agentiq_core.config import Settings
from agentiq_core.connectors.base import Marketplace
from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_core.engine.context import Clock, Engine, utc_now
from agentiq_core.engine.lines import Lines
from agentiq_core.identity.vault import open_vault
from agentiq_core.store.database import Store
from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_core.store.schema import migrate


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[str]:
    """The address of a database with the current schema: the team's, or the embedded one, left when this ends.

    Raises `StoreUnavailable` and its kinds with one line that says what to do.
    """
    if settings.database_url is not None:
        dsn = settings.database_url.get_secret_value()
        await asyncio.to_thread(migrate, dsn)
        yield dsn
        return
    server = EmbeddedPostgres(settings.home, bin_dir=settings.postgres_bin)
    dsn = await asyncio.to_thread(server.start)
    try:
        await asyncio.to_thread(migrate, dsn)
        yield dsn
    finally:
        await asyncio.shield(asyncio.to_thread(server.leave))


@asynccontextmanager
async def open_engine(
    settings: Settings,
    *,
    marketplaces: Mapping[str, Marketplace] = MARKETPLACES,
    budgets: bool = True,
    clock: Clock = utc_now,
) -> AsyncIterator[Engine]:
    """An engine ready to work. Raises `StoreUnavailable`, `VaultLocked`, `Misconfigured`."""
    async with database(settings) as dsn:
        vault = await asyncio.to_thread(open_vault, settings)
        store = Store(dsn)
        lines = Lines(store, vault, marketplaces=marketplaces, budgets=budgets)
        try:
            yield Engine(store=store, lines=lines, vault=vault, settings=settings, clock=clock)
        finally:
            await lines.aclose()
            await store.aclose()

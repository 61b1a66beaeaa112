"""Stores as somebody may see them, and the database as only its owner does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from agentiq_core.engine.access import Access
from agentiq_core.store.database import Door, Store
from agentiq_core.store.schema import sqlalchemy_url


def signed_store(dsn: str, given: str, *, pool_size: int = 8) -> Store:
    """A store whose transactions are signed by this sign-in (its refresh token)."""
    door = Door(dsn, pool_size=pool_size)
    return Store(door, Access(door, given=given))


@asynccontextmanager
async def owners_transaction(dsn: str) -> AsyncIterator[AsyncSession]:
    """A transaction of the server's superuser, whom no policy binds: for what no operator may do or see."""
    options = "-c search_path=agentiq,procrastinate -c timezone=UTC"
    engine = create_async_engine(sqlalchemy_url(dsn), poolclass=NullPool, connect_args={"options": options})
    try:
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        await engine.dispose()

"""The one door to the database: every statement of AgentIQ runs inside `Store.transaction`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.store.schema import sqlalchemy_url

SEARCH_PATH = "-c search_path=agentiq,procrastinate -c timezone=UTC"


class Store:
    """A pool of connections to one AgentIQ database whose schema is current (`store.schema.migrate`).

    `dsn` is a postgresql:// address. Every error of the connection becomes `StoreUnavailable`.
    """

    def __init__(self, dsn: str, *, pool_size: int = 8) -> None:
        self.dsn = dsn
        self._engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(dsn),
            pool_size=pool_size,
            max_overflow=4,
            pool_timeout=10,
            pool_pre_ping=True,
            # an error that is logged must not carry buyers' texts
            hide_parameters=True,
            connect_args={"options": SEARCH_PATH, "connect_timeout": 10},
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed at the end, or undone as a whole when anything is raised."""
        try:
            async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
                yield session
        except DBAPIError as error:
            if error.connection_invalidated or isinstance(
                error.orig, psycopg.OperationalError | psycopg.InterfaceError
            ):
                raise StoreUnavailable(f"the database did not answer: {first_line(error.orig)}") from error
            raise
        except PoolTimeout as error:
            raise StoreUnavailable("every connection to the database is busy") from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise StoreUnavailable(f"the database did not answer: {first_line(error)}") from error

    async def aclose(self) -> None:
        """Give every connection back."""
        await self._engine.dispose()


async def driver_connection(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    """The session's own psycopg connection, so that a job can be deferred in the same transaction."""
    raw = await (await session.connection()).get_raw_connection()
    connection: psycopg.AsyncConnection[Any] = raw.driver_connection  # type: ignore[assignment]
    return connection


def first_line(error: BaseException | None) -> str:
    """The first line of an error's message: libpq's others repeat the address."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__

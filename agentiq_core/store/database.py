"""The doors to the database: every statement of AgentIQ runs inside `Store.transaction`, signed by an operator's token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, Protocol

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from agentiq_core.domain.errors import (
    AgentIQError,
    Forbidden,
    NotFound,
    Rejected,
    SignedOut,
    StoreUnavailable,
)
from agentiq_core.store.schema import sqlalchemy_url

SESSION_OPTIONS = "-c search_path=agentiq,procrastinate -c timezone=UTC -c role=agentiq_app"
"""How every connection begins. The role is bound by row security, whoever the address belongs to."""

_ENTER = text("select enter(:token)")
NOT_SIGNED_IN = "AQ401"
_LIMIT_EXCEEDED = "54"
"""The class of states that says that a row is too large for Postgres, who is well; its driver calls that operational."""
_REFUSALS: dict[str, type[AgentIQError]] = {
    NOT_SIGNED_IN: SignedOut,
    "AQ403": Forbidden,
    "AQ404": NotFound,
    "AQ409": Rejected,
    "AQ422": Rejected,
    "42501": Forbidden,
}
"""The states that the functions of the migrations raise, and Postgres's own for a row that a policy does not take."""


class TokenSource(Protocol):
    """Who works here: gives the access token that signs each transaction."""

    async def token(self) -> str:
        """A token that is good now. Raises `SignInNeeded`, `SignedOut`, `StoreUnavailable`."""
        ...

    async def renewed(self, refused: str) -> str:
        """Another token than this one, which the database no longer takes. Raises as `token` does."""
        ...


class Door:
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
            connect_args={"options": SESSION_OPTIONS, "connect_timeout": 10},
        )

    @asynccontextmanager
    async def anonymous(self) -> AsyncIterator[AsyncSession]:
        """A transaction of nobody: it sees no row, and may call what signs in."""
        try:
            async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
                yield session
        except DBAPIError as error:
            raise _explained(error) from error
        except PoolTimeout as error:
            raise StoreUnavailable("every connection to the database is busy") from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise StoreUnavailable(f"the database did not answer: {first_line(error)}") from error

    async def aclose(self) -> None:
        """Give every connection back."""
        await self._engine.dispose()


class Store:
    """The database as one operator may see it."""

    def __init__(self, door: Door, tokens: TokenSource, *, width: int | None = None) -> None:
        """At most `width` transactions at once, however many connections the door has."""
        self._door = door
        self.tokens = tokens
        self._lane: AbstractAsyncContextManager[object] = (
            nullcontext() if width is None else asyncio.Semaphore(width)
        )

    def lane(self, width: int) -> Store:
        """The same database, for work that must leave connections to others."""
        return Store(self._door, self.tokens, width=width)

    @property
    def dsn(self) -> str:
        """The address, for the connections that LISTEN and carry jobs."""
        return self._door.dsn

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed at the end, or undone as a whole when anything is raised.

        Raises `SignInNeeded` and its kinds, `Forbidden` when the role does not allow what is done in it.
        """
        token = await self.tokens.token()
        async with self._lane:
            try:
                async with self._entered(token) as session:
                    yield session
                    return
            except _TokenRefused:
                token = await self.tokens.renewed(token)
            async with self._door.anonymous() as session:
                await session.execute(_ENTER, {"token": token})
                yield session

    @asynccontextmanager
    async def _entered(self, token: str) -> AsyncIterator[AsyncSession]:
        async with self._door.anonymous() as session:
            try:
                await session.execute(_ENTER, {"token": token})
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) == NOT_SIGNED_IN:
                    raise _TokenRefused from None
                raise
            yield session

    async def aclose(self) -> None:
        """Give every connection back."""
        await self._door.aclose()


class _TokenRefused(Exception):
    """The door did not open; nothing was done yet."""


def _explained(error: DBAPIError) -> Exception:
    state = getattr(error.orig, "sqlstate", None)
    refusal = _REFUSALS.get(state or "")
    if refusal is not None:
        return refusal(first_line(error.orig))
    if (state or "").startswith(_LIMIT_EXCEEDED):
        return error
    if error.connection_invalidated or isinstance(
        error.orig, psycopg.OperationalError | psycopg.InterfaceError
    ):
        return StoreUnavailable(f"the database did not answer: {first_line(error.orig)}")
    return error


async def driver_connection(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    """The session's own psycopg connection, so that a job can be deferred in the same transaction."""
    raw = await (await session.connection()).get_raw_connection()
    connection: psycopg.AsyncConnection[Any] = raw.driver_connection  # type: ignore[assignment]
    return connection


async def sign(connection: psycopg.AsyncConnection[Any], tokens: TokenSource) -> None:
    """Sign a connection that holds no transaction (LISTEN, jobs) until it is signed again. Raises as `token` does."""
    token = await tokens.token()
    row = await (await connection.execute(_SIGN, [token])).fetchone()
    if row is not None and row[1] is None:
        row = await (await connection.execute(_SIGN, [await tokens.renewed(token)])).fetchone()
        if row is not None and row[1] is None:
            raise SignedOut("this sign-in has ended")


_SIGN = "select set_config('agentiq.token', %s, false), agentiq.operator_id()"


def first_line(error: BaseException | None) -> str:
    """The first line of an error's message: libpq's others repeat the address."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__

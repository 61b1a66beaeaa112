"""Procrastinate's connection to the database, under row security: signed by the operator whose process it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import procrastinate
import psycopg
from procrastinate.exceptions import UniqueViolation
from psycopg_pool import AsyncConnectionPool

from agentiq_core.domain.errors import SignInNeeded
from agentiq_core.store.database import SESSION_OPTIONS, Store, sign


class SignedConnector(procrastinate.PsycopgConnector):
    """Jobs as the store's operator may see them. The caller opens it, through its `procrastinate.App`."""

    def __init__(self, store: Store) -> None:
        async def signed(connection: psycopg.AsyncConnection[Any]) -> None:
            # the pool asks before each use: the token that signed this connection may have ended meanwhile. Unsigned it
            # sees no job; an error here would only make the pool try again and again
            with suppress(SignInNeeded):
                await sign(connection, store.tokens)

        def pool(**options: Any) -> AsyncConnectionPool:
            # signing asks the server, so it takes the place of Procrastinate's own check that the connection lives
            return AsyncConnectionPool(**options | {"check": signed})

        super().__init__(
            pool_factory=pool,
            conninfo=store.dsn,
            kwargs={"options": SESSION_OPTIONS},
            min_size=1,
            max_size=4,
        )

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        with _keys_untold():
            row: dict[str, Any] = await super().execute_query_one_async(query, **arguments)
            return row

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        with _keys_untold():
            rows: list[dict[str, Any]] = await super().execute_query_all_async(query, **arguments)
            return rows


@contextmanager
def _keys_untold() -> Iterator[None]:
    """Postgres keeps the keys of a table with row security out of its errors; Procrastinate 3.10 insists on reading them."""
    try:
        yield
    except AssertionError as error:
        cause = error.__context__
        if not isinstance(cause, psycopg.errors.UniqueViolation):
            raise
        raise UniqueViolation(constraint_name=cause.diag.constraint_name, queueing_lock=None) from cause

"""A database that another test has used is like a new one, or it is gone (tests/databases.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.databases import Server

NUMBER = "insert into agentiq.sellers (name, marketplace, account_id) values ('Свет', 'wildberries', '1') returning id"


@pytest.fixture
def alone(server: Server) -> Iterator[Server]:
    """The same server, without the databases that other tests gave back."""
    alone = Server(server.name, server.admin_dsn)
    yield alone
    alone.drop_unused()


def said(dsn: str, *statements: str) -> Any:
    """What the last of these statements, each committed, returns first."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def which(dsn: str) -> Any:
    return said(dsn, "select oid from pg_database where datname = current_database()")


def test_rows_and_numbers_of_the_former_test_are_gone(alone: Server) -> None:
    first = alone.take()
    known, number = which(first), said(first, NUMBER)
    # as autovacuum does to every database after a while, the template among them
    said(first, "vacuum analyze pg_catalog.pg_class", "vacuum analyze pg_catalog.pg_attribute")
    alone.give_back(first)
    second = alone.take()
    assert second != first
    assert which(second) == known
    assert said(second, "select count(*) from agentiq.sellers") == 0
    assert said(second, NUMBER) == number == 1
    alone.give_back(second)


def test_who_is_still_connected_does_not_reach_the_next_test(alone: Server) -> None:
    first = alone.take()
    with psycopg.connect(first) as connection:
        connection.execute(NUMBER)
        alone.give_back(first)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(first)
    second = alone.take()
    assert said(second, "select count(*) from agentiq.sellers") == 0
    alone.give_back(second)


@pytest.mark.parametrize(
    "changed",
    [
        "alter table agentiq.sellers add column colour text",
        "drop function agentiq.enter(text)",
        "revoke select on agentiq.sellers from agentiq_app",
        "do $$ begin execute format('alter database %I set work_mem = ''1MB''', current_database()); end $$",
        "analyze agentiq.sellers",
        "update agentiq_private.signing_key set inner_pad = sha256('')",
        "alter table agentiq.sellers disable row level security",
    ],
)
def test_anything_else_that_was_changed_ends_the_database(alone: Server, changed: str) -> None:
    first = alone.take()
    known = which(first)
    said(first, NUMBER, changed)
    alone.give_back(first)
    second = alone.take()
    assert which(second) != known
    alone.drop(second)

"""The schema: upgraded once whoever comes first, the same in Python and in Postgres, strict about replies."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import create_engine, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.pool import NullPool

from agentiq_core.domain.errors import SchemaTooNew, SchemaTooOld, StoreUnavailable
from agentiq_core.domain.outbox import TRANSITIONS, OutboxState
from agentiq_core.store import schema
from agentiq_core.store.schema import VERSIONS, migrate, sqlalchemy_url
from agentiq_core.store.tables_in_sql import Table

GLOBAL_TABLES = {"sellers", "alembic_version", "operators"}
"""What belongs to no seller."""


def test_a_fresh_database_is_migrated_once(empty_dsn: str) -> None:
    assert migrate(empty_dsn) is True
    assert migrate(empty_dsn) is False
    with psycopg.connect(empty_dsn) as connection:
        assert schema.version(connection) == VERSIONS[-1]
        found = connection.execute(
            "select to_regclass('agentiq.outbox'), to_regclass('procrastinate.procrastinate_jobs')"
        )
        assert None not in found.fetchone()


def test_four_processes_that_race_migrate_once(empty_dsn: str) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        done = list(pool.map(migrate, [empty_dsn] * 4))
    assert sorted(done) == [False, False, False, True]


def test_versions_are_alembics_own_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert tuple(revision.revision for revision in script.walk_revisions())[::-1] == VERSIONS


def move(dsn: str, way: Callable[[Config, str], None], revision: str) -> None:
    """Take a database up or down to a revision, as a migration runs."""
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    engine = create_engine(sqlalchemy_url(dsn), poolclass=NullPool)
    with engine.begin() as connection:
        for name in ("agentiq", "procrastinate"):
            connection.exec_driver_sql(f"create schema if not exists {name}")
        connection.exec_driver_sql("set local search_path = agentiq, procrastinate")
        config.attributes["connection"] = connection
        way(config, revision)


def described(dsn: str) -> set[tuple[str, ...]]:
    """What a database has: columns, indexes, constraints, triggers, policies, functions, grants."""
    with psycopg.connect(dsn) as connection:
        return set(
            connection.execute("""
            with rooms as (select oid, nspname from pg_namespace where nspname in ('agentiq', 'agentiq_private', 'agentiq_trgm'))
            select 'column', c.table_name, c.column_name, c.data_type || c.is_nullable || coalesce(c.column_default, '')
            from information_schema.columns c join rooms r on r.nspname = c.table_schema
            union all select 'index', i.tablename, i.indexname, i.indexdef from pg_indexes i join rooms r on r.nspname = i.schemaname
            union all select 'constraint', c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid)
            from pg_constraint c join rooms r on r.oid = c.connamespace
            union all select 'trigger', t.tgrelid::regclass::text, t.tgname, pg_get_triggerdef(t.oid) from pg_trigger t
            join pg_class c on c.oid = t.tgrelid join rooms r on r.oid = c.relnamespace where not t.tgisinternal
            union all select 'policy', p.tablename, p.policyname, p.roles::text || p.cmd || coalesce(p.qual, '') || coalesce(p.with_check, '')
            from pg_policies p join rooms r on r.nspname = p.schemaname
            union all select 'function', r.nspname, p.oid::regprocedure::text, p.proowner::regrole::text || coalesce(p.proacl::text, '')
            from pg_proc p join rooms r on r.oid = p.pronamespace
            union all select 'grants', r.nspname, c.relname, coalesce(c.relacl::text, '') from pg_class c join rooms r on r.oid = c.relnamespace
            """).fetchall()
        )


def test_what_a_migration_made_goes_with_its_way_back(empty_dsn: str) -> None:
    move(empty_dsn, command.upgrade, "0006")
    known = [described(empty_dsn)]
    for revision in ("0007", "0008", "0009", "0010", "0011", "0012"):
        move(empty_dsn, command.upgrade, revision)
        known.append(described(empty_dsn))
    newest = known.pop()
    for revision in ("0011", "0010", "0009", "0008", "0007", "0006"):
        move(empty_dsn, command.downgrade, revision)
        assert described(empty_dsn) ^ known.pop() == set(), revision
    move(empty_dsn, command.upgrade, "head")
    assert described(empty_dsn) == newest


def test_kept_numbers_begin_with_what_is_there(empty_dsn: str) -> None:
    move(empty_dsn, command.upgrade, "0009")
    with psycopg.connect(empty_dsn, autocommit=True, options="-c search_path=agentiq") as connection:
        connection.execute("""
            insert into sellers (name, marketplace, account_id) select '', 'wildberries', n::text from generate_series(1, 2) n;
            insert into chats (seller_id, external_id, needs_reply, queue, snoozed_until, last_at) values
                (1, 'a', true, 'work', null, now()), (1, 'b', true, null, now(), now()), (2, 'c', true, 'waiting', null, null);
            insert into outbox (seller_id, chat_id, client_id, body, state)
                select 1, 1, gen_random_uuid(), 'Ответ', unnest(array['queued', 'sending', 'failed', 'confirmed']);
            insert into quarantine (seller_id, digest, raw, reason, dismissed_at) values (2, '1', '', '', null), (2, '2', '', '', now());
            """)
        move(empty_dsn, command.upgrade, "head")
        kept = connection.execute(
            "select seller_id, sum(work), sum(waiting), sum(every), sum(snoozed), sum(unsent), sum(look), sum(quarantined)"
            " from counters group by 1 order by 1"
        ).fetchall()
    assert kept == [(1, 1, 0, 2, 1, 2, 1, 0), (2, 0, 1, 0, 0, 0, 0, 1)]


def test_a_row_to_be_changed_is_looked_up_by_one_list_of_sellers(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        listed = connection.execute(
            "select tablename, policyname from pg_policies where schemaname = 'agentiq' and roles = '{agentiq_app}'"
            " and cmd in ('UPDATE', 'DELETE') and qual ~ '\\(([a-z]+_)?id = ANY'"
        ).fetchall()
        looked_at = connection.execute(
            "select count(*) from pg_policies where qual ~ '\\+ 0\\) = ANY'"
        ).fetchone()
    assert listed == []
    assert looked_at is not None
    assert looked_at[0] > 30


def test_a_draft_of_everybody_becomes_its_writers_and_back_again_with_every_word(empty_dsn: str) -> None:
    move(empty_dsn, command.upgrade, "0009")
    with psycopg.connect(empty_dsn, autocommit=True, options="-c search_path=agentiq") as connection:
        for name, role in (("owner", "owner"), ("anna", "operator")):
            connection.execute(
                "insert into operators (email, role) values (%s || '@example.org', %s)", [name, role]
            )
        connection.execute(
            "insert into sellers (name, marketplace, account_id) values ('Дом', 'wildberries', '1')"
        )
        connection.execute("insert into chats (seller_id, external_id) values (1, 'answered'), (1, 'asked')")
        connection.execute(
            "insert into outbox (seller_id, chat_id, client_id, body) values (1, 1, gen_random_uuid(), 'x')"
        )
        connection.execute("update outbox set operator_id = 2")
        connection.execute(
            "insert into drafts (seller_id, chat_id, body) values (1, 1, 'раз'), (1, 2, 'два')"
        )
    move(empty_dsn, command.upgrade, "0010")
    with psycopg.connect(empty_dsn, autocommit=True, options="-c search_path=agentiq") as connection:
        assert connection.execute(
            "select chat_id, operator_id, field, body, other from drafts order by chat_id"
        ).fetchall() == [(1, 2, "reply", "раз", ""), (2, 1, "reply", "два", "")]
        connection.execute(
            "insert into drafts (seller_id, chat_id, operator_id, field, body, other, updated_at)"
            " values (1, 1, 1, 'reply', 'три', 'четыре', now() + interval '1 hour'), (1, 2, 2, 'note', 'пять', '', now())"
        )
    move(empty_dsn, command.downgrade, "0009")
    with psycopg.connect(empty_dsn, autocommit=True, options="-c search_path=agentiq") as connection:
        assert connection.execute("select chat_id, body from drafts order by chat_id").fetchall() == [
            (1, "раз\n\nтри\n\nчетыре"),
            (2, "два"),
        ]


def test_a_newer_database_is_left_alone_and_said_in_one_line(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("update agentiq.alembic_version set version_num = '9999'")
    with pytest.raises(SchemaTooNew, match="9999") as refused:
        migrate(dsn)
    assert len(str(refused.value).splitlines()) == 1


@contextmanager
def guest(dsn: str) -> Iterator[str]:
    """The address of the same database for a user who may connect and nothing else."""
    name = f"guest_{uuid4().hex[:12]}"
    parts = urlsplit(dsn)
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(sql.SQL("create role {} login password 'secret'").format(sql.Identifier(name)))
        try:
            host = parts.netloc.rpartition("@")[2]
            yield urlunsplit(parts._replace(netloc=f"{name}:secret@{host}"))
        finally:
            admin.execute(sql.SQL("drop owned by {}").format(sql.Identifier(name)))
            admin.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def test_a_user_who_may_not_upgrade_is_told_to_ask_the_owner(empty_dsn: str) -> None:
    with guest(empty_dsn) as theirs:
        with pytest.raises(SchemaTooOld, match="owner") as refused:
            migrate(theirs)
        assert "secret" not in str(refused.value)


def test_a_user_without_rights_on_the_schema_gets_one_line(dsn: str) -> None:
    with guest(dsn) as theirs:
        with pytest.raises(StoreUnavailable) as refused:
            migrate(theirs)
        assert len(str(refused.value).splitlines()) == 1


def test_no_database_is_said_in_one_line_without_the_password() -> None:
    with pytest.raises(StoreUnavailable) as refused:
        migrate("postgresql://somebody:verysecret@127.0.0.1:1/nowhere")
    assert len(str(refused.value).splitlines()) == 1
    assert "verysecret" not in str(refused.value)


@pytest.mark.parametrize("table", sorted(Table.metadata.tables))
def test_tables_in_python_are_those_in_postgres(dsn: str, table: str) -> None:
    modelled = Table.metadata.tables[table]
    engine = create_engine(sqlalchemy_url(dsn))
    try:
        found = inspect(engine).get_columns(modelled.name, schema="agentiq")
        key = inspect(engine).get_pk_constraint(modelled.name, schema="agentiq")["constrained_columns"]
    finally:
        engine.dispose()
    dialect = postgresql.dialect()

    def described(name: str, column_type: object, nullable: bool) -> tuple[str, str, bool]:
        compiled = str(column_type.compile(dialect=dialect))  # type: ignore[attr-defined]
        # a smallint holds what Python calls an integer
        return name, compiled.replace("SMALLINT", "INTEGER").partition(" COLLATE")[0], nullable

    assert {described(c.name, c.type, bool(c.nullable)) for c in modelled.columns} == {
        described(c["name"], c["type"], c["nullable"]) for c in found
    }
    assert {column.name for column in modelled.primary_key} == set(key)


def test_every_move_of_a_reply_is_allowed_by_postgres_and_python_alike(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True, options="-c search_path=agentiq") as connection:
        connection.execute(
            "insert into sellers (name, marketplace, account_id) values ('Дом', 'wildberries', '1')"
        )
        connection.execute("insert into chats (seller_id, external_id) values (1, 'c')")
        wrong = []
        for old, new in product(OutboxState, repeat=2):
            reply_id = connection.execute(
                "insert into outbox (seller_id, chat_id, client_id, body, state)"
                " values (1, 1, gen_random_uuid(), 'текст', %s) returning id",
                [old],
            ).fetchone()[0]
            try:
                connection.execute("update outbox set state = %s where id = %s", [new, reply_id])
                moved = True
            except psycopg.errors.CheckViolation:
                moved = False
            if moved is not (old is new or new in TRANSITIONS[old]):
                wrong.append((old, new))
    assert wrong == []


def test_every_table_of_a_seller_has_the_seller_first_in_every_unique_key(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("""
            select t.relname, i.relname, a.attname
            from pg_index x join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
            join pg_namespace n on n.oid = t.relnamespace and n.nspname = 'agentiq'
            join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
            where x.indisunique""").fetchall()
        tables = connection.execute("select tablename from pg_tables where schemaname = 'agentiq'").fetchall()
    of_sellers = {name for (name,) in tables} - GLOBAL_TABLES
    assert of_sellers
    assert of_sellers <= {table for table, _, _ in rows}, "every table has a key"
    assert [(t, i, first) for t, i, first in rows if t in of_sellers and first != "seller_id"] == []


def test_the_order_of_messages_does_not_depend_on_the_databases_locale(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "select collation_name from information_schema.columns"
            " where table_schema = 'agentiq' and table_name = 'messages' and column_name = 'external_id'"
        ).fetchone()
    assert found == ("C",)


async def test_opening_at_head_imports_no_migration_tool(dsn: str) -> None:
    """At head a start costs one query: `store.schema` loads Alembic only to upgrade."""
    program = (
        "import sys; from agentiq_core.store.schema import migrate;"
        "assert migrate(sys.argv[1]) is False; assert 'alembic' not in sys.modules"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, dsn)
    assert await process.wait() == 0

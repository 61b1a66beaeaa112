"""A Postgres that tests make databases on, and databases that are as new again when a test is through with them.

Copying the template takes a tenth of a second and more of both processors' time, and a new database begins with cold
catalogs. So what a test gives back is emptied and given to the next one under another name. Only when nothing else was
changed than rows: a database whose catalog, settings, planner statistics or fixed rows differ from the template's, or
that has grown, is dropped as it always was.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from agentiq_core.store.embedded import EmbeddedPostgres, cluster
from agentiq_core.store.schema import migrate

EMBEDDED = "embedded"
TEMPLATE = "agentiq_test_template"
SCHEMAS = ["agentiq", "agentiq_private", "procrastinate"]
LARGEST = 1024 * 1024
"""Bytes of tables and indexes, their first pages not counted, from which on a new copy costs less than what is left of the old."""
CATALOGS = """
    pg_class pg_attribute pg_attrdef pg_index pg_constraint pg_trigger pg_rewrite pg_proc pg_type pg_namespace pg_policy
    pg_default_acl pg_extension pg_event_trigger pg_publication pg_statistic_ext pg_description
    pg_largeobject_metadata
"""
# any statement that touches a row of a catalog leaves its number there; statistics of catalogs come by themselves
_DEFINITION = " union all ".join(
    f"select '{catalog}', count(*), coalesce(sum(xmin::text::bigint), 0) from {catalog}"
    for catalog in CATALOGS.split()
)
_DEFINITION += """
    union all select 'settings', count(*), 0 from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
        where d.datname = current_database()
    union all select 'statistics', count(*), coalesce(sum(t.xmin::text::bigint), 0) from pg_statistic t
        join pg_class c on c.oid = t.starelid
        where c.relnamespace = any (select oid from pg_namespace where nspname = any (%(schemas)s))
    union all select 'planner', count(*), coalesce(sum(c.relpages + c.reltuples), 0)::bigint from pg_class c
        where c.relnamespace = any (select oid from pg_namespace where nspname = any (%(schemas)s))
"""
_OWNER = "select datdba::regrole::text, datacl::text, datconnlimit from pg_database where datname = current_database()"
_TABLES = """
    select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any (%(schemas)s) and c.relkind in ('r', 'p') order by 1, 2
"""
_SIZE = """
    select coalesce(sum(greatest(pg_relation_size(oid) - 16384, 0)), 0) from pg_class
    where relnamespace = any (select oid from pg_namespace where nspname = any (%(schemas)s)) and relkind in ('r', 'i', 't')
"""
_RESTARTED = """
    select setval(format('%%I.%%I', schemaname, sequencename)::regclass, start_value, false) from pg_sequences
    where schemaname = any (%(schemas)s) and last_value is not null
"""
# no trigger and no foreign key takes part
_ALONE = "-c session_replication_role=replica -c lock_timeout=1s -c search_path=pg_catalog"
_number = count(1)


@dataclass(frozen=True)
class Pattern:
    """What a database is like that nobody has used: its definition, its tables, and the rows that the migrations made."""

    definition: list[list[Any]]
    tables: list[list[str]]
    fixed: dict[str, str]


@dataclass(frozen=True)
class Server:
    """A Postgres that tests may make databases on."""

    name: str
    admin_dsn: str
    _as_new: list[str] = field(default_factory=list)

    def take(self) -> str:
        """A database with the current schema in which nobody has worked, maybe one that was given back; its address."""
        return named(self.admin_dsn, self._as_new.pop()) if self._as_new else self.create()

    def create(self) -> str:
        """A fresh database with the current schema; its address."""
        name = f"t{os.getpid()}_{next(_number)}"
        with self.admin() as connection:
            connection.execute(f"create database {name} template {TEMPLATE}")
        return named(self.admin_dsn, name)

    def create_empty(self) -> str:
        """A fresh database without any schema."""
        name = f"e{os.getpid()}_{next(_number)}"
        with self.admin() as connection:
            connection.execute(f"create database {name} template template0 encoding 'UTF8'")
        return named(self.admin_dsn, name)

    def give_back(self, dsn: str) -> None:
        """Keep a database for another test if it can be made as new; else forget it."""
        name, next_name = urlsplit(dsn).path[1:], f"t{os.getpid()}_{next(_number)}"
        next_dsn = named(self.admin_dsn, next_name)
        try:
            with self.admin() as connection:
                # whoever is still connected is shown out, and does not find back: the name is another
                connection.execute(
                    "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", [name]
                )
                connection.execute(f"alter database {name} rename to {next_name}")
        except psycopg.Error:
            return self.drop(dsn)
        try:
            as_new = self._emptied(next_dsn)
        except psycopg.Error:
            as_new = False
        if not as_new:
            return self.drop(next_dsn)
        return self._as_new.append(next_name)

    def drop(self, dsn: str) -> None:
        """Forget a database, whoever is still connected."""
        with self.admin() as connection:
            connection.execute(f"drop database if exists {urlsplit(dsn).path[1:]} with (force)")

    def drop_unused(self) -> None:
        """Forget what no test will use any more."""
        while self._as_new:
            self.drop(named(self.admin_dsn, self._as_new.pop()))

    @contextmanager
    def admin(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection of whoever may make databases; each statement commits."""
        with psycopg.connect(self.admin_dsn, autocommit=True) as connection:
            yield connection

    def prepare(self, home: Path) -> None:
        """Make the template database once a server, whichever worker comes first."""
        with (home / f"{self.name}.lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            pattern = self._pattern_file
            if pattern.exists():
                return
            fresh = f"template_{uuid4().hex}"
            with self.admin() as connection:
                connection.execute(f"create database {fresh} template template0 encoding 'UTF8'")
                migrate(named(self.admin_dsn, fresh))
                connection.execute(f"drop database if exists {TEMPLATE} with (force)")
                connection.execute(f"alter database {fresh} rename to {TEMPLATE}")
            if self.name == EMBEDDED:
                _cheap_password(self.admin_dsn)
            # of a copy: not everything that belongs to a database is copied with it
            dsn = self.create()
            with psycopg.connect(dsn, options=_ALONE) as connection:
                tables = [list(table) for table in connection.execute(_TABLES, {"schemas": SCHEMAS})]
                content = {".".join(table): _content(connection, table) for table in tables}
                fixed = {table: rows for table, rows in content.items() if rows}
                definition = _definition(connection)
            self.drop(dsn)
            pattern.write_text(json.dumps([definition, tables, fixed]))

    @property
    def _pattern_file(self) -> Path:
        return Path(os.environ["AGENTIQ_TEST_HOME"]) / f"{self.name}.ready"

    def _pattern(self) -> Pattern:
        return Pattern(*json.loads(self._pattern_file.read_text()))

    def _emptied(self, dsn: str) -> bool:
        """Whether the database is like the template now."""
        pattern = self._pattern()
        with psycopg.connect(dsn, options=_ALONE) as connection:
            if _definition(connection) != pattern.definition:
                return False
            if connection.execute(_SIZE, {"schemas": SCHEMAS}).fetchone()[0] > LARGEST:  # type: ignore[index]
                return False
            for table, rows in pattern.fixed.items():
                if _content(connection, table.split(".")) != rows:
                    return False
            changed = [table for table in pattern.tables if ".".join(table) not in pattern.fixed]
            filled = connection.execute(
                sql.SQL("select {}").format(
                    sql.SQL(", ").join(
                        sql.SQL("exists (select from {})").format(sql.Identifier(*table)) for table in changed
                    )
                )
            ).fetchone()
            for table, any_row in zip(changed, filled or (), strict=True):
                if any_row:
                    connection.execute(sql.SQL("delete from {}").format(sql.Identifier(*table)))
            connection.execute(_RESTARTED, {"schemas": SCHEMAS})
        return True


def named(dsn: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


def _definition(connection: psycopg.Connection[Any]) -> list[list[Any]]:
    rows = connection.execute(_DEFINITION, {"schemas": SCHEMAS}).fetchall()
    return [list(map(str, row)) for row in [*rows, *connection.execute(_OWNER).fetchall()]]


def _content(connection: psycopg.Connection[Any], table: list[str]) -> str | None:
    statement = sql.SQL("select string_agg(r::text, chr(10) order by r::text) from {} r")
    return connection.execute(statement.format(sql.Identifier(*table))).fetchone()[0]  # type: ignore[index, no-any-return]


@contextmanager
def embedded_server(home: Path) -> Iterator[Server]:
    """The embedded Postgres, shared by all workers of a run. Nobody needs its data after the machine lost power."""
    home.mkdir(mode=0o711, exist_ok=True)
    embedded = EmbeddedPostgres(home)
    with pytest.MonkeyPatch.context() as here:
        options = cluster.server_options
        hasty = [part for name in ("fsync", "full_page_writes") for part in ("-c", f"{name}=off")]
        here.setattr(cluster, "server_options", lambda directory: [*options(directory), *hasty])
        dsn = embedded.start()
    try:
        yield Server(EMBEDDED, dsn)
    finally:
        embedded.leave()


def _cheap_password(dsn: str) -> None:
    """The same password, hashed once instead of 4096 times: every connection of every test repeats it on both sides."""
    password = unquote(urlsplit(dsn).password or "")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set scram_iterations = 1")
        connection.execute(sql.SQL("alter role current_user password {}").format(sql.Literal(password)))

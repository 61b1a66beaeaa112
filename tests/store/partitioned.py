"""The migrated schema with its sellers' tables partitioned, made from what the catalogue says of them and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection, sql

Row = tuple[Any, ...]

PARTITIONS = 4
EVERYWHERE = frozenset({"memberships"})
"""Read by every policy before a seller is known: small, and whole on every node (docs/scaling.md)."""

_TABLES = """
select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'seller_id'
where c.relnamespace = 'agentiq'::regnamespace and c.relkind = 'r' order by c.relname
"""
_CONSTRAINTS = """
select format('alter table %%I add constraint %%I %%s', t.relname, c.conname, pg_get_constraintdef(c.oid))
from pg_constraint c join pg_class t on t.oid = c.conrelid
where t.relnamespace = 'agentiq'::regnamespace and t.relname = any(%s) and c.contype = any(%s) order by c.contype, c.conname
"""
_INDEXES = """
select pg_get_indexdef(x.indexrelid) from pg_index x join pg_class t on t.oid = x.indrelid
where t.relnamespace = 'agentiq'::regnamespace and t.relname = any(%s)
  and not exists (select from pg_constraint c where c.conindid = x.indexrelid and c.contype in ('p', 'u', 'x'))
"""
_TRIGGERS = """
select pg_get_triggerdef(g.oid) from pg_trigger g join pg_class t on t.oid = g.tgrelid
where t.relnamespace = 'agentiq'::regnamespace and t.relname = any(%s) and not g.tgisinternal
"""
_POLICIES = """
select format('create policy %%I on %%I as %%s for %%s to %%s', p.policyname, p.tablename, p.permissive, p.cmd,
        array_to_string(p.roles, ', '))
    || coalesce(' using (' || p.qual || ')', '') || coalesce(' with check (' || p.with_check || ')', '')
from pg_policies p where p.schemaname = 'agentiq' and p.tablename = any(%s)
"""
_GRANTS = """
select format('grant %%s on %%I to %%I', a.privilege_type, c.relname, a.grantee::regrole)
from pg_class c, aclexplode(c.relacl) a
where c.relnamespace = 'agentiq'::regnamespace and c.relname = any(%s) and a.grantee <> c.relowner and c.relkind = 'r'
union all
select format('grant %%s (%%I) on %%I to %%I', a.privilege_type, t.attname, c.relname, a.grantee::regrole)
from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
where c.relnamespace = 'agentiq'::regnamespace and c.relname = any(%s) and a.grantee <> c.relowner
"""


def tables_of_sellers(connection: Connection[Row]) -> list[str]:
    """Every table whose rows belong to one seller."""
    return [name for (name,) in connection.execute(_TABLES).fetchall() if name not in EVERYWHERE]


def spread(connection: Connection[Row], partitions: int = PARTITIONS) -> list[str]:
    """Put partitioned tables in the place of the plain ones, with their rows, keys, indexes, triggers, policies and
    grants; their names. A statement that Postgres does not take raises: the schema would not spread."""
    names = tables_of_sellers(connection)
    # as they are spelled while the plain tables still have the names
    after = _told(connection, _INDEXES, names), _told(connection, _TRIGGERS, names)
    keys = _told(connection, _CONSTRAINTS, names, ["p", "u"])
    references = _told(connection, _CONSTRAINTS, names, ["f"])
    rights = [*_told(connection, _POLICIES, names), *_told(connection, _GRANTS, names, names)]
    connection.execute("create schema plain")
    for name in names:
        connection.execute(sql.SQL("alter table {} set schema plain").format(sql.Identifier(name)))
    for name in names:
        _take_place(connection, name, partitions)
    for statement in (*keys, *after[0]):
        connection.execute(statement)
    _move_rows(connection, names)
    for statement in (*references, *after[1], *rights):
        connection.execute(statement)
    for name in names:
        for security in ("enable", "force"):
            connection.execute(f"alter table {name} {security} row level security")
    connection.execute("drop schema plain cascade")
    return names


def _take_place(connection: Connection[Row], name: str, partitions: int) -> None:
    connection.execute(
        f"create table {name} (like plain.{name} including defaults including constraints including identity)"
        " partition by hash (seller_id)"
    )
    for number in range(partitions):
        connection.execute(
            f"create table {name}_{number} partition of {name}"
            f" for values with (modulus {partitions}, remainder {number})"
        )


def _move_rows(connection: Connection[Row], names: Sequence[str]) -> None:
    connection.execute("set session_replication_role = replica")
    for name in names:
        connection.execute(f"insert into {name} overriding system value select * from plain.{name}")
        identity = connection.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attidentity <> ''", [name]
        ).fetchone()
        if identity is not None:
            connection.execute(
                f"select setval(pg_get_serial_sequence('{name}', '{identity[0]}'),"
                f" (select coalesce(max({identity[0]}), 0) + 1 from {name}))"
            )
    connection.execute("set session_replication_role = origin")


def _told(connection: Connection[Row], query: str, *values: list[str]) -> list[str]:
    return [statement for (statement,) in connection.execute(query, values).fetchall()]

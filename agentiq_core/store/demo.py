"""Databases that live as long as one demo."""

from __future__ import annotations

import psycopg
from psycopg import sql

PREFIX = "demo_"


def create_database(admin_dsn: str, name: str) -> None:
    """Make an empty database, and drop those that killed demos left behind. Blocking."""
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        orphans = connection.execute(
            "select datname from pg_database d where starts_with(datname, %s)"
            " and not exists (select from pg_stat_activity a where a.datname = d.datname)",
            [PREFIX],
        ).fetchall()
        for (orphan,) in orphans:
            _drop(connection, orphan)
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def drop_database(admin_dsn: str, name: str) -> None:
    """Drop a demo's database with everything in it. Blocking."""
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        _drop(connection, name)


def _drop(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

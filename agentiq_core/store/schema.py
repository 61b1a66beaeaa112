"""Bring a database to this program's schema, once, whoever comes first."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from agentiq_core.domain.errors import Insecure, SchemaTooNew, SchemaTooOld, StoreUnavailable

VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012")
"""Every revision this program knows, oldest first; the last one is its schema. A test holds it to Alembic's own list."""

_UNPROVEN = ("certificate", "does not support SSL", "sslmode", "sslrootcert")
"""Words of libpq for a server that is not the one it should be, or a check that this machine cannot make."""
_LOCK = 0x4167_656E_7449_51
_PATIENCE = 60.0


def migrate(dsn: str) -> bool:
    """Upgrade the database behind `dsn` if it is behind; True if anything was done. Blocking.

    Only one process migrates (an advisory lock); the others wait for it. At head it costs one query and imports
    nothing heavy. Raises `SchemaTooNew`, `SchemaTooOld`, `StoreUnavailable`.
    """
    import psycopg

    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
            if _is_current(connection):
                return False
            return _upgrade(connection, dsn)
    except psycopg.errors.InsufficientPrivilege as error:
        raise StoreUnavailable(
            f"this user may not work in the database: {_first_line(error)}; ask its owner"
        ) from None
    except psycopg.OperationalError as error:
        raise unreachable(error) from None


def _is_current(connection: Any) -> bool:
    current = version(connection)
    if current is None or current in VERSIONS[:-1]:
        return False
    if current not in VERSIONS:
        raise SchemaTooNew(
            f"the database has schema {current}, newer than this AgentIQ's {VERSIONS[-1]}: update AgentIQ",
            found=current,
            known=VERSIONS[-1],
        )
    return True


def is_there(dsn: str) -> bool:
    """Whether the database has a schema of ours, of whatever version; nothing is changed. Blocking.

    Raises `StoreUnavailable`, whose `refused` is "server" (nobody answers, or not to this machine), "password" (of the user)
    or "database" (there is no such one).
    """
    import psycopg

    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
            return version(connection) is not None
    except psycopg.OperationalError as error:
        told = unreachable(error)
        if not isinstance(told, Insecure):
            told.params["refused"] = _refused(dsn, error)
        raise told from None


def _refused(dsn: str, error: Any) -> str:
    """What an address that cannot be connected to fails on, asked again of the server.

    libpq tells no SQLSTATE of a failed connection, and the server's words are in whatever language it speaks.
    """
    import psycopg

    failed = error.pgconn
    asked = failed is not None and bool(failed.used_password or failed.needs_password)
    try:
        # there on every server, and open to every user
        psycopg.connect(dsn, dbname="template1", autocommit=True, connect_timeout=10).close()
    except psycopg.OperationalError:
        return "password" if asked else "server"
    return "database"


def version(connection: Any) -> str | None:
    """The revision a database stands at; None before the first migration."""
    if connection.execute("select to_regclass('agentiq.alembic_version')").fetchone()[0] is None:
        return None
    row = connection.execute("select version_num from agentiq.alembic_version").fetchone()
    return None if row is None else str(row[0])


def _upgrade(connection: Any, dsn: str) -> bool:
    import psycopg

    allowed = connection.execute(
        "select has_database_privilege(current_database(), 'create')"
        " and coalesce((select pg_has_role(nspowner, 'usage') from pg_namespace where nspname = 'agentiq'), true)"
    ).fetchone()
    if not allowed[0]:
        raise SchemaTooOld(
            "the database needs an upgrade that this user may not make: ask its owner to run agentiq init"
        )
    deadline = time.monotonic() + _PATIENCE
    while not connection.execute("select pg_try_advisory_lock(%s)", [_LOCK]).fetchone()[0]:
        if time.monotonic() > deadline:
            raise StoreUnavailable("another process has been upgrading the database for a minute; try again")
        time.sleep(0.05)
    try:
        if _is_current(connection):
            return False
        _run_alembic(dsn)
    except psycopg.errors.DiskFull:
        raise StoreUnavailable(
            "the disk is full: the database could not be upgraded; nothing was changed"
        ) from None
    finally:
        connection.execute("select pg_advisory_unlock(%s)", [_LOCK])
    return True


def _run_alembic(dsn: str) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine = create_engine(sqlalchemy_url(dsn), poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("create schema if not exists agentiq")
        connection.exec_driver_sql("create schema if not exists procrastinate")
        connection.exec_driver_sql("set local search_path = agentiq, procrastinate")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def sqlalchemy_url(dsn: str) -> str:
    """The same address with SQLAlchemy's name for the psycopg 3 driver."""
    _, _, rest = dsn.partition("://")
    return f"postgresql+psycopg://{rest}"


def unreachable(error: BaseException | None) -> StoreUnavailable:
    """What a failed connection means, in one line without the address."""
    said = _first_line(error) if error is not None else "no reason given"
    if any(word in str(error) for word in _UNPROVEN):
        return Insecure(
            f"the database's server did not prove who it is, so nothing was sent to it: {said}", reason=said
        )
    return StoreUnavailable(f"the database cannot be reached: {said}")


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__

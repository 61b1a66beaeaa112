"""What only the owner of the database may do: make the first operators, and work before anybody has signed in. Blocking."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from agentiq_core.domain.errors import Forbidden
from agentiq_core.store.accounts import HashParameters
from agentiq_core.store.schema import unreachable

_OWNER = "select has_schema_privilege('agentiq_private', 'usage')"


def local_session(dsn: str, *, embedded: bool, client: str) -> str | None:
    """A refresh token for whoever owns this database; None when it must be signed in to.

    The embedded server always serves its owner. A team's does so until the first password is set.
    """
    with _connected(dsn) as connection:
        if not _value(connection, _OWNER):
            return None
        said = _value(connection, "select agentiq_private.local_session(%s, %s)", client, embedded)
    return str(said["refresh"]) if said["status"] == "ok" else None


def first_owner(dsn: str, email: str, parameters: HashParameters, proof: bytes) -> int:
    """The team's first owner, or a forgotten password set anew; the operator's id. Raises `Forbidden`."""
    with _connected(dsn) as connection:
        if not _value(connection, _OWNER):
            raise Forbidden("only the owner of the database may do this: use the owner's address")
        kept = {
            "salt": parameters.salt.hex(),
            "time_cost": parameters.time_cost,
            "memory_kib": parameters.memory_kib,
            "lanes": parameters.lanes,
        }
        statement = "select agentiq_private.first_owner(%s, %s::jsonb, %s)"
        return int(_value(connection, statement, email, json.dumps(kept), proof))


def app_user(dsn: str) -> tuple[str, str]:
    """Make the database user that the team's machines log in as, or give it a new password; its name and password.

    It may do nothing by itself: what it sees is decided by the token of who signed in. Raises `Forbidden`.
    """
    password = secrets.token_urlsafe(24)
    with _connected(dsn) as connection:
        name = f"{_value(connection, 'select current_database()')}_team"
        known = _value(connection, "select exists (select from pg_roles where rolname = %s)", name)
        statement = (
            "alter role {} login password {}"
            if known
            else "create role {} login password {} in role agentiq_app"
        )
        try:
            # the password is quoted here, and never part of an error: Postgres does not repeat the statement
            connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Literal(password)))
        except psycopg.errors.InsufficientPrivilege:
            raise Forbidden(
                "this database user may not create users: let the server's administrator create one in the role agentiq_app"
            ) from None
    return name, password


def with_user(dsn: str, name: str, password: str) -> str:
    """The same database, for another user."""
    parts = urlsplit(dsn)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(name, safe='')}:{quote(password, safe='')}@{place}"))


def place(dsn: str) -> tuple[str, str]:
    """Which database on which server an address names, whoever connects."""
    parts = urlsplit(dsn)
    where = parts.netloc.rpartition("@")[2]
    return where + "".join(sorted(re.findall(r"(?:^|&)(?:host|port)=[^&]*", parts.query))), parts.path


def _connected(dsn: str) -> psycopg.Connection[tuple[Any, ...]]:
    try:
        return psycopg.connect(dsn, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise unreachable(error) from None


def _value(connection: psycopg.Connection[tuple[Any, ...]], statement: str, *values: Any) -> Any:
    row = connection.execute(statement, values or None).fetchone()
    assert row is not None
    return row[0]

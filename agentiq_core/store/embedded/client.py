"""The few questions the lifecycle asks a running server. psycopg is imported on first use: it takes 0.1 s."""

from __future__ import annotations

import errno
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from agentiq_core.store.embedded.cluster import SUPERUSER
from agentiq_core.store.embedded.failures import Reason, disk_full, unavailable
from agentiq_core.store.embedded.layout import PORT, socket_file

if TYPE_CHECKING:
    from psycopg import Connection

    Session = Connection[tuple[object, ...]]

DATABASE = "agentiq"
_MAINTENANCE = "postgres"
_CLOSING_SECONDS = 1.0
# The server's own English words: libpq gives no SQLSTATE for a refused connection.
_PASSING = ("is starting up", "not yet accepting connections", "is shutting down", "in recovery mode")


def dsn(socket_directory: Path, password: str) -> str:
    """The address of the agentiq database, as a URL for psycopg, libpq and SQLAlchemy alike."""
    host = quote(os.fsencode(socket_directory), safe="")
    return f"postgresql://{SUPERUSER}:{quote(password, safe='')}@/{DATABASE}?host={host}&port={PORT}"


def anyone_listens(socket_directory: Path) -> bool:
    """Whether some process accepts on the socket; false when the file is missing or nobody's."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(socket_file(socket_directory)))
        except OSError as error:
            return error.errno not in (errno.ENOENT, errno.ECONNREFUSED, errno.ENOTSOCK, errno.ENOTDIR)
    return True


def connect(socket_directory: Path, password: str, seconds: float) -> Session | None:
    """A session with the maintenance database; None while the server is between states or silent for `seconds`.

    `StoreUnavailable` when it refuses for good: a wrong password, no free connection.
    """
    import psycopg

    try:
        return psycopg.connect(
            host=str(socket_directory),
            port=PORT,
            user=SUPERUSER,
            password=password,
            dbname=_MAINTENANCE,
            connect_timeout=max(2, round(seconds)),
            application_name="agentiq lifecycle",
            autocommit=True,
        )
    except psycopg.errors.ConnectionTimeout:
        return None
    except psycopg.OperationalError as error:
        text = str(error)
        if any(words in text for words in _PASSING) or "FATAL" not in text:
            return None
        if "password authentication failed" in text:
            raise unavailable(
                Reason.FILES_MISSING,
                "The embedded database does not accept the password in its password file",
            ) from error
        raise unavailable(
            Reason.FAILED, f"The embedded database refuses: {text.rpartition('FATAL:')[2]}"
        ) from error


def ensure_database(session: Session, base: Path) -> None:
    """Makes the agentiq database unless it is there; `StoreUnavailable` when the disk is full."""
    import psycopg

    if session.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
        return
    try:
        session.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.errors.DiskFull as error:
        raise disk_full(base) from error


def others_connected(session: Session) -> bool:
    """Whether anybody but this session is connected. A pool closed a moment ago gets a second to vanish."""
    query = """
        SELECT count(*) FROM pg_stat_activity
        WHERE backend_type IN ('client backend', 'walsender') AND pid <> pg_backend_pid()
    """
    deadline = time.monotonic() + _CLOSING_SECONDS
    while True:
        row = session.execute(query).fetchone()
        if row == (0,):
            return False
        if time.monotonic() >= deadline:
            return True
        time.sleep(0.02)

"""Start, attach and leave: the doors of the embedded server."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

from agentiq_core.store.embedded import client, cluster, postmaster
from agentiq_core.store.embedded.account import Account, account_for
from agentiq_core.store.embedded.binaries import choose_binaries
from agentiq_core.store.embedded.failures import Reason, files_explained, unavailable
from agentiq_core.store.embedded.layout import Layout, find_layout, make_layout
from agentiq_core.store.embedded.locks import Presence, exclusive
from agentiq_core.store.embedded.reach import Reach

_LOG_BYTES = 10 * 1024 * 1024
# Nobody waits longer for a silent server when closing the app; it stays for the next start to look after.
_ANSWER_SECONDS = 5.0


class EmbeddedPostgres:
    """One user of the embedded server of `home` ($AGENTIQ_HOME). Blocking: call it in a thread.

    `bin_dir` names another Postgres (15 or newer) than the bundled one; `start_timeout` is in seconds and covers the
    wait for other processes and crash recovery.
    """

    def __init__(self, home: Path, *, bin_dir: Path | None = None, start_timeout: float = 60.0) -> None:
        self._given_home = home
        self._bin_dir = bin_dir
        self._start_timeout = start_timeout
        self._presence: Presence | None = None

    def start(self) -> str:
        """Makes sure that the server runs, and counts us among its users until `leave` or the end of the process.

        Returns the superuser's address of the database `agentiq`, a `postgresql://` URL. Raises `StoreUnavailable`,
        one line, with `params["reason"]` from `Reason`; nothing is lost then, and start may be called again.
        """
        _require_unix()
        deadline = time.monotonic() + self._start_timeout
        with files_explained(self._given_home):
            home = _make_home(self._given_home)
            with exclusive(home / "postgres.lock", deadline) as lock:
                layout, account = _open_cluster(home, self._bin_dir, lock)
                password = cluster.read_password(layout)
                way = Reach(layout, account, self._bin_dir, password, deadline)
                with way.session() as session:
                    client.ensure_database(session, layout.base)
                _bound_log(layout.log)
                if self._presence is None:
                    self._presence = Presence(home / "postgres.presence")
                self._presence.join()
                return client.dsn(way.socket_directory(), password)

    def leave(self) -> bool:
        """Counts us out, and stops the server if nobody else is present or connected; whether it did.

        Close your own connections first: they count as somebody's. Without a former `start` it just stops an unused
        server. Raises `StoreUnavailable`, one line.
        """
        _require_unix()
        deadline = time.monotonic() + self._start_timeout
        with files_explained(self._given_home):
            home = self._given_home.expanduser().resolve()
            if not (home / "postgres.lock").exists():
                return False
            with exclusive(home / "postgres.lock", deadline):
                presence = self._presence or Presence(home / "postgres.presence")
                self._presence = None
                presence.leave()
                layout = find_layout(home)
                if layout is None or presence.anyone_else():
                    return False
                return _stop_unused(layout, deadline)


def _open_cluster(home: Path, bin_dir: Path | None, lock: int) -> tuple[Layout, Account]:
    layout = find_layout(home)
    account = account_for(home / "postgres" / "data")
    if layout is None:
        layout = make_layout(home, account)
    if not layout.data.exists():
        cluster.initialise(layout, choose_binaries(bin_dir, layout.base, account), account, lock)
    return layout, account


def _stop_unused(layout: Layout, deadline: float) -> bool:
    running = postmaster.living_postmaster(layout.data)
    directory = layout.socket_directory()
    if running is None or directory is None:
        return False
    session = client.connect(directory, cluster.read_password(layout), _ANSWER_SECONDS)
    if session is None:
        return False
    with session:
        if client.others_connected(session):
            return False
    postmaster.stop(running.pid, layout.data, deadline)
    if directory.parent != layout.base:
        with contextlib.suppress(OSError):  # somebody's file in it: the directory stays and is used again
            directory.rmdir()
    return True


def _make_home(given: Path) -> Path:
    home = given.expanduser()
    if not home.exists():
        home.mkdir(parents=True)
        home.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return home.resolve()


def _bound_log(log: Path) -> None:
    """A server that runs for months appends to one file: empty it when it has grown too long."""
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        os.truncate(log, 0)


def _require_unix() -> None:
    if sys.platform == "win32":
        raise unavailable(
            Reason.PLATFORM,
            "The embedded database needs Linux or macOS: set AGENTIQ_DATABASE_URL to a Postgres",
        )

"""From a cluster in any state to a session with its server: attach, wait, recover or launch."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from agentiq_core.store.embedded import client, cluster, postmaster
from agentiq_core.store.embedded.account import Account
from agentiq_core.store.embedded.binaries import choose_binaries
from agentiq_core.store.embedded.failures import Reason, disk_full, tells_disk_full, unavailable
from agentiq_core.store.embedded.layout import Layout, make_socket_directory

if TYPE_CHECKING:
    from agentiq_core.store.embedded.client import Session

_POLL_SECONDS = 0.005
_LOG_TAIL_BYTES = 8 * 1024
# A killed postmaster's backends may live a moment longer; Postgres waits for them by refusing to start.
_ORPHANS_TEXT = "pre-existing shared memory block"
_ORPHANS_POLL_SECONDS = 0.2


class Reach:
    """One attempt, under the lock, to get a session with the server, whatever state it is found in.

    `deadline` is of `time.monotonic`; passing it, like every other refusal, is a `StoreUnavailable`.
    """

    def __init__(
        self, layout: Layout, account: Account, bin_dir: Path | None, password: str, deadline: float
    ) -> None:
        self._layout = layout
        self._account = account
        self._bin_dir = bin_dir
        self._password = password
        self._deadline = deadline

    def socket_directory(self) -> Path:
        """Where the running server listens."""
        found = self._layout.socket_directory()
        if found is None:
            raise unavailable(
                Reason.FILES_MISSING,
                f"{self._layout.socket_record} is gone while the server runs: stop the server",
            )
        return found

    def session(self) -> Session:
        """Attaches to a living server; else launches one and waits until it answers."""
        if session := self._attach():
            return session
        while True:
            pid = self._launch()
            while postmaster.exists(pid):
                if session := self._ask(pid):
                    return session
                self._wait()
            self._explain_exit()
            self._wait(_ORPHANS_POLL_SECONDS)

    def _attach(self) -> Session | None:
        """A session with the server that already runs; None when there is none and one may be launched."""
        found = postmaster.read_pid_file(self._layout.data)
        if found is None:
            return None
        if not postmaster.serves(found.pid, self._layout.data):
            # The number tells nothing when the server runs in another container on the same files: only a session does.
            return self._connect()
        while postmaster.serves(found.pid, self._layout.data):
            if session := self._ask(found.pid):
                return session
            self._wait()
        return None

    def _ask(self, pid: int) -> Session | None:
        found = postmaster.read_pid_file(self._layout.data)
        if found is None or found.pid != pid or not found.ready:
            return None
        if client.anyone_listens(self.socket_directory()):
            return self._connect()
        # Its socket was swept from the temp directory: nobody can reach it any more, so it may as well restart.
        postmaster.stop(pid, self._layout.data, self._deadline)
        return None

    def _connect(self) -> Session | None:
        directory = self._layout.socket_directory()
        if directory is None or not client.anyone_listens(directory):
            return None
        return client.connect(directory, self._password, self._deadline - time.monotonic())

    def _launch(self) -> int:
        if not self._account.reaches(self._layout.base):
            raise unavailable(
                Reason.UNREADABLE,
                f"The user who runs the database for root can no longer enter {self._layout.base}",
            )
        binaries = choose_binaries(self._bin_dir, self._layout.base, self._account)
        cluster.check_version(self._layout, binaries)
        directory = make_socket_directory(self._layout, self._account)
        postmaster.clear_stale_files(self._layout.data, directory, self._deadline)
        options = cluster.server_options(directory)
        command: list[str | Path] = [binaries.program("postgres"), "-D", self._layout.data, *options]
        return postmaster.spawn(command, self._account, self._layout.log)

    def _explain_exit(self) -> None:
        """Raises why the launched server ended, unless another attempt may fare better."""
        output = _tail(self._layout.log)
        if _ORPHANS_TEXT in output:
            return
        if tells_disk_full(output, self._layout.base):
            raise disk_full(self._layout.base)
        fatal = [line.partition("FATAL:")[2] for line in output.splitlines() if "FATAL:" in line]
        cause = (fatal or output.splitlines()[-1:] or ["it said nothing"])[0]
        raise unavailable(
            Reason.FAILED, f"The database server ended: {cause.strip()}; see {self._layout.log}"
        )

    def _wait(self, seconds: float = _POLL_SECONDS) -> None:
        if time.monotonic() >= self._deadline:
            raise unavailable(
                Reason.TIMED_OUT,
                f"The database server does not answer yet; it may be recovering: try again, or see {self._layout.log}",
            )
        time.sleep(seconds)


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _LOG_TAIL_BYTES))
        return file.read().decode(errors="replace")

"""The server process: is it alive and ours, start it, stop it, and clear what a dead one left."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agentiq_core.store.embedded.account import Account, clean_environment
from agentiq_core.store.embedded.failures import Reason, unavailable
from agentiq_core.store.embedded.layout import socket_file

_POLL_SECONDS = 0.005
_PROC = Path("/proc")
# The shell leaves at once, so the server is init's child, not ours: whoever stops it never waits for us to reap it.
_DETACH = 'exec "$@" </dev/null >&2 & echo $!'


@dataclass(frozen=True)
class PidFile:
    """What matters in `postmaster.pid` (Postgres, "Database File Layout"): line 1 and line 8."""

    pid: int
    status: str

    @property
    def ready(self) -> bool:
        """Whether the server said that it accepts connections."""
        return self.status == "ready"


def read_pid_file(data: Path) -> PidFile | None:
    """The pid file of a cluster; None when there is none or it is still being written."""
    return _read_lock_file(data / "postmaster.pid")


def living_postmaster(data: Path) -> PidFile | None:
    """The pid file, if its process is a living Postgres of this very cluster and not a reused number."""
    found = read_pid_file(data)
    return found if found is not None and serves(found.pid, data) else None


def serves(pid: int, data: Path) -> bool:
    """Whether `pid` is a living Postgres whose cluster is `data`: every Postgres process works in its data directory."""
    if not exists(pid):
        return False
    if _PROC.joinpath("self", "cwd").exists():
        try:
            name = _PROC.joinpath(str(pid), "comm").read_text().strip()
            return name.startswith("postgres") and _PROC.joinpath(str(pid), "cwd").samefile(data)
        except OSError:
            return False  # gone meanwhile, or not ours to look into: then it is not our server either
    return f"-D {data}" in _ps(pid, "command")


def exists(pid: int) -> bool:
    """Whether a process lives; a zombie does not."""
    if not _number_taken(pid):
        return False
    try:
        state = _PROC.joinpath(str(pid), "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        state = _ps(pid, "state")
    return not state.startswith("Z")


def _number_taken(pid: int) -> bool:
    """What Postgres itself asks of a lock file's number: a zombie has it still, and without an init it stays one."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def clear_stale_files(data: Path, socket_directory: Path, deadline: float) -> None:
    """Removes what a dead server left and Postgres would give up on: a number that a zombie or another program has.

    A pid file with a free number stays, Postgres sees to it itself; either way it refuses to start while orphaned
    backends use the cluster's shared memory. A server that lost its pid file shuts itself down within a minute; it is stopped here, at once.
    """
    pid_file = data / "postmaster.pid"
    found = read_pid_file(data)
    if (found is None and pid_file.exists()) or (found is not None and _number_taken(found.pid)):
        pid_file.unlink()
    listening = socket_file(socket_directory)
    lock = listening.with_name(f"{listening.name}.lock")
    owner = _read_lock_file(lock)
    if owner is not None and serves(owner.pid, data):
        stop(owner.pid, data, deadline)
    for path in (listening, lock):
        path.unlink(missing_ok=True)


def spawn(command: Sequence[str | Path], account: Account, log: Path) -> int:
    """Starts the server detached from this process and its terminal, logging to `log`; its process id."""
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
    with open(log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as output:
        shell = account.popen(
            ["/bin/sh", "-c", _DETACH, "sh", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
        )
        with shell:
            answer, _ = shell.communicate()
    return int(answer)


def stop(pid: int, data: Path, deadline: float) -> None:
    """A fast shutdown: sessions end, everything is flushed. `StoreUnavailable` when not gone by `deadline`."""
    try:
        os.kill(pid, signal.SIGINT)
    except ProcessLookupError:
        return
    while serves(pid, data):
        if time.monotonic() >= deadline:
            raise unavailable(Reason.TIMED_OUT, f"The database server (process {pid}) does not stop")
        time.sleep(_POLL_SECONDS)


def _read_lock_file(path: Path) -> PidFile | None:
    try:
        lines = path.read_text(errors="replace").splitlines()
        return PidFile(int(lines[0]), lines[7].strip() if len(lines) > 7 else "")
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _ps(pid: int, column: str) -> str:
    answer = subprocess.run(
        ["ps", "-ww", "-o", f"{column}=", "-p", str(pid)],
        capture_output=True,
        env=clean_environment(),
        check=False,
    )
    return answer.stdout.decode(errors="replace").strip()

"""Files that only their owner reads, changed whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from agentiq_core.domain.errors import VaultLocked

PATIENCE = 15.0
"""Seconds: a process that was stopped while it held the lock must not stop all others without a word."""
_POLL_SECONDS = 0.02


def read(path: Path) -> bytes | None:
    """The content; None when there is no such file. A file of ours that others could read is closed to them first."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, "read", error) from None
    try:
        found = os.fstat(descriptor)
        if found.st_uid != os.geteuid():
            raise VaultLocked(f"{path} belongs to another user", path=str(path))
        if stat.S_IMODE(found.st_mode) & 0o077:
            os.fchmod(descriptor, 0o600)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    except OSError as error:
        raise _unusable(path, "read", error) from None
    finally:
        os.close(descriptor)


def write(path: Path, content: bytes) -> None:
    """Replace the content, within `changing`: after this returns it is on disk; a crash on the way leaves the former one."""
    fresh = path.with_name(f"{_fresh(path)}{secrets.token_hex(6)}")
    try:
        _make_home(path)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        raise _unusable(path, "written", error) from None
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Read, change and write without another process or thread between. Blocking. Raises `VaultLocked`."""
    try:
        _make_home(path)
        lock = os.open(
            path.with_name(f"{path.name}.lock"),
            os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW,
            0o600,
        )
    except OSError as error:
        raise _unusable(path, "written", error) from None
    try:
        _take(lock, path)
        # what a process that was killed between writing and renaming left behind holds secrets too
        for left in path.parent.glob(f"{_fresh(path)}*"):
            with suppress(OSError):
                left.unlink()
        yield
    finally:
        os.close(lock)


def sync_directory(directory: Path) -> None:
    """Make a rename or a removal in it survive a crash of the machine."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take(lock: int, path: Path) -> None:
    import fcntl

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise VaultLocked(
                    f"another AgentIQ process holds {path} and does not let go", reason="busy"
                ) from None
            time.sleep(_POLL_SECONDS)
        except OSError as error:
            raise _unusable(path, "written", error) from None
        else:
            return


def _fresh(path: Path) -> str:
    return f".{path.name}."


def _make_home(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)


def _unusable(path: Path, done: str, error: OSError) -> VaultLocked:
    kept = "; what it held is kept" if done == "written" else ""
    return VaultLocked(f"{path} cannot be {done}: {error.strerror}{kept}", path=str(path))

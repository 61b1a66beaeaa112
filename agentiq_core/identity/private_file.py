"""Files that only their owner reads, changed whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agentiq_core.domain.errors import VaultLocked


def read(path: Path) -> bytes | None:
    """The content; None when there is no such file. A file of ours that others could read is closed to them first."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            found = os.fstat(file.fileno())
            if found.st_uid != os.geteuid():
                raise VaultLocked(f"{path} belongs to another user", path=str(path))
            if stat.S_IMODE(found.st_mode) & 0o077:
                os.fchmod(file.fileno(), 0o600)
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise VaultLocked(f"{path} cannot be read: {error.strerror}", path=str(path)) from None


def write(path: Path, content: bytes) -> None:
    """Replace the content: after this returns it is on disk; a crash on the way leaves the former one."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise VaultLocked(
            f"{path} cannot be written: {error.strerror}; what it held is kept", path=str(path)
        ) from None
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Read, change and write without another process between. Blocking."""
    import fcntl

    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise VaultLocked(f"{path} cannot be written: {error.strerror}", path=str(path)) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)

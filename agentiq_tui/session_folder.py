"""What one session keeps on this machine's disk: a folder that is its own while its process lives, and anybody's of the same
operator afterwards. Blocks on the disk."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

LOCK, FRESH = "lock", ".part"


class SessionFolder:
    """The folder of this session under `root`, which belongs to one database and operator.

    A session holds a lock for as long as its process lives, so that no other one takes what it kept too. Where the disk or
    the system does not let it, nothing is kept.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = root / uuid4().hex
        self._lock: int | None = None
        self._beginning = threading.Lock()

    def begun(self) -> bool:
        """Make the folder when it is first needed; False where it cannot be locked. Raises `OSError`."""
        # a draft and an editor may need it at the same moment, each in a thread: the second found it locked by the first
        with self._beginning:
            if self._lock is None:
                self.root.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                for folder in (self.root.parent, self.root, self.path):
                    folder.mkdir(mode=0o700, exist_ok=True)
                self._lock = _locked(self.path)
            return self._lock is not None

    def ended(self, kept_seconds: float) -> Iterator[Path]:
        """The folders of sessions that ended, each nobody else's while it is looked at. One that is left empty goes, and so
        does one that nobody came back for in this time."""
        sessions: list[Path] = []
        with suppress(OSError):
            sessions = [one for one in self.root.iterdir() if one != self.path]
        for session in sessions:
            with suppress(OSError):
                lock = _locked(session)
                if lock is None:
                    continue
                try:
                    if time.time() - session.stat().st_mtime > kept_seconds:
                        shutil.rmtree(session, ignore_errors=True)
                        continue
                    yield session
                    _remove_empty(session)
                finally:
                    os.close(lock)

    def close(self) -> None:
        """The session ends: what it kept is anybody's of this operator."""
        if self._lock is None:
            return
        with suppress(OSError):
            _remove_empty(self.path)
        os.close(self._lock)
        self._lock = None


def write_whole(path: Path, content: bytes) -> None:
    """Whole or not at all, and nobody else may read it. Raises `OSError`."""
    fresh = path.with_name(path.name + FRESH)
    fresh.unlink(missing_ok=True)
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as stream:
            stream.write(content)
        fresh.replace(path)
    except OSError:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def _remove_empty(session: Path) -> None:
    if all(one.name == LOCK for one in session.iterdir()):
        shutil.rmtree(session, ignore_errors=True)


def _locked(session: Path) -> int | None:
    """The session's lock, dropped by the system with its process; None while that lives."""
    try:
        import fcntl
    except ImportError:
        return None
    descriptor = os.open(session / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor

"""File locks between processes: the system drops them with the process, however it died."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agentiq_core.store.embedded.failures import Reason, unavailable

_POLL_SECONDS = 0.02


def _try_lock(path: Path, *, shared: bool) -> int | None:
    import fcntl

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def exclusive(path: Path, deadline: float) -> Iterator[int]:
    """Holds the lock at `path`; waits until `deadline` (of `time.monotonic`), then `StoreUnavailable`.

    Yields its descriptor: a child that inherits it keeps the lock after our death.
    """
    while (descriptor := _try_lock(path, shared=False)) is None:
        if time.monotonic() >= deadline:
            raise unavailable(
                Reason.TIMED_OUT,
                f"Another AgentIQ process is starting or stopping the database too long ({path})",
            )
        time.sleep(_POLL_SECONDS)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class Presence:
    """One user of the server, between `start` and `leave`: covers the time when it has no connection open.

    Call every method under the exclusive lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def join(self) -> None:
        """Counts this user in; a second call changes nothing."""
        if self._descriptor is None:
            self._descriptor = _try_lock(self._path, shared=True)

    def leave(self) -> None:
        """Counts this user out."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def anyone_else(self) -> bool:
        """Whether somebody is present besides this user, who must have left."""
        descriptor = _try_lock(self._path, shared=False)
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

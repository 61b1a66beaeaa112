"""Why the embedded server cannot be had, in one line for people and one word for code."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from agentiq_core.domain.errors import StoreUnavailable

_DISK_FULL_TEXTS = ("No space left on device", "Disk quota exceeded", "File too large")
_DISK_FULL_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_ROOM_BYTES = 1024 * 1024


class Reason(StrEnum):
    """`StoreUnavailable.params["reason"]` of every error in this package."""

    DISK_FULL = "disk_full"
    OTHER_VERSION = "other_version"
    NO_BINARIES = "no_binaries"
    SOCKET_PATH = "socket_path"
    TIMED_OUT = "timed_out"
    FOREIGN_FILES = "foreign_files"
    FILES_MISSING = "files_missing"
    NO_ACCOUNT = "no_account"
    UNREADABLE = "unreadable"
    PLATFORM = "platform"
    FAILED = "failed"


def unavailable(reason: Reason, message: str) -> StoreUnavailable:
    """The one error of this package; whitespace is folded so that it stays one line."""
    return StoreUnavailable(" ".join(message.split()), reason=reason)


def disk_full(directory: Path) -> StoreUnavailable:
    """The file system (or quota) that holds `directory` has no room."""
    return unavailable(
        Reason.DISK_FULL,
        f"No space left on the disk that holds {directory}: free some and start again, stored data is intact",
    )


def tells_disk_full(output: str, directory: Path) -> bool:
    """Whether a program's output, or the file system itself when it had no room even for that, says disk full."""
    if any(text in output for text in _DISK_FULL_TEXTS):
        return True
    space = os.statvfs(directory)
    return space.f_bavail * space.f_frsize < _NO_ROOM_BYTES


@contextmanager
def files_explained(home: Path) -> Iterator[None]:
    """Turns the operating system's refusals into `StoreUnavailable`: a full disk, a read-only or foreign home."""
    try:
        yield
    except OSError as error:
        # A failed copy of a tree carries its errors as text.
        if error.errno in _DISK_FULL_ERRNOS or any(text in str(error) for text in _DISK_FULL_TEXTS):
            raise disk_full(home) from error
        where = error.filename if error.filename is not None else home
        raise unavailable(
            Reason.UNREADABLE, f"The embedded database cannot use {where}: {error.strerror or error}"
        ) from error

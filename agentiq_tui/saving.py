"""A buyer's file on this machine: where it goes, how it is written, and who opens it. Blocks on the disk."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.files import LARGEST, MEBIBYTE, ReceivedFile
from agentiq_core.home import home_dir
from agentiq_tui.locale import _
from agentiq_tui.shown import short

_FULL = {errno.ENOSPC, errno.EDQUOT}
_MOST_NUMBERS = 10_000
_DOWNLOADS = re.compile(r'^XDG_DOWNLOAD_DIR="(.*)"$', re.MULTILINE)


class NotSaved(AgentIQError):
    """A file could not be written; its text is a line for the operator, in their language."""

    code: ClassVar[str] = "not_saved"


def save(folder: Path, file: ReceivedFile) -> Path:
    """Write the file into the folder under its name, or the next free one; whole or not at all. Raises `NotSaved`."""
    if len(file.content) > LARGEST:
        raise NotSaved(_("The file is larger than {limit} MB: not saved").format(limit=LARGEST // MEBIBYTE))
    draft: str | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(prefix=".agentiq-", dir=folder)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(file.content)
            stream.flush()
            os.fsync(stream.fileno())
        for path in _names(folder, file.name):
            if _claimed(path):
                os.replace(draft, path)
                draft = None
                return path
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
    except OSError as error:
        if error.errno in _FULL:
            line = _("The disk is full: {name} was not saved in {folder}")
        else:
            line = _("{name} cannot be saved in {folder}: {why}")
        why = error.strerror or type(error).__name__
        raise NotSaved(line.format(name=file.name, folder=short(folder), why=why)) from None
    finally:
        if draft is not None:
            with suppress(OSError):
                os.unlink(draft)


def download_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's own folder for downloads; without one, a folder under AgentIQ's home."""
    home = Path.home()
    named = environ.get("XDG_DOWNLOAD_DIR") or _configured(environ, home)
    for folder in (Path(named.replace("$HOME", str(home), 1)) if named else None, home / "Downloads"):
        # the home itself stands for "none" in user-dirs.dirs
        if folder is not None and folder.is_absolute() and folder != home and folder.is_dir():
            return folder
    return home_dir() / "files"


def show(path: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Ask the desktop to open the file, if somebody sits before one; whether it was asked."""
    opener = _opener(environ)
    if opener is None:
        return False
    quiet = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            [opener, str(path)], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
    except OSError:
        return False
    # the viewer may outlive this program; until then somebody must take its exit code
    threading.Thread(target=process.wait, name="viewer", daemon=True).start()
    return True


def _opener(environ: Mapping[str, str]) -> str | None:
    if any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")):
        # it would open on a screen that nobody is looking at
        return None
    if sys.platform == "darwin":
        return shutil.which("open")
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return shutil.which("xdg-open", path=environ.get("PATH"))
    return None


def _configured(environ: Mapping[str, str], home: Path) -> str | None:
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    try:
        found = _DOWNLOADS.search((config / "user-dirs.dirs").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found[1] if found else None


def _names(folder: Path, name: str) -> Iterator[Path]:
    yield folder / name
    stem, suffix = os.path.splitext(name)
    for number in range(2, _MOST_NUMBERS):
        yield folder / f"{stem} ({number}){suffix}"


def _claimed(path: Path) -> bool:
    """Whether the name was free and is ours now; a link of that name is not followed."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True

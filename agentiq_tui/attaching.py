"""Files of this machine to attach: paths as people and terminals write them, completed, and read whole. Blocks on the disk."""

from __future__ import annotations

import errno
import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.files import MEBIBYTE, FileRules, OutgoingFile, check_file, sniffed, too_large
from agentiq_core.domain.text import inert_line
from agentiq_tui.locale import _, mark

_LARGEST = 64 * MEBIBYTE
_FILE_URL = "file://"
_REASONS = {
    errno.ENOENT: mark("there is no such file"),
    errno.EISDIR: mark("it is a directory"),
    errno.EACCES: mark("you may not read it"),
}
LISTED = 8
"""Candidates that a completion names."""


class UnreadableFile(AgentIQError):
    """A file of this machine that cannot be read; its text is a line for the operator, in their language."""

    code: ClassVar[str] = "unreadable_file"


def read_file(path: Path, rules: FileRules) -> OutgoingFile:
    """A file that this marketplace takes. Raises `UnreadableFile`, `FileTooLarge`, `FileNotTaken`."""
    file = OutgoingFile(path.name, *_read(path))
    check_file(file, rules)
    return file


def read_files(paths: Iterable[Path], rules: FileRules) -> list[OutgoingFile]:
    """All of them, or the error of the first that will not do."""
    return [read_file(path, rules) for path in paths]


def paths_in(text: str) -> list[Path]:
    """The files that a line names: bare, quoted, escaped, with `~` or as file:// URLs, one or several.

    Terminals paste a file that is dropped on them in any of these forms.
    """
    line = text.strip()
    if not line:
        return []
    # pathlib's own question fails on a name that is too long
    if not line.startswith(_FILE_URL) and os.path.exists(whole := _path(line)):
        # a path with spaces that nobody quoted
        return [whole]
    try:
        words = shlex.split(line)
    except ValueError:
        # an apostrophe in a name, say
        words = [line]
    return [_path(word) for word in words]


def completed(text: str) -> tuple[str, list[str]]:
    """The line with its path completed as far as it is certain, and what it may go on to."""
    typed = text.lstrip()
    quote = typed[:1] if typed[:1] in ("'", '"') else ""
    typed = typed[len(quote) :]
    if typed.startswith(_FILE_URL):
        typed = str(_path(typed))
    if typed == "~":
        return f"{quote}~/", []
    folder, slash, start = typed.rpartition("/")
    try:
        found = sorted(_entries(Path(folder + slash or ".").expanduser(), start))
    except (OSError, RuntimeError, ValueError):
        return text, []
    if not found:
        return text, []
    certain = os.path.commonprefix(found)  # noqa: RUF071 - of names, character by character, is what is wanted
    return f"{quote}{folder}{slash}{certain}", found if len(found) > 1 else []


def _entries(folder: Path, start: str) -> Iterable[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            hidden = entry.name.startswith(".") and not start.startswith(".")
            if entry.name.startswith(start) and not hidden and entry.name.isprintable():
                yield entry.name + ("/" if entry.is_dir() else "")


def _path(word: str) -> Path:
    if word.startswith(_FILE_URL):
        return Path(unquote(urlsplit(word).path))
    try:
        return Path(word).expanduser()
    except RuntimeError:
        # "~nobody": there is no such person
        return Path(word)


def _read(path: Path) -> tuple[str, bytes]:
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise too_large(path.name, size, _LARGEST)
        if not path.is_file() and not path.is_dir():
            # a pipe or a device would never end
            raise UnreadableFile(_("{name} is not a file; nothing was sent").format(name=_shown(path)))
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        line = _("{name} cannot be read: {why}; nothing was sent")
        raise UnreadableFile(line.format(name=_shown(path), why=_reason(error))) from None
    return sniffed(content), content


def _reason(error: OSError | ValueError) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if code in _REASONS:
        return _(_REASONS[code])
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _shown(path: Path) -> str:
    return inert_line(path.name or str(path))

"""Files to attach: read whole, and held against what the marketplace takes, before anything is sent."""

from __future__ import annotations

import math
import mimetypes
from collections.abc import Sequence
from pathlib import Path

from agentiq_core.connectors.base import FileRules, OutgoingFile
from agentiq_core.domain.errors import Rejected
from agentiq_tui.locale import _

_LARGEST = 64 * 1024 * 1024
_MEBIBYTE = 1024 * 1024


def read_files(paths: Sequence[Path]) -> list[OutgoingFile]:
    """The files' contents. Raises `Rejected`."""
    return [OutgoingFile(path.name, _content_type(path), _read(path)) for path in paths]


def check_files(files: Sequence[OutgoingFile], rules: FileRules) -> None:
    """Raises `Rejected` for the first file that this marketplace will not take."""
    for file in files:
        if file.content_type not in rules.content_types:
            kinds = ", ".join(sorted(kind.partition("/")[2].upper() for kind in rules.content_types)) or "—"
            raise Rejected(
                _("{name} is not a kind of file the marketplace takes ({kinds}); nothing was sent").format(
                    name=file.name, kinds=kinds
                )
            )
        if len(file.content) > rules.max_bytes:
            raise _too_large(file.name, len(file.content), rules.max_bytes)


def _content_type(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise _too_large(path.name, path.stat().st_size, _LARGEST)
        return path.read_bytes()
    except OSError as error:
        raise Rejected(
            _("{name} cannot be read: {why}; nothing was sent").format(name=path.name, why=error.strerror)
        ) from None


def _too_large(name: str, size: int, limit: int) -> Rejected:
    # rounded up: a byte too much must not read as the limit itself
    shown = math.ceil(size / _MEBIBYTE * 100) / 100
    said = _("{name} has {size} MB, at most {limit} MB can be sent; nothing was sent")
    return Rejected(
        said.format(name=name, size=f"{shown:g}", limit=f"{limit / _MEBIBYTE:g}"),
    )

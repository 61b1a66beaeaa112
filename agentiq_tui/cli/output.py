"""What commands print: stdout is data, stderr is narration; exit codes in one place."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

from agentiq_core.domain.text import inert, inert_line


class Exit(IntEnum):
    """How a command ended. Those above 2 are the shell's own words for a program that was stopped from outside."""

    DONE = 0
    FAILED = 1
    """Refused or failed; stderr has one line that says why."""
    USAGE = 2
    INTERRUPTED = 130
    """Ctrl+C."""
    READER_LEFT = 141
    """Whoever read stdout closed it (`| head -1`)."""
    TERMINATED = 143


def data(value: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")
    sys.stdout.flush()


def line(text: str = "") -> None:
    """One line of data for people, with nothing in it that a terminal would obey."""
    sys.stdout.write(inert(text) + "\n")


def say(text: str) -> None:
    """One line of narration on stderr."""
    sys.stderr.write(inert_line(text) + "\n")
    sys.stderr.flush()


def failed(code: str, message: str, *, as_json: bool, also: Mapping[str, Any] | None = None) -> Exit:
    """Say why on stderr; with `--json`, one object with `error` and `message` on stdout, and what else is known."""
    say(message)
    if as_json:
        data({"error": code, "message": inert_line(message)} | dict(also or {}))
    return Exit.FAILED


def table(rows: Sequence[Sequence[str]], header: Sequence[str]) -> None:
    """Rows in aligned columns; the last column takes what it needs."""
    cells = [[inert_line(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header) - 1)]
    for row in cells:
        fixed = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        line(f"{fixed}  {row[-1]}".rstrip())


def pairs(items: Iterable[tuple[str, str]]) -> None:
    """Names and values, one a line."""
    for name, value in items:
        line(f"{name}: {value}")


def local(moment: datetime | None) -> str:
    """A moment in this machine's zone, for people."""
    return moment.astimezone().strftime("%d.%m.%Y %H:%M") if moment else "—"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        # money as a number: a script adds it up
        return float(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)

"""What commands read: standard input, UTF-8 whatever the locale says, and times as people write them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from agentiq_core.domain.errors import Rejected
from agentiq_tui.locale import _

_FIRST_YEAR, _LAST_YEAR = 1970, 9000
"""Outside of these neither a time zone nor a deadline can be computed."""


def read_text(longest: int) -> str:
    """All of standard input, at most `longest` bytes. Raises `Rejected`."""
    return _decoded(_stdin().read(longest))


def json_lines() -> Iterator[tuple[int, dict[str, Any]]]:
    """JSON objects of standard input with their line's number; empty lines are passed over.

    Raises `Rejected` that names the line, when it comes to it: what came before has been dealt with.
    """
    for number, raw in enumerate(_stdin(), 1):
        if not raw.strip():
            continue
        try:
            item = json.loads(_decoded(raw))
        except (ValueError, RecursionError):
            item = None
        if not isinstance(item, dict):
            raise Rejected(
                _("line {n} is not a JSON object; the lines before it are done").format(n=number), line=number
            )
        yield number, item


def moment(value: str, number: int | None = None) -> datetime:
    """A time as people write it, in this machine's zone where it names none; `number` is its line. Raises `Rejected`."""
    try:
        moment = datetime.fromisoformat(value)
        if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise ValueError(value)
    except ValueError:
        where = "" if number is None else _("line {n}: ").format(n=number)
        said = _("“{value}” is not a time: write 2026-11-23T10:00+03:00").format(value=value)
        raise Rejected(where + said, line=number) from None
    return moment if moment.tzinfo else moment.astimezone()


def _stdin() -> Any:
    if sys.stdin is None:
        raise Rejected(_("standard input is closed"))
    return sys.stdin.buffer


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Rejected(_("standard input is not UTF-8 text")) from None

"""What the mappings of all marketplaces share: times, ids and words as live services write them, and items read again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Final

from agentiq_core.connectors.wire import parsed
from agentiq_core.domain.messages import IncomingMessage, Unreadable

Outcome = tuple[IncomingMessage, ...] | Unreadable
"""What an item of an answer is: its messages (none where there is nothing to show), or why it cannot be read."""

_WORD: Final = re.compile(r"[\w.-]{1,40}", re.ASCII)


def moment(text: str | None, *, zone: tzinfo = UTC) -> datetime | None:
    """A moment in UTC from RFC 3339 text of any precision and offset; None when it is no real one (0001-01-01). `zone` is
    that of a text which names none."""
    try:
        told = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    if told.year not in range(2000, 2100):
        return None
    return told.replace(tzinfo=told.tzinfo or zone).astimezone(UTC)


def present(text: str | None) -> str | None:
    """A text that says something; None for blanks."""
    return text if text and not text.isspace() else None


def known_id(value: object) -> str | None:
    """An id out of an item that could not be read as a whole; None when there is none to be seen."""
    return str(value)[:1000] or None if isinstance(value, str | int) and not isinstance(value, bool) else None


def apart(
    outcomes: Iterable[IncomingMessage | Unreadable],
) -> tuple[tuple[IncomingMessage, ...], tuple[Unreadable, ...]]:
    """What of a page can be read, and what cannot. Pages overlap, so that one message of a conversation counts once."""
    read: dict[tuple[str, str], IncomingMessage] = {}
    unreadable: list[Unreadable] = []
    for outcome in outcomes:
        if isinstance(outcome, Unreadable):
            unreadable.append(outcome)
        else:
            read.setdefault((outcome.chat_external_id, outcome.message.external_id), outcome)
    return tuple(read.values()), tuple(unreadable)


def word(value: str | None) -> str:
    """A value of an open enum as it may be repeated in a reason: it could be anything, so only a single word is."""
    return value if value and _WORD.fullmatch(value) else "(not a word)"


def read_again(kept: Unreadable, read: Callable[[object], Outcome]) -> Outcome:
    """An item that was kept raw, read by `read` as such items are read now; the reason is that of today."""
    try:
        item = parsed(kept.raw.encode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        return replace(kept, reason=f"not JSON: {type(error).__name__}")
    outcome = read(item)
    return replace(kept, reason=outcome.reason) if isinstance(outcome, Unreadable) else outcome

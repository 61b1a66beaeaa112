"""When to look once more at what a list does not tell: comments of comments, answers to questions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zlib import crc32

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR
_PACES: Final = (
    (timedelta(days=3), _HOUR),
    (timedelta(days=30), _DAY),
    (timedelta(days=200), 7 * _DAY),
)
"""Until which age of a conversation it is looked at once in so many seconds."""
NEVER: Final = "-"


def look(conversation: str, created_at: datetime, now: datetime) -> str:
    """A word that changes when it is time to look again; each conversation has an hour or a day of its own, so that not
    all of them are due at once."""
    age = now - created_at
    for until, pace in _PACES:
        if age < until:
            shift = crc32(conversation.encode("utf-8", "replace")) % pace
            return f"{pace // _HOUR}h{(int(now.timestamp()) + shift) // pace}"
    return NEVER

"""Where the reading of a chat stands, as words of a cursor: how far it was read, and where its next page begins."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agentiq_core.connectors.mapping import moment

SECOND: Final = timedelta(seconds=1)
SETTLED: Final = timedelta(seconds=3)
"""The list may tell whole seconds: within them another message has the same time."""
_LEAST: Final = timedelta(microseconds=1)
LATE: Final = timedelta(minutes=2)
"""How long a history that lacks what the list tells is asked again."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A chat was read through the list's time `through`; `message` is the newest message that was read."""

    through: datetime
    message: str

    def __str__(self) -> str:
        return f"{self.through.isoformat()}|{self.message}"

    @classmethod
    def of(cls, text: str | None) -> Mark | None:
        """A mark of this version; None for any other, then the chat is read from its beginning."""
        told, _, message = (text or "").partition("|")
        through = moment(told)
        return cls(through, message) if through is not None else None

    def holds(self, newest: str) -> bool:
        """Whether what the list tells was read."""
        told = moment(newest)
        return told is not None and self.through >= told


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest message that was read, by its time, then its id."""

    at: datetime
    message: str

    def or_later(self, other: Newest | None) -> Newest:
        """The later of two."""
        return self if other is None or self._order >= other._order else other

    @property
    def _order(self) -> tuple[datetime, int, str]:
        return self.at, len(self.message), self.message


@dataclass(frozen=True, slots=True)
class Place:
    """The next page of a history: the message it begins with, a page's token, the newest message until there."""

    start: str | None = None
    token: str | None = None
    newest: Newest | None = None

    def __str__(self) -> str:
        newest = None if self.newest is None else [self.newest.at.isoformat(), self.newest.message]
        return json.dumps([self.start, self.token, newest], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def of(cls, text: str | None) -> Place | None:
        """A place of this version; None for any other."""
        try:
            start, token, newest = json.loads(text or "")
            if newest is None:
                return cls(start, token)
            told, message = newest
            at = moment(told)
        except (ValueError, TypeError, RecursionError):
            return None
        return cls(start, token, Newest(at, message)) if at is not None else None


def reached(known: Mark | None, newest: Newest | None, told: datetime | None, now: datetime) -> Mark | None:
    """The mark after a history was read to its end at `now`; `told` is the list's time of the newest message.

    The list may run ahead of the history: then the chat counts as read only once `LATE` has passed.
    """
    message = newest.message if newest is not None else known.message if known is not None else ""
    if told is None:
        # what the list tells next may be cut to the second in which this message was written
        return Mark(newest.at.replace(microsecond=0) - _LEAST, message) if newest is not None else None
    complete = newest is not None and newest.at > told - SECOND
    if now - told >= (SETTLED if complete else LATE):
        return Mark(told, message)
    return Mark(told - _LEAST, message)

"""Where the reading of conversations stands, as words of marks and cursors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LATE: Final = timedelta(minutes=10)
"""How long a message of the list may be missing in its history before it counts as one that histories do not show."""


@dataclass(frozen=True, slots=True)
class Newest:
    """A conversation's newest message: its id, Unix seconds, and whether it was deleted, for a deleted message keeps its
    id. Without an id it is when the conversation changed last."""

    id: str
    at: int
    deleted: bool = False

    def __str__(self) -> str:
        return f"{self.at} {'deleted' if self.deleted else '-'} {self.id}"

    @classmethod
    def of(cls, text: str | None) -> Newest | None:
        """One of this version; None for any other."""
        match (text or "").split(" ", 2):
            case [at, ("deleted" | "-") as state, id] if at.isascii() and at.isdigit() and len(at) < 16:
                return cls(id, int(at), state == "deleted")
        return None


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a history was read: to `own`. `listed` is what the list told meanwhile, where that may be trusted."""

    own: str
    listed: str | None = None

    def __str__(self) -> str:
        return json.dumps([self.own, self.listed], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def of(cls, text: str | None) -> Mark | None:
        """A mark of this version; None for any other, then everything is read once more."""
        try:
            match json.loads(text or ""):
                case [str(own), (str() | None) as listed]:
                    return cls(own, listed)
        except (ValueError, RecursionError):
            pass
        return None

    def covers(self, newest: str) -> bool:
        """Whether the list still tells what was read."""
        return newest in (self.own, self.listed)


def may_be_late(newest: Newest, now: datetime) -> bool:
    """Whether a history may still be behind the list."""
    return newest.at > (now - LATE).timestamp()


@dataclass(frozen=True, slots=True)
class Page:
    """The next page of a history, and the newest message of those before it."""

    offset: int
    newest: str = ""

    def __str__(self) -> str:
        return f"{self.offset} {self.newest}"

    @classmethod
    def of(cls, text: str | None) -> Page:
        """A page of this version; the first one for any other."""
        offset, _, newest = (text or "").partition(" ")
        told = offset_of(offset)
        return cls(0) if told is None else cls(told, newest)


def offset_of(text: str | None) -> int | None:
    """A number of entries to skip; None for anything else."""
    told = text or ""
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None

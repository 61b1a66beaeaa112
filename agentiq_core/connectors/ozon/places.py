"""Where the reading of a chat stands, as words of a cursor: how far it was read, and where its next page begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FORWARD: Final = "Forward"
BACKWARD: Final = "Backward"
ORDER: Final = "Order"

OVERLAP: Final = 20
"""Messages before the mark that are read once more with whatever is new: they are edited, and seen by the buyer."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`newest` is the newest message that was read, `behind` the one from which on it is read again."""

    newest: str
    behind: str

    def __str__(self) -> str:
        return f"{self.newest} {self.behind}"

    @classmethod
    def of(cls, text: str | None) -> Mark | None:
        """A mark of this version; None for any other, then everything is read once more."""
        match (text or "").split(" "):
            case [newest, behind] if (
                newest.isascii() and newest.isdigit() and behind.isascii() and behind.isdigit()
            ):
                return cls(newest, behind)
        return None

    @classmethod
    def behind_of(cls, ids: Sequence[int], *, otherwise: str | None = None) -> Mark | None:
        """The mark after a page of these ids, in order; `otherwise` is where a short page began."""
        if not ids:
            return None
        start = ids[-OVERLAP] if len(ids) > OVERLAP else int(otherwise) if otherwise is not None else ids[0]
        return cls(str(ids[-1]), str(start))


@dataclass(frozen=True, slots=True)
class Place:
    """The next page: a direction (as chat/history calls it) and the message it begins with, or the order to be asked
    about, which a walk backward carries along."""

    kind: str
    id: str | None = None
    order: str = ""

    def __str__(self) -> str:
        return " ".join((self.kind, self.id or "-", self.order))

    @classmethod
    def of(cls, text: str | None) -> Place | None:
        """A place of this version; None for any other."""
        kind, _, rest = (text or "").partition(" ")
        id, _, order = rest.partition(" ")
        if kind not in (FORWARD, BACKWARD, ORDER) or not (id == "-" or (id.isascii() and id.isdigit())):
            return None
        return cls(kind, None if id == "-" else id, order)

"""Stretches of the text in the reply field that somebody should look at, and how they move while it is being typed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

MOST = 200
"""Marks that are drawn; a text with more is wrong as a whole."""


class Kind(Enum):
    """How much a mark weighs, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Mark:
    """From `start` to before `end`, in characters of the whole text; `reason` is for the operator."""

    start: int
    end: int
    kind: Kind
    reason: str

    def touches(self, offset: int) -> bool:
        """Whether the cursor is in it, or right behind it."""
        return self.start <= offset <= self.end


@dataclass(frozen=True, slots=True)
class Edit:
    """What one change did to a text: from `start` on, `removed` characters gave way to `inserted` others."""

    start: int
    removed: int
    inserted: int

    @classmethod
    def between(cls, before: str, after: str) -> Edit:
        """The smallest change that makes the one text of the other."""
        start = _same(before, after)
        end = min(_same(before[::-1], after[::-1]), len(before) - start, len(after) - start)
        return cls(start, len(before) - start - end, len(after) - start - end)


def moved(marks: Iterable[Mark], edit: Edit) -> tuple[Mark, ...]:
    """The marks where their words are now. What is typed inside a mark belongs to it; a mark that lost its words goes."""
    last, grown = edit.start + edit.removed, edit.inserted - edit.removed
    kept = []
    for mark in marks:
        if last <= mark.start:
            mark = replace(mark, start=mark.start + grown, end=mark.end + grown)
        elif edit.start >= mark.end:
            pass
        elif mark.start <= edit.start and last <= mark.end:
            mark = replace(mark, end=mark.end + grown)
        elif edit.start < mark.start:
            mark = replace(mark, start=edit.start + edit.inserted, end=max(mark.end, last) + grown)
        else:
            mark = replace(mark, end=edit.start)
        if mark.start < mark.end:
            kept.append(mark)
    return tuple(kept)


def told(marks: Sequence[Mark], offset: int | None) -> Mark | None:
    """The mark to explain: the one under the cursor, else the worst; a word is explained under the cursor only."""
    weight = list(Kind)
    here = [mark for mark in marks if offset is not None and mark.touches(offset)]
    grave = here or [mark for mark in marks if mark.kind is not Kind.WORD]
    return min(grave, key=lambda mark: (weight.index(mark.kind), mark.start), default=None)


def after(marks: Sequence[Mark], offset: int) -> Mark | None:
    """The next mark behind the cursor, from the top again when there is none."""
    ordered = sorted(marks, key=lambda mark: mark.start)
    return next((mark for mark in ordered if mark.start > offset), ordered[0] if ordered else None)


def _same(one: str, other: str) -> int:
    """How many characters two texts begin alike with. Halves instead of walking: a paste has 100,000."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low

"""Where the reading of Wildberries' lists stands, and the cursor that tells it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import Any


class Shelf(StrEnum):
    """One of the lists."""

    WAITING = "waiting"
    HANDLED = "handled"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A place in a list that is read from its newest end. Times in Unix seconds: `until` bounds a page from above, so that
    items which leave the list meanwhile shift nothing; `skip` where that is not enough, `since` is where to stop."""

    shelf: Shelf
    until: int | None = None
    skip: int = 0
    since: int | None = None


class Do(StrEnum):
    """The kinds of steps."""

    AWAITED = "awaited"
    MISSING = "missing"
    LOOK = "look"
    LOOK_AT_ALL = "all"
    NEWEST = "newest"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a poll. `ids` are left to be read one by one, `room` are pages."""

    do: Do
    at: Stretch | None = None
    ids: tuple[str, ...] = ()
    room: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading stands. `whole_at`, `edits_at`: when the last look at everything, and for edits, began (Unix
    seconds); `back` is the history still to be read, `todo` what is left of this poll."""

    whole_at: float
    edits_at: float
    back: tuple[Stretch, ...] = ()
    todo: tuple[Step, ...] = ()


def written(place: Place) -> str:
    """The cursor of a place."""
    state: dict[str, Any] = {"whole_at": place.whole_at, "edits_at": place.edits_at}
    if place.back:
        state["back"] = [astuple(stretch) for stretch in place.back]
    if place.todo:
        state["todo"] = [
            [step.do, None if step.at is None else astuple(step.at), step.ids, step.room]
            for step in place.todo
        ]
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"))


def place_of(cursor: str | None) -> Place | None:
    """A cursor of this version; any other begins anew, which repeats nothing that is remembered."""
    try:
        state = json.loads(cursor or "")
        return Place(
            whole_at=float(state["whole_at"]),
            edits_at=float(state["edits_at"]),
            back=tuple(map(_stretch, state.get("back", ()))),
            todo=tuple(_steps(state.get("todo", ()))),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None


def _stretch(fields: list[Any]) -> Stretch:
    shelf, until, skip, since = fields
    return Stretch(
        Shelf(shelf),
        None if until is None else int(until),
        int(skip),
        None if since is None else int(since),
    )


def _steps(listed: Iterable[list[Any]]) -> Iterable[Step]:
    for do, at, ids, room in listed:
        yield Step(Do(do), None if at is None else _stretch(at), tuple(map(str, ids)), int(room))

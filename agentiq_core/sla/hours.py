"""Working hours as people write them: "mon-fri 09:00-13:00,14:00-18:00; sat 10:00-16:00", and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import groupby

from agentiq_core.domain.errors import Misconfigured
from agentiq_core.sla.calendar import ALL_DAY, MINUTES_OF_DAY, Spans

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RUSSIAN = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
_NUMBERS = {name: number % 7 for number, name in enumerate((*DAYS, *_RUSSIAN))}
_CLAUSE = re.compile(r"([\w,\s-]+?)\s+(\d{1,2}:\d\d\b.*)")
_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)")
_LAST_HOUR = 24


def parse_week(text: str) -> tuple[Spans, ...]:
    """A week, Monday first; days that are not named are closed. "24/7" is around the clock. Raises `Misconfigured`."""
    if text.strip() == "24/7":
        return (ALL_DAY,) * 7
    week: list[Spans] = [()] * 7
    for clause in filter(None, (part.strip() for part in text.lower().split(";"))):
        found = _CLAUSE.fullmatch(clause)
        if found is None:
            raise _unreadable(clause)
        spans = parse_spans(found[2])
        for day in _days(found[1]):
            if week[day]:
                raise Misconfigured(f"hours name {DAYS[day]} twice", twice=DAYS[day])
            week[day] = spans
    return tuple(week)


def parse_spans(text: str) -> Spans:
    """The stretches of one day; one whose end is not later than its begin runs past midnight. Raises `Misconfigured`."""
    spans = []
    for part in text.split(","):
        found = _SPAN.fullmatch(part.strip())
        if found is None:
            raise _unreadable(text)
        begin, end = _minute(found[1], found[2], text), _minute(found[3], found[4], text)
        if begin == MINUTES_OF_DAY:
            raise _unreadable(text)
        spans.append((begin, end if end > begin else end + MINUTES_OF_DAY))
    return tuple(sorted(spans))


def parse_day(text: str) -> tuple[date, Spans | None]:
    """An own day that is open: its date, and its hours where they are not those of its weekday. Raises `Misconfigured`."""
    day, _, hours = text.strip().partition(" ")
    return parse_date(day), parse_spans(hours) if hours.strip() else None


def parse_date(text: str) -> date:
    """A date as 2026-12-31. Raises `Misconfigured`."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Misconfigured(f"not a date: {text!r}", day=text) from error


def week_text(week: tuple[Spans, ...]) -> str:
    """The week in the notation that `parse_week` reads; days of the same hours stand together."""
    if week == (ALL_DAY,) * 7:
        return "24/7"
    return "; ".join(
        f"{_run(list(numbers))} {spans_text(spans)}"
        for spans, numbers in groupby(range(7), lambda number: week[number])
        if spans
    )


def spans_text(spans: Spans) -> str:
    """The stretches of one day in the same notation."""
    return ",".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in spans)


def _days(text: str) -> Iterator[int]:
    for part in text.split(","):
        names = [name.strip() for name in part.split("-")]
        if len(names) > 2 or not all(name in _NUMBERS for name in names):
            raise _unreadable(text)
        first, last = _NUMBERS[names[0]], _NUMBERS[names[-1]]
        # "fri-mon" goes over the end of the week
        yield from (number % 7 for number in range(first, (last if last >= first else last + 7) + 1))


def _run(numbers: list[int]) -> str:
    first, last = DAYS[numbers[0]], DAYS[numbers[-1]]
    return first if first == last else f"{first}-{last}"


def _minute(hours: str, minutes: str, text: str) -> int:
    if int(minutes) > 59 or int(hours) * 60 + int(minutes) > _LAST_HOUR * 60:
        raise _unreadable(text)
    return int(hours) * 60 + int(minutes)


def _clock(minute: int) -> str:
    if minute > MINUTES_OF_DAY:
        minute -= MINUTES_OF_DAY
    return f"{minute // 60:02}:{minute % 60:02}"


def _unreadable(text: str) -> Misconfigured:
    return Misconfigured(f"these are no working hours: {text!r}", hours=text)

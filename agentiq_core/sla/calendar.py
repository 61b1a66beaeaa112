"""Working time: when a seller is there, counted over zones, clock changes, holidays and pauses. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agentiq_core.domain.errors import Misconfigured, NoWorkingHours

Spans = tuple[tuple[int, int], ...]
"""Working hours of one day in minutes from its midnight, the end excluded. What ends behind 24:00 runs past midnight and
belongs to the day it begins on."""
Pause = tuple[datetime, datetime]
"""A stretch in which the clock stands; aware, the end excluded."""
MINUTES_OF_DAY = 24 * 60
ALL_DAY: Spans = ((0, MINUTES_OF_DAY),)
IDLE_DAYS = 400
"""A calendar that is closed for so many days in a row has no working hours any more."""
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_YEARS = range(1970, 9000)
"""Outside of these no zone and no holiday can be computed."""


@lru_cache(maxsize=500)
def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises `Misconfigured`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Misconfigured(f"unknown time zone: {name!r}", zone=name) from error


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a seller works. Misconfigured when a zone, a country or a stretch of hours is none."""

    zone: str
    """IANA name."""
    week: tuple[Spans, ...]
    """Monday first."""
    holidays: str | None = None
    """A country of the `holidays` library; its public holidays are closed."""
    days: tuple[tuple[date, Spans | None], ...] = ()
    """Own days, before week and holidays: their hours, none when closed; None: the hours of the weekday, holiday or not."""

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise Misconfigured("a calendar's week has seven days")
        for begin, end in chain.from_iterable((*self.week, *(spans or () for _, spans in self.days))):
            if not 0 <= begin < MINUTES_OF_DAY or not begin < end <= begin + MINUTES_OF_DAY:
                raise Misconfigured("working hours begin within their day and last at most 24 hours")
        zone_named(self.zone)

    @property
    def has_hours(self) -> bool:
        """Whether any weekday is worked."""
        return any(self.week)


ALWAYS = Calendar("UTC", (ALL_DAY,) * 7)
"""Around the clock."""


def working_time(
    calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()
) -> timedelta:
    """How much of the time between two moments is worked and not paused; nothing when `end` is not later."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    worked = timedelta(0)
    days = (start.date() + _DAY * n for n in range((end - start).days + 2))
    for begin, close in _without(_joined(_opening(calendar, day) for day in days), _merged(pauses)):
        worked += max(min(close, end) - max(begin, start), timedelta(0))
    return worked


def after(calendar: Calendar, start: datetime, working: timedelta, pauses: Sequence[Pause] = ()) -> datetime:
    """The first moment at which so much working time has passed since `start`; `start` itself when that is none.

    A nonexistent hour of the clock is not worked, a repeated one is worked twice. Raises `NoWorkingHours` when the calendar
    is closed for longer than anybody waits, or the moment lies behind the end of time.
    """
    if working <= timedelta(0):
        return start
    left, zone, paused = working, start.tzinfo, _merged(pauses)
    # arithmetic in a zone that changes its clocks would be the clock's, not the time's
    start = start.astimezone(UTC)
    for begin, close in _without(_joined(_openings(calendar, start, paused)), paused):
        open_from = max(begin, start)
        if close <= open_from:
            continue
        if close - open_from >= left:
            return (open_from + left).astimezone(zone)
        left -= close - open_from
    raise NoWorkingHours("the calendar has no working hours")


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """Whether the seller works at this moment."""
    return any(begin <= moment < close for begin, close in _opening(calendar, moment.astimezone(UTC).date()))


@lru_cache(maxsize=200)
def holidays_of(country: str, year: int) -> frozenset[date]:
    """The public holidays of a country, moved days too as far as they are decreed. Raises `Misconfigured`."""
    # a quarter of a second and hundreds of countries: only sellers who close on holidays pay for it
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError as error:
        raise Misconfigured(f"no holidays are known of {country!r}", country=country) from error


def _openings(calendar: Calendar, start: datetime, pauses: Sequence[Pause]) -> Iterator[Sequence[Pause]]:
    """The days from `start` on, until the calendar has been closed for too long; long pauses are skipped."""
    day, idle = start.date(), 0
    while idle < IDLE_DAYS:
        day = max([day, *(end.date() for begin, end in pauses if begin.date() < day)])
        if day.year not in _YEARS:
            return
        spans = _opening(calendar, day)
        idle = 0 if spans else idle + 1
        yield spans
        day += _DAY


@lru_cache(maxsize=4_000)
def _opening(calendar: Calendar, day: date) -> tuple[Pause, ...]:
    """What is worked within a day of UTC, in order and without overlaps."""
    if day.year not in _YEARS:
        return ()
    begin = datetime.combine(day, time(), UTC)
    pieces = list(_pieces(zone_named(calendar.zone), begin, begin + _DAY))
    found: list[Pause] = []
    # a day of UTC touches at most three local ones, and the night before them
    for local in (day + _DAY * n for n in range(-2, 3)):
        midnight = datetime.combine(local, time())
        for first, last in _hours(calendar, local):
            for piece_begin, piece_end, offset in pieces:
                opens = (midnight + timedelta(minutes=first) - offset).replace(tzinfo=UTC)
                closes = (midnight + timedelta(minutes=last) - offset).replace(tzinfo=UTC)
                opens, closes = max(opens, piece_begin), min(closes, piece_end)
                if opens < closes:
                    found.append((opens, closes))
    return tuple(_merged(found))


def _hours(calendar: Calendar, day: date) -> Spans:
    for own, spans in calendar.days:
        if own == day:
            return calendar.week[day.weekday()] if spans is None else spans
    usual = calendar.week[day.weekday()]
    if usual and calendar.holidays is not None and day in holidays_of(calendar.holidays, day.year):
        return ()
    return usual


def _pieces(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """A day of UTC, cut where the zone changes its clocks; each piece with its offset."""
    before, later = _offset(zone, begin), _offset(zone, end - _SECOND)
    if before == later:
        yield begin, end, before
        return
    low, high = begin, end - _SECOND
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    yield begin, high, before
    yield high, end, later


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _joined(days: Iterable[Sequence[Pause]]) -> Iterator[Pause]:
    return chain.from_iterable(days)


def _merged(stretches: Iterable[Pause]) -> list[Pause]:
    """The same time in order and in UTC, each moment once."""
    merged: list[Pause] = []
    in_utc = [(begin.astimezone(UTC), end.astimezone(UTC)) for begin, end in stretches]
    for begin, end in sorted(stretch for stretch in in_utc if stretch[0] < stretch[1]):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def _without(opening: Iterable[Pause], pauses: Sequence[Pause]) -> Iterator[Pause]:
    """What is left of open stretches when the clock stands in these pauses; both in order."""
    for begin, end in opening:
        cursor = begin
        for stops, goes_on in pauses:
            if goes_on <= cursor or stops >= end:
                continue
            if stops > cursor:
                yield cursor, stops
            cursor = max(cursor, goes_on)
        if cursor < end:
            yield cursor, end

"""Working time: a set of moments, measured. Clock changes, nights, holidays and pauses included."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agentiq_core.domain.errors import Misconfigured, NoWorkingHours
from agentiq_core.sla.calendar import (
    ALL_DAY,
    ALWAYS,
    MINUTES_OF_DAY,
    Calendar,
    Pause,
    Spans,
    after,
    holidays_of,
    is_open,
    working_time,
)
from agentiq_core.sla.hours import parse_day, parse_spans, parse_week, week_text

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
SHOP = Calendar(
    "Europe/Moscow", parse_week("mon-fri 09:00-13:00,14:00-18:00; sat 10:00-16:00"), holidays="RU"
)
HOUR = timedelta(hours=1)
# who looks first loads the holidays
patient = settings(deadline=None)

ZONES = st.sampled_from(
    ["UTC", "Europe/Moscow", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
     "America/Sao_Paulo", "Pacific/Apia", "America/St_Johns", "Africa/Casablanca"]
)  # fmt: skip
_begins = st.integers(0, MINUTES_OF_DAY - 1)
SPANS = st.lists(
    _begins.flatmap(lambda begin: st.tuples(st.just(begin), st.integers(begin + 1, begin + MINUTES_OF_DAY))),
    max_size=3,
).map(lambda spans: tuple(sorted(spans)))
WEEKS = st.lists(SPANS, min_size=7, max_size=7).map(tuple).filter(any)
OWN_DAYS = st.lists(
    st.tuples(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.none() | SPANS),
    max_size=3,
    unique_by=lambda own: own[0],
).map(tuple)
CALENDARS = st.builds(Calendar, ZONES, WEEKS, st.sampled_from([None, "RU"]), OWN_DAYS)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
LENGTHS = st.timedeltas(timedelta(0), timedelta(days=4))
WORKING = st.timedeltas(timedelta(minutes=1), timedelta(hours=60))
PAUSES = st.lists(st.builds(lambda begin, length: (begin, begin + length), MOMENTS, LENGTHS), max_size=3).map(
    tuple
)


def moscow(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=MOSCOW)


@patient
@given(CALENDARS, MOMENTS, LENGTHS, WORKING, PAUSES)
def test_a_later_start_is_never_due_earlier(
    calendar: Calendar, start: datetime, shift: timedelta, working: timedelta, pauses: tuple[Pause, ...]
) -> None:
    assert after(calendar, start, working, pauses) <= after(calendar, start + shift, working, pauses)


@patient
@given(CALENDARS, MOMENTS, WORKING, WORKING)
def test_more_working_time_is_never_due_earlier(
    calendar: Calendar, start: datetime, one: timedelta, other: timedelta
) -> None:
    less, more = sorted((one, other))
    assert after(calendar, start, less) <= after(calendar, start, more)


@patient
@given(CALENDARS, MOMENTS, LENGTHS, LENGTHS, PAUSES)
def test_working_time_adds_up(
    calendar: Calendar, start: datetime, first: timedelta, second: timedelta, pauses: tuple[Pause, ...]
) -> None:
    middle, end = start + first, start + first + second
    assert working_time(calendar, start, end, pauses) == (
        working_time(calendar, start, middle, pauses) + working_time(calendar, middle, end, pauses)
    )


@patient
@given(CALENDARS, MOMENTS, WORKING, PAUSES)
def test_exactly_so_much_is_worked_until_the_deadline_and_not_a_second_earlier(
    calendar: Calendar, start: datetime, working: timedelta, pauses: tuple[Pause, ...]
) -> None:
    due = after(calendar, start, working, pauses)
    assert working_time(calendar, start, due, pauses) == working
    assert working_time(calendar, start, due - timedelta(seconds=1), pauses) < working


@patient
@given(CALENDARS, MOMENTS, WORKING, WORKING)
def test_a_deadline_may_be_counted_in_two_steps(
    calendar: Calendar, start: datetime, one: timedelta, other: timedelta
) -> None:
    assert after(calendar, after(calendar, start, one), other) == after(calendar, start, one + other)


@patient
@given(CALENDARS, MOMENTS, WORKING, PAUSES, PAUSES)
def test_a_pause_only_ever_moves_a_deadline_later(
    calendar: Calendar,
    start: datetime,
    working: timedelta,
    pauses: tuple[Pause, ...],
    more: tuple[Pause, ...],
) -> None:
    without, some = after(calendar, start, working), after(calendar, start, working, pauses)
    assert without <= some <= after(calendar, start, working, pauses + more)


@patient
@given(ZONES, MOMENTS, WORKING)
def test_around_the_clock_is_plain_arithmetic_in_every_zone(
    zone: str, start: datetime, working: timedelta
) -> None:
    calendar = Calendar(zone, (ALL_DAY,) * 7)
    assert after(calendar, start, working) == start + working
    assert working_time(calendar, start, start + working) == working
    assert after(ALWAYS, start.astimezone(ZoneInfo(zone)), working) == start + working


@patient
@given(CALENDARS, MOMENTS)
def test_a_moment_is_open_when_the_clock_on_the_wall_says_so(calendar: Calendar, moment: datetime) -> None:
    assert is_open(calendar, moment) is said_by_the_clock(calendar, moment)
    inside = working_time(calendar, moment, moment + timedelta(microseconds=1)) > timedelta(0)
    assert is_open(calendar, moment) is inside


def said_by_the_clock(calendar: Calendar, moment: datetime) -> bool:
    """The same by another way: read the clock, then look into the hours of its day and of the two before."""
    local = moment.astimezone(ZoneInfo(calendar.zone)).replace(tzinfo=None)
    for days_ago in range(3):
        day = (local - timedelta(days=days_ago)).date()
        minute = (local - datetime.combine(day, time())) / timedelta(minutes=1)
        if any(begin <= minute < end for begin, end in hours(calendar, day)):
            return True
    return False


def hours(calendar: Calendar, day: date) -> Spans:
    own = dict(calendar.days)
    if day in own and own[day] is not None:
        return own[day] or ()
    closed = calendar.holidays and day not in own and day in holidays_of("RU", day.year)
    return () if closed else calendar.week[day.weekday()]


@patient
@given(st.sampled_from([(3, 29), (10, 25)]), st.integers(0, 24 * 60), st.integers(1, 10 * 60))
def test_a_day_whose_clocks_change_has_the_hours_that_pass(
    change: tuple[int, int], minute: int, minutes: int
) -> None:
    calendar = Calendar("Europe/Berlin", (ALL_DAY,) * 7)
    start = datetime(2026, *change, tzinfo=BERLIN).astimezone(UTC) + timedelta(minutes=minute)
    assert after(calendar, start, timedelta(minutes=minutes)) == start + timedelta(minutes=minutes)


def test_an_hour_that_the_clock_leaves_out_is_not_worked() -> None:
    night = Calendar("Europe/Berlin", parse_week("sun 01:00-04:00"))
    spring = datetime(2026, 3, 29, tzinfo=BERLIN)
    assert working_time(night, spring, spring + timedelta(days=1)) == 2 * HOUR
    assert after(night, spring, 90 * timedelta(minutes=1)) == datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)
    only_then = Calendar("Europe/Berlin", parse_week("sun 02:00-03:00"))
    assert working_time(only_then, spring, spring + timedelta(days=1)) == timedelta(0)
    assert after(only_then, spring, HOUR / 2) == datetime(2026, 4, 5, 2, 30, tzinfo=BERLIN)


def test_an_hour_that_comes_twice_is_worked_twice() -> None:
    night = Calendar("Europe/Berlin", parse_week("sun 01:00-04:00"))
    autumn = datetime(2026, 10, 25, tzinfo=BERLIN)
    assert working_time(night, autumn, autumn + timedelta(days=1)) == 4 * HOUR
    half = Calendar("Europe/Berlin", parse_week("sun 02:00-02:30"))
    assert working_time(half, autumn, autumn + timedelta(days=1)) == HOUR
    assert after(half, autumn, HOUR) == datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN)


def test_lunch_is_no_working_time() -> None:
    assert after(SHOP, moscow(2, 12, 50), HOUR / 2) == moscow(2, 14, 20)
    assert after(SHOP, moscow(2, 13, 30), HOUR / 2) == moscow(2, 14, 30)


def test_a_deadline_may_be_the_very_end_of_the_day_and_never_the_morning_after() -> None:
    assert after(SHOP, moscow(2, 17, 30), HOUR / 2) == moscow(2, 18)
    assert after(SHOP, moscow(2, 18), HOUR / 2) == moscow(3, 9, 30)


def test_the_weekend_and_a_holiday_behind_it_are_passed_over() -> None:
    # 8 March 2026 is a Sunday: its Monday is off
    assert after(SHOP, moscow(7, 15, 45), HOUR / 2) == moscow(10, 9, 15)
    open_anyway = Calendar(SHOP.zone, SHOP.week, "RU", ((date(2026, 3, 9), None),))
    assert after(open_anyway, moscow(7, 15, 45), HOUR / 2) == moscow(9, 9, 15)
    shorter = Calendar(SHOP.zone, SHOP.week, "RU", ((date(2026, 3, 8), ((600, 660),)),))
    assert after(shorter, moscow(7, 15, 45), HOUR / 2) == moscow(8, 10, 15)
    shut = Calendar(SHOP.zone, SHOP.week, None, ((date(2026, 3, 9), ()),))
    assert after(shut, moscow(7, 15, 45), HOUR / 2) == moscow(10, 9, 15)


def test_the_first_days_of_the_year_are_holidays() -> None:
    assert after(SHOP, datetime(2026, 12, 30, 17, tzinfo=MOSCOW), 2 * HOUR) == datetime(
        2027, 1, 9, 11, tzinfo=MOSCOW
    )


def test_hours_that_run_past_midnight_belong_to_the_day_they_begin_on() -> None:
    bar = Calendar("Europe/Moscow", parse_week("fri,sat 20:00-04:00"), days=((date(2026, 3, 7), ()),))
    assert after(bar, moscow(6, 23), 3 * HOUR) == moscow(7, 2)
    assert is_open(bar, moscow(7, 3, 59))
    assert not is_open(bar, moscow(7, 21))
    assert not is_open(bar, moscow(8, 1))
    assert is_open(bar, moscow(14, 1))


def test_the_clock_stands_in_a_pause_and_goes_on_where_it_stood() -> None:
    pause = (moscow(2, 10), moscow(2, 15))
    assert after(SHOP, moscow(2, 9, 30), HOUR, [pause]) == moscow(2, 15, 30)
    assert after(ALWAYS, moscow(2, 9, 30), HOUR, [pause, pause, (moscow(2, 11), moscow(2, 16))]) == moscow(
        2, 16, 30
    )
    assert after(ALWAYS, moscow(2, 9), HOUR, [(moscow(2, 10), moscow(2, 11))]) == moscow(2, 10)


@pytest.mark.parametrize(
    "calendar",
    [
        Calendar("Europe/Moscow", ((),) * 7),
        Calendar("Europe/Moscow", ((),) * 7, days=((date(2026, 3, 1), ALL_DAY),)),
    ],
    ids=["no hours at all", "one day that is over"],
)
def test_a_calendar_without_hours_says_so_and_does_not_look_for_ever(calendar: Calendar) -> None:
    with pytest.raises(NoWorkingHours):
        after(calendar, moscow(2, 9), HOUR)
    assert working_time(calendar, moscow(2, 9), moscow(20, 9)) == timedelta(0)


@patient
@given(MOMENTS)
def test_no_pause_is_too_long_to_be_counted(start: datetime) -> None:
    for_ever = datetime(9999, 12, 31, 23, tzinfo=UTC)
    with pytest.raises(NoWorkingHours):
        after(SHOP, start, HOUR, [(start, for_ever)])


@pytest.mark.parametrize(
    "how",
    [
        {"zone": "Europe/Nowhere"},
        {"week": ((),) * 6},
        {"week": (((0, 1441),),) * 7},
        {"week": (((600, 600),),) * 7},
        {"week": (((1440, 1500),),) * 7},
        {"days": ((date(2026, 3, 1), ((-1, 60),)),)},
    ],
)
def test_a_calendar_that_is_none_is_refused(how: dict[str, object]) -> None:
    with pytest.raises(Misconfigured):
        Calendar(**({"zone": "UTC", "week": (ALL_DAY,) * 7} | how))  # type: ignore[arg-type]


def test_a_country_without_known_holidays_is_said_plainly() -> None:
    with pytest.raises(Misconfigured, match="XX"):
        after(Calendar("UTC", (ALL_DAY,) * 7, holidays="XX"), moscow(2, 9), HOUR)


@patient
@given(WEEKS)
def test_a_week_is_read_as_it_is_written(week: tuple[Spans, ...]) -> None:
    assume(all(end < begin + MINUTES_OF_DAY or end == MINUTES_OF_DAY for day in week for begin, end in day))
    assert parse_week(week_text(week)) == week


def test_hours_are_read_as_people_write_them() -> None:
    week = parse_week("пн-пт 9:00-13:00, 14:00-18:00;  СБ 22:00-02:00")
    assert week == (((540, 780), (840, 1080)),) * 5 + (((1320, 1560),), ())
    assert week_text(week) == "mon-fri 09:00-13:00,14:00-18:00; sat 22:00-02:00"
    assert parse_week("24/7") == parse_week("mon-sun 00:00-24:00") == (ALL_DAY,) * 7
    assert parse_week("fri-mon 10:00-12:00")[:2] == (((600, 720),), ())
    assert parse_day("2026-12-31 10:00-14:00") == (date(2026, 12, 31), ((600, 840),))
    assert parse_day("2026-12-31") == (date(2026, 12, 31), None)
    assert parse_spans("00:00-00:00") == ALL_DAY


@pytest.mark.parametrize(
    "text",
    ["mon", "09:00-18:00", "mon 9-18", "moon 09:00-18:00", "mon 25:00-26:00", "mon 09:60-10:00", "mon 24:00-25:00",
     "mon-fri-sun 09:00-10:00", "mon 09:00-10:00; mon 11:00-12:00", "mon 09:00-24:01"],
)  # fmt: skip
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(Misconfigured):
        parse_week(text)

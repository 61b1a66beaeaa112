"""Times as people type them, in Russian or English. Pure."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

MORNING = time(9)
_SPAN = re.compile(r"(\d{1,4})\s*([^\W\d]*)\.?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\s+(\d{1,2})[:.](\d{2}))?")
_MINUTES = ("м", "мин", "m", "min")
_DAYS = ("д", "дн", "день", "дня", "дней", "d", "day", "days")
_HOURS = ("", "ч", "час", "часа", "часов", "h", "hour", "hours")


def moment(text: str, now: datetime) -> datetime | None:
    """The time that somebody typed: "2", "2 ч", "40 мин", "3 дня", "18:30", "5.12", "5.12 10:00"; None for anything else.

    `now` is a time of this machine's zone. A clock time that is over today means tomorrow, a date that is over this year the next one.
    """
    said = " ".join(text.lower().split())
    if clock := _CLOCK.fullmatch(said):
        at = _clock(clock[1], clock[2])
        if at is None:
            return None
        today = on_day(now, 0, at)
        return today if today > now else on_day(now, 1, at)
    if day := _DAY.fullmatch(said):
        return _date(now, day)
    if span := _SPAN.fullmatch(said):
        number, unit = int(span[1]), span[2]
        for words, length in ((_MINUTES, "minutes"), (_HOURS, "hours"), (_DAYS, "days")):
            if unit in words and number:
                return now + timedelta(**{length: number})
    return None


def _date(now: datetime, found: re.Match[str]) -> datetime | None:
    at = _clock(found[3], found[4]) if found[3] else MORNING
    if at is None:
        return None
    for year in (now.year, now.year + 1):
        try:
            moment = datetime(year, int(found[2]), int(found[1]), at.hour, at.minute).astimezone()
        except ValueError:
            continue
        if moment > now:
            return moment
    return None


def _clock(hour: str, minute: str) -> time | None:
    return time(int(hour), int(minute)) if int(hour) < 24 and int(minute) < 60 else None


def on_day(now: datetime, days: int, at: time) -> datetime:
    """This clock time so many days after `now`, which is a time of this machine's zone."""
    # by the rules of this machine: its clock may be another one on another day
    return datetime.combine(now.date() + timedelta(days=days), at).astimezone()

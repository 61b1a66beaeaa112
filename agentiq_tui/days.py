"""A day as people type it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TYPED = re.compile(r"(\d{1,2})(?:[./](\d{1,2})(?:[./](\d{4}|\d{2}))?)?\.?")
_LEAP = 8
"""Years without a 29 February in a row, at most."""


def day_named(text: str, today: date) -> date | None:
    """The day that was typed: "12", "12.3", "12.03.2025", "2025-03-12"; what is left out is that of the last such day.

    None for what is no day.
    """
    text = text.strip()
    if (iso := _ISO.fullmatch(text)) is not None:
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    typed = _TYPED.fullmatch(text)
    if typed is None:
        return None
    number, month, year = int(typed[1]), typed[2], typed[3]
    if month is not None and year is not None:
        return _date(int(year) + (2000 if len(year) == 2 else 0), int(month), number)
    days = (
        _date(a_year, a_month, number)
        for a_year, a_month in _last(today, None if month is None else int(month))
    )
    return next((day for day in days if day is not None and day <= today), None)


def _last(today: date, month: int | None) -> Iterator[tuple[int, int]]:
    """Years and months from today's back: all of them, or this month of each year."""
    for back in range((_LEAP + 1) * 12):
        years, months = divmod(today.year * 12 + today.month - 1 - back, 12)
        if month is None or months + 1 == month:
            yield years, months + 1


def _date(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None

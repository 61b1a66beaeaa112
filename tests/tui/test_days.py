"""A day as people type it."""

from __future__ import annotations

from datetime import date

import pytest

from agentiq_tui.days import day_named

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("10", date(2026, 3, 10)),
        ("12", date(2026, 2, 12)),
        ("31", date(2026, 1, 31)),
        ("12.3", date(2025, 3, 12)),
        ("09.03", date(2026, 3, 9)),
        ("09/03", date(2026, 3, 9)),
        ("29.02", date(2024, 2, 29)),
        (" 12.03.24 ", date(2024, 3, 12)),
        ("12.03.2024", date(2024, 3, 12)),
        ("2024-03-12", date(2024, 3, 12)),
        ("31.04", None),
        ("0", None),
        ("12.13", None),
        ("вчера", None),
        ("", None),
    ],
)
def test_what_is_left_out_is_that_of_the_last_such_day(typed: str, day: date | None) -> None:
    assert day_named(typed, TODAY) == day

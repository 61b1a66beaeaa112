"""Delays as marketplaces write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agentiq_core.connectors.http import ahead_of, delay_of

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2", 2.0),
        (" 2.5 ", 2.5),
        ("0", 0.0),
        ("Mon, 23 Nov 2026 12:01:30 GMT", 90.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("inf", None),
        ("-3", None),
        ("", None),
        ("later", None),
    ],
)
def test_a_delay_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert delay_of({"Retry-After": value}, "Retry-After", now=NOW) == seconds


def test_the_first_header_that_can_be_read_wins() -> None:
    headers = {"Own": "soon", "Other": "7", "Retry-After": "9"}
    assert delay_of(headers, "Missing", "Own", "Other", "Retry-After", now=NOW) == 7.0


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Tue, 10 Mar 2026 09:05:00 GMT", 300.5),
        ("Tue, 10 Mar 2026 08:55:00 GMT", -299.5),
        ("Tue, 10 Mar 2026 09:00:01 GMT", 0.0),
        ("Tue, 10 Mar 2026 08:59:59 GMT", 0.0),
        ("вчера", None),
        ("", None),
    ],
)
def test_a_lead_of_the_marketplaces_clock_is_told_by_its_date(date: str, ahead: float | None) -> None:
    assert ahead_of({"date": date}, datetime(2026, 3, 10, 9, tzinfo=UTC)) == ahead

"""Times as people type them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.language.times import moment

MOSCOW_MORNING = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("2", "10.03 14:30"),
        ("2 ч", "10.03 14:30"),
        ("40 мин", "10.03 13:10"),
        ("3 дня", "13.03 12:30"),
        ("18:30", "10.03 18:30"),
        ("9:00", "11.03 09:00"),
        ("5.12", "05.12 09:00"),
        ("5.12 10:15", "05.12 10:15"),
        ("1.02", "01.02 09:00"),
    ],
)
def test_times_are_read_as_people_write_them(words: str, until: str) -> None:
    found = moment(words, MOSCOW_MORNING.astimezone())
    assert found is not None
    assert found.astimezone().strftime("%d.%m %H:%M") == until
    assert found > MOSCOW_MORNING


@pytest.mark.parametrize("words", ["", "скоро", "25:00", "32.13", "0 ч", "31.02", "5.12 99:00", "2 года"])
def test_what_is_no_time_is_none(words: str) -> None:
    assert moment(words, MOSCOW_MORNING.astimezone()) is None


@given(st.text(max_size=20))
def test_whatever_is_typed_gives_a_time_ahead_or_none(words: str) -> None:
    found = moment(words, MOSCOW_MORNING.astimezone())
    assert found is None or found > MOSCOW_MORNING


@pytest.fixture(autouse=True, scope="module")
def _moscow_time() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Europe/Moscow")
        time.tzset()
        yield
    time.tzset()

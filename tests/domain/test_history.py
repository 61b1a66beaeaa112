"""How much of a seller's history is here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.domain.views import history_read

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
DAYS = st.floats(min_value=0.1, max_value=4000).map(lambda days: timedelta(days=days))


@given(whole=DAYS, first=DAYS, second=DAYS)
def test_the_share_grows_with_what_was_read_and_stays_between_none_and_all(
    whole: timedelta, first: timedelta, second: timedelta
) -> None:
    less, more = sorted((first, second))
    read_less, read_more = (history_read(NOW - whole, NOW - read, NOW) for read in (less, more))
    assert read_less is not None
    assert read_more is not None
    assert 0 <= read_less <= read_more <= 1


def test_half_the_time_is_half() -> None:
    assert history_read(NOW - timedelta(days=10), NOW - timedelta(days=5), NOW) == 0.5


def test_nothing_is_missing_when_everything_is_read_or_nobody_looked() -> None:
    assert history_read(NOW - timedelta(days=10), None, NOW) is None
    assert history_read(None, None, NOW) is None

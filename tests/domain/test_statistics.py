"""Medians and nine-tenths are waits that were there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.domain.statistics import Waits, percentile, waits_of

seconds = st.lists(st.integers(0, 10**6), min_size=1, max_size=60)
shares = st.floats(0.01, 1)


@given(seconds, shares)
def test_a_percentile_was_there_and_so_many_do_not_exceed_it(waits: list[int], share: float) -> None:
    ordered = sorted(waits)
    found = percentile(ordered, share)
    assert found in ordered
    assert sum(wait <= found for wait in ordered) >= share * len(ordered)
    assert sum(wait < found for wait in ordered) < share * len(ordered)


@given(seconds, shares, shares)
def test_a_larger_share_waits_no_shorter(waits: list[int], one: float, other: float) -> None:
    ordered = sorted(waits)
    assert percentile(ordered, min(one, other)) <= percentile(ordered, max(one, other))


@given(seconds)
def test_the_order_of_answers_changes_nothing(waits: list[int]) -> None:
    assert waits_of(waits, 0) == waits_of(waits[::-1], 0)


def test_nothing_has_no_median() -> None:
    assert waits_of([], 0) == Waits()
    with pytest.raises(ValueError, match="percentile"):
        percentile([], 0.5)

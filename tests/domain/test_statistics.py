"""Medians and nine-tenths are waits that were there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.domain.statistics import AnsweredShare, Waits, answered_share, percentile, waits_of

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


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_question_that_still_waits_lowers_the_share_of_answered(
    within: int, late: int, unanswered: int
) -> None:
    day = timedelta(hours=24)
    answered = answered_share(day, within + late, within)
    with_those = answered_share(day, within + late, within, unanswered)
    assert with_those is not None
    assert with_those.share is not None
    assert 0 <= with_those.share < 1
    if answered is not None:
        assert answered.share is not None
        assert with_those.share <= answered.share


def test_without_questions_there_is_no_share() -> None:
    assert answered_share(timedelta(hours=24), 0, 0) is None
    assert answered_share(timedelta(hours=24), 4, 3) == AnsweredShare(24, 4, 3)

"""Full collections wait for a pause in typing."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from agentiq_tui.tidying import AT_LAST, EVERY, FIRST, PAUSE, Tidying


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


class Counted:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def test_nothing_is_collected_while_somebody_types_and_once_when_they_pause() -> None:
    collected = Counted()
    tidying = Tidying(0, collected)
    for second in range(100):
        tidying.pressed(second)
        tidying.tick(second + 0.5)
    assert collected.times == 0
    tidying.tick(99 + PAUSE)
    assert collected.times == 1
    tidying.tick(99 + PAUSE + EVERY - 1)
    assert collected.times == 1
    tidying.tick(99 + PAUSE + EVERY)
    assert collected.times == 2


def test_who_never_pauses_is_made_to_wait_once_in_ten_minutes() -> None:
    collected = Counted()
    tidying = Tidying(0, collected)
    for second in range(int(AT_LAST) * 2 + 1):
        tidying.pressed(second)
        tidying.tick(second)
    assert collected.times == 2


def test_what_is_there_after_the_first_collection_is_not_looked_at_again() -> None:
    kept = [[number] for number in range(1000)]
    tidying = Tidying(0)
    tidying.tick(FIRST)
    assert gc.get_freeze_count() >= len(kept)
    frozen = gc.get_freeze_count()
    more = [[number] for number in range(1000)]
    tidying.tick(FIRST + EVERY)
    assert gc.get_freeze_count() == frozen
    assert len(more) == 1000


def test_no_full_collection_comes_by_itself() -> None:
    Tidying(0).begin()
    before = gc.get_stats()[2]["collections"]
    rings = []
    for _ in range(300_000):
        ring: list[object] = []
        ring.append(ring)
        rings.append(ring)
    assert gc.get_stats()[2]["collections"] == before

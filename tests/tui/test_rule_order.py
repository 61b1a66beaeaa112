"""Rules of deadlines keep an order and positions that never meet, however they are moved about."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.sla.rules import ANYTHING, DEFAULT_RULES, SlaRule
from agentiq_tui import locale
from agentiq_tui.rule_order import added, moved
from agentiq_tui.screens.deadline_rule import minutes_of


def names(rules: tuple[SlaRule, ...]) -> list[str]:
    return [rule.name for rule in rules]


def rules_at(*positions: int) -> tuple[SlaRule, ...]:
    return tuple(replace(ANYTHING, name=str(number), position=at) for number, at in enumerate(positions))


def test_neighbours_change_places_and_the_positions_stay() -> None:
    changed = moved(DEFAULT_RULES, 0, 1)
    assert names(changed)[:3] == ["брак", "возврат", "сломан"]
    assert [rule.position for rule in changed] == [rule.position for rule in DEFAULT_RULES]
    assert moved(changed, 1, -1) == DEFAULT_RULES


@pytest.mark.parametrize(("place", "step"), [(0, -1), (len(DEFAULT_RULES) - 1, 1)])
def test_nothing_moves_past_an_end(place: int, step: int) -> None:
    assert moved(DEFAULT_RULES, place, step) == DEFAULT_RULES


@pytest.mark.parametrize(
    ("positions", "place", "expected"),
    [
        ((10, 20), 1, [10, 15, 20]),
        ((10, 20), 0, [5, 10, 20]),
        ((10, 20), 2, [10, 20, 30]),
        ((1, 2), 1, [10, 20, 30]),
        ((1,), 0, [10, 20]),
        ((), 0, [10]),
    ],
)
def test_a_new_rule_gets_a_free_position(positions: tuple[int, ...], place: int, expected: list[int]) -> None:
    assert [rule.position for rule in added(rules_at(*positions), place, ANYTHING)] == expected


@given(st.data())
def test_positions_rise_and_never_meet(data: st.DataObject) -> None:
    rules = rules_at(*sorted(data.draw(st.sets(st.integers(1, 40), min_size=1, max_size=6))))
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, len(rules)))
        if data.draw(st.booleans()):
            rules = added(rules, place, ANYTHING)
        else:
            rules = moved(rules, place, data.draw(st.sampled_from([-1, 1])))
        positions = [rule.position for rule in rules]
        assert positions == sorted(set(positions))
        assert positions[0] > 0


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("30", 30), (" 2 h", 120), ("2ч", 120), ("1 d", 1440), ("3 д.", 4320), ("45 мин", 45),
        ("0", None), ("", None), ("-5", None), ("2 w", None), ("43201", None), ("31 d", None), ("1.5 h", None),
    ],
)  # fmt: skip
def test_a_time_is_read_as_people_write_it(text: str, minutes: int | None) -> None:
    locale.use("ru")
    try:
        assert minutes_of(text) == minutes
    finally:
        locale.use("en")

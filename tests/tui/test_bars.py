"""Bars tell shares truly, and fit their place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from agentiq_tui.bars import bar, cells, columns, level, stacked


@given(st.floats(-1, 2), st.integers(1, 60))
def test_a_bar_is_as_wide_as_its_place_and_seen_where_there_is_anything(share: float, width: int) -> None:
    drawn = bar(share, width)
    assert cell_len(drawn) == width
    assert bool(drawn.strip()) is (share > 0)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=5), st.integers(1, 60))
def test_parts_of_a_bar_fill_it_and_none_is_off_by_a_cell(counts: list[int], width: int) -> None:
    sizes = cells(counts, width)
    assert sum(sizes) == (width if sum(counts) else 0)
    for size, count in zip(sizes, counts, strict=True):
        assert abs(size - (count * width / sum(counts) if sum(counts) else 0)) <= 1


def test_parts_differ_without_colour() -> None:
    assert stacked([2, 1, 1], 8) == ["████", "▓▓", "░░"]


def test_columns_stand_from_below_and_nothing_is_drawn_of_what_is_not_known() -> None:
    assert columns([1.0, 0.5, None, 0.001], 2, wide=2, gap=1) == ["██         ", "██ ██    ▁▁"]
    assert [level(share) for share in (0, 0.01, 0.5, 1)] == [" ", "▁", "▄", "█"]

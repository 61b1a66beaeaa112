"""Every disguise of a word gets one spelling, and each of its letters knows where it came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.language.normalize import normalize


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ВЕРНЁМ", "вернем"),
        ("вeрнeм", "вернем"),
        ("bepнём", "вернем"),
        ("в е р н ё м", "вернем"),
        ("б.о.т", "бот"),
        ("во3врат", "возврат"),
        ("бо\u200bт", "бот"),
        ("бо\u0301т", "бот"),
        ("и\u0306од", "йод"),
        ("ChatGРT", "chatgpt"),
        ("tеlegram", "telegram"),
        ("ｂｏｔ", "bot"),
        ("350мл", "350мл"),
        ("S M L", "s m l"),
        ("Wi-Fi роутер", "wi-fi роутер"),
        ("", ""),
    ],
)
def test_a_disguise_is_undone_and_an_ordinary_word_is_left_alone(written: str, plain: str) -> None:
    assert normalize(written).text == plain


def test_the_span_of_a_word_covers_its_disguise_in_the_original() -> None:
    written = "Мы в е р н ё м деньги"
    normal = normalize(written)
    at = normal.text.index("вернем")
    start, end = normal.span(at, at + len("вернем"))
    assert written[start:end] == "в е р н ё м"


def test_invisible_characters_at_the_edges_do_not_shift_a_span() -> None:
    written = "\u200bбо\u200bт!"
    normal = normalize(written)
    assert normal.text == "бот!"
    assert written[slice(*normal.span(0, 3))] == "бо\u200bт"


@given(st.text(max_size=200))
def test_every_span_lies_in_the_original_and_spans_keep_their_order(written: str) -> None:
    normal = normalize(written)
    assert len(normal.starts) == len(normal.ends) == len(normal.text)
    assert all(
        0 <= start < end <= len(written) for start, end in zip(normal.starts, normal.ends, strict=True)
    )
    assert list(normal.starts) == sorted(normal.starts)


@given(st.text(alphabet="абвгдежзиклмно ,.!?АБ\n", max_size=200))
def test_normalising_what_is_normal_changes_nothing(written: str) -> None:
    once = normalize(written).text
    assert normalize(once).text == once

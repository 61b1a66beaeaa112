"""Words as they are searched for: pure rules, whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.language.search import (
    Question,
    excerpt,
    highlights,
    holds,
    in_other_layout,
    index_words,
    nearest,
    question,
)

WORDS = st.lists(
    st.sampled_from(
        ["кружка", "чайник", "вернуть", "деньги", "заказ", "трещина", "белая", "A4", "48-1523", "ёлка"]
    ),
    min_size=1,
)


@given(WORDS)
def test_a_text_answers_every_question_made_of_its_own_words(words: list[str]) -> None:
    text = " ".join(words)
    indexed = index_words(text)
    assert all(term.words & indexed for term in question(text).terms)


@given(st.text(max_size=300))
def test_anything_can_be_asked_and_its_highlights_lie_in_the_text(text: str) -> None:
    asked = question(text)
    spans = highlights(text, asked)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    shown, moved = excerpt(text, spans, width=40)
    assert len(shown) <= 42
    assert all(0 <= start < end <= len(shown) for start, end in moved)


def test_little_words_are_not_asked_for() -> None:
    assert [term.spelling for term in question("не в кружке и на чайнике ").terms] == ["кружке", "чайнике"]
    assert not question(" и в ")


def test_only_the_last_word_may_be_begun() -> None:
    terms = question("белая круж").terms
    assert [term.beginning for term in terms] == [None, "круж"]
    assert question("белая круж ").terms[-1].beginning is None


@pytest.mark.parametrize("typed", ['"белая кружка"', "«белая кружка»", "“Белая  Кружка”"])
def test_a_phrase_is_what_stands_between_quotation_marks(typed: str) -> None:
    asked = question(typed)
    assert asked.phrases == ("белая кружка",)
    assert holds("Пришла БЕЛАЯ\nкружка", asked.phrases)
    assert not holds("кружка белая", asked.phrases)


def test_a_quotation_mark_that_is_not_closed_yet_makes_no_phrase() -> None:
    assert question('чайник "белая кру').phrases == ()
    assert len(question('чайник "белая кру').terms) == 3


@pytest.mark.parametrize(
    ("typed", "meant"), [("ghbdtn", "привет"), ("привет", "ghbdtn"), ("Xfqybr", "Чайник")]
)
def test_the_other_layout_types_other_letters(typed: str, meant: str) -> None:
    assert in_other_layout(typed) == meant


@pytest.mark.parametrize("typed", ["чайнк", "чайниик", "чанйик", "чайлик"])
def test_one_slip_of_the_finger_is_forgiven_in_a_word(typed: str) -> None:
    assert nearest(typed, ["чайник", "чашка", "термос"]) == ["чайник"]


def test_short_words_forgive_one_slip_and_long_ones_two() -> None:
    assert nearest("лсета", ["лента", "место"]) == []
    assert nearest("возвартт", ["возврат"]) == ["возврат"]


def test_an_empty_question_asks_nothing() -> None:
    assert question("") == Question(())
    assert highlights("кружка", question("")) == ()

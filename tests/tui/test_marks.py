"""Underlined stretches stay on their words, whatever is typed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentiq_tui.marks import Edit, Kind, Mark, after, moved, told

texts = st.text(alphabet="аб \n", max_size=12)


def mark(start: int, end: int, kind: Kind = Kind.ERROR) -> Mark:
    return Mark(start, end, kind, "почему")


@given(texts, texts)
def test_an_edit_between_two_texts_makes_the_one_of_the_other(before: str, after_: str) -> None:
    edit = Edit.between(before, after_)
    inserted = after_[edit.start : edit.start + edit.inserted]
    assert before[: edit.start] + inserted + before[edit.start + edit.removed :] == after_


@given(texts, texts, texts, texts, st.sampled_from([Kind.ERROR, Kind.WORD]))
def test_a_word_that_was_not_touched_keeps_its_mark(
    head: str, removed: str, inserted: str, tail: str, kind: Kind
) -> None:
    word = "слово"
    before, changed = f"{head}{removed}{tail}{word}", f"{head}{inserted}{tail}{word}"
    # what was typed in front of the word, told exactly: between equal letters a diff alone could not know
    edit = Edit(len(head), len(removed), len(inserted))
    (kept,) = moved([mark(len(before) - len(word), len(before), kind)], edit)
    assert changed[kept.start : kept.end] == word


@given(texts, texts, st.data())
def test_marks_never_leave_the_text_and_are_never_empty(
    before: str, changed: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, len(before)))
    for kept in moved([mark(start, end)], Edit.between(before, changed)):
        assert 0 <= kept.start < kept.end <= len(changed)


def test_what_is_typed_inside_a_mark_belongs_to_it_and_what_is_typed_behind_it_does_not() -> None:
    assert moved([mark(2, 6)], Edit(4, 0, 3)) == (mark(2, 9),)
    assert moved([mark(2, 6)], Edit(6, 0, 3)) == (mark(2, 6),)
    assert moved([mark(2, 6)], Edit(2, 0, 3)) == (mark(5, 9),)


def test_a_mark_whose_words_are_gone_goes() -> None:
    assert moved([mark(2, 6)], Edit(0, 8, 1)) == ()
    assert moved([mark(2, 6)], Edit(2, 4, 0)) == ()


def test_the_mark_under_the_cursor_is_told_before_the_worst_one() -> None:
    word, error = mark(0, 4, Kind.WORD), mark(10, 14)
    assert told([word, error], 2) == word
    assert told([word, error], 7) == error
    assert told([word, error], None) == error
    assert told([word], 7) is None


def test_the_next_mark_comes_round_again() -> None:
    first, second = mark(0, 4), mark(10, 14)
    assert after([second, first], 0) == second
    assert after([second, first], 10) == first
    assert after([], 3) is None

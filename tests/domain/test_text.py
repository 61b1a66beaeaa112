"""Texts of buyers: nothing of them reaches a terminal as a command, and equal ones are equal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentiq_core.domain.text import MARKS_IN_A_ROW, escaped, folded, inert, inert_line

anything = st.text(st.characters(exclude_categories=()))
INVISIBLE = "\u200b\u200e\u202e\u2066\u2069\ufeff\xad\u061c\U000e0041"
nasty = st.text(st.sampled_from([*"aбe \n\r\t\x1b[]m\x07\x9b\u0301\u0316\u0300", *INVISIBLE]))


@given(anything | nasty)
def test_no_control_character_survives(text: str) -> None:
    shown = inert(text)
    assert [c for c in shown if c != "\n" and unicodedata.category(c) in ("Cc", "Cs")] == []
    assert not set(shown) & set(INVISIBLE)
    shown.encode("utf-8")


@given(anything | nasty)
@example("e\u200b\u0301")
@example("a" + "\u0316" * 4 + "\u200b" + "\u0316" * 4)
def test_what_is_inert_stays_as_it_is(text: str) -> None:
    assert inert(inert(text)) == inert(text)


@given(anything | nasty)
def test_a_line_is_one_line_of_the_same_words(text: str) -> None:
    line = inert_line(text)
    assert len(line.splitlines()) <= 1
    assert line.split() == inert(text).split()
    assert inert_line(line) == line


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("colour", "\x1b[31mкрасный\x1b[0m", "\ufffd[31mкрасный\ufffd[0m"),
        ("title", "\x1b]0;взлом\x07ок", "\ufffd]0;взлом\ufffdок"),
        (
            "link",
            "\x1b]8;;http://evil\x1b\\тут\x1b]8;;\x1b\\",
            "\ufffd]8;;http://evil\ufffd\\тут\ufffd]8;;\ufffd\\",
        ),
        ("8-bit introducer", "\x9b2Jпусто", "\ufffd2Jпусто"),
        ("backspaces", "оплата\x08\x08\x7f", "оплата\ufffd\ufffd\ufffd"),
        ("direction override", "чек \u202egpj.exe", "чек gpj.exe"),
        ("isolates", "\u2066а\u2069\u200f", "а"),
        ("zero width", "в\u200bо\u2060з\ufeffврат", "возврат"),
        ("soft hyphen and tags", "воз\xadврат\U000e0061", "возврат"),
        ("carriage return", "первая\r\nвторая\rтретья", "первая\nвторая\nтретья"),
        ("line separators", "а\u2028б\u2029в", "а\nб\nв"),
        ("tab", "а\tб", "а б"),
        ("half a character", "эх \ud83d", "эх \ufffd"),
        ("emoji stay", "спасибо 👍🏽 ❤️", "спасибо 👍🏽 ❤️"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_as_text(name: str, text: str, shown: str) -> None:
    # escaped, because a failure's report must itself be something that can be printed
    assert ascii(inert(text)) == ascii(shown), name


@given(st.integers(1, 200), st.sampled_from(["", "\u200b", "\u200d\u200b"]))
def test_marks_do_not_pile_up_whatever_hides_between_them(marks: int, between: str) -> None:
    shown = inert("x" + between.join(["\u0336"] * marks))
    assert shown.count("\u0336") == min(marks, MARKS_IN_A_ROW)


@given(anything)
def test_texts_are_folded_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(
    st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1)),
    st.sampled_from([" ", "\n", "\xa0", " \t "]),
)
def test_white_space_and_composition_do_not_tell_texts_apart(words: list[str], space: str) -> None:
    spaced = space + space.join(unicodedata.normalize("NFD", word) for word in words) + space
    assert folded(spaced) == folded(" ".join(words))


def test_different_words_are_different_texts() -> None:
    assert folded("Здравствуйте!") != folded("Здравствуйте")
    assert folded("Возврат") != folded("возврат")


def test_text_that_is_looked_into_shows_what_a_terminal_would_obey_as_numbers() -> None:
    assert escaped("a\x1b[2J\u202eб\n\x9b\U000e0041") == "a\\u001b[2J\\u202eб\n\\u009b\\U000e0041"
    assert escaped("обычный текст") == "обычный текст"

"""What counts as a suggestion taken, edited or left, and the edits as data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.domain.learning import Edit, Outcome, edited, edits, likeness, outcome_of
from agentiq_core.domain.text import folded

words = st.lists(
    st.sampled_from(
        [
            "заказ",
            "посылка",
            "уже",
            "едет",
            "завтра",
            "будет",
            "у",
            "вас",
            "спасибо",
            ",",
            ".",
            "Здравствуйте!",
        ]
    ),
    max_size=25,
)
texts = st.one_of(words.map(" ".join), st.text(max_size=60))
SUGGESTED = (
    "Алёна, здравствуйте! Понимаем, что заказ хочется получить скорее. Доставку ведёт маркетплейс: актуальный статус виден"
    " в личном кабинете."
)


@given(texts, texts)
def test_the_edits_made_on_the_suggestion_give_what_was_sent(suggested: str, sent: str) -> None:
    assert edited(suggested, edits(suggested, sent)) == " ".join(folded(sent).split())


@given(texts, texts)
def test_an_edit_takes_something_out_or_puts_something_in(suggested: str, sent: str) -> None:
    changes = edits(suggested, sent)
    assert all(change.out or change.put for change in changes)
    assert [change.at for change in changes] == sorted({change.at for change in changes})


@given(texts)
def test_the_same_text_is_taken_whatever_its_white_space(text: str) -> None:
    assert outcome_of(text, f"  {text}\n\n") is Outcome.ACCEPTED
    assert edits(text, f" {text} ") == ()


@given(texts, texts)
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0.0 <= likeness(one, other) <= 1.0
    assert likeness(one, other) == likeness(other, one)


@given(texts, texts)
def test_only_the_same_text_is_accepted_and_no_outcome_is_a_rejection(suggested: str, sent: str) -> None:
    outcome = outcome_of(suggested, sent)
    assert (outcome is Outcome.ACCEPTED) == (folded(suggested) == folded(sent))
    assert outcome is not Outcome.REJECTED


@pytest.mark.parametrize(
    ("sent", "outcome"),
    [
        (SUGGESTED.replace("Алёна, здравствуйте!", "Добрый день!"), Outcome.EDITED),
        (SUGGESTED + " Если что-то будет непонятно, пришлите, пожалуйста, скриншот.", Outcome.EDITED),
        ("Понимаем, что заказ хочется получить скорее. Доставку ведёт маркетплейс.", Outcome.EDITED),
        ("Алёна, здравствуйте! Посылка приехала в пункт выдачи, можно забирать.", None),
        ("Спасибо, что написали. Уточним на складе и вернёмся с ответом.", None),
    ],
)
def test_what_people_do_with_a_suggestion(sent: str, outcome: Outcome | None) -> None:
    assert outcome_of(SUGGESTED, sent) is outcome


def test_a_difference_names_the_words_and_their_place() -> None:
    assert edits("Заказ приедет завтра, ждём вас", "Заказ приедет в пятницу, очень ждём вас") == (
        Edit(2, "завтра,", "в пятницу, очень"),
    )

"""Phrases find what a writer states, and pass over what he denies, asks or repeats."""

from __future__ import annotations

import pytest

from agentiq_core.language.phrases import PhraseBook, phrase
from agentiq_core.language.reading import read

MONEY_BACK = PhraseBook(["вернуть[1per] @деньги"])
DEFECT = PhraseBook(["@брак"])


@pytest.mark.parametrize(
    "text",
    [
        "вернём деньги",
        "Деньги мы вам обязательно вернём",
        "Вернём вам, конечно же, все деньги",
        "Вы просите вернуть деньги, и мы вернём деньги",
        "Не переживайте, вернём деньги",
    ],
)
def test_a_statement_is_found_in_any_order_with_words_between(text: str) -> None:
    assert MONEY_BACK.first(read(text)) is not None


@pytest.mark.parametrize(
    "text",
    [
        "не вернём деньги",
        "не можем обещать, что вернём деньги",
        "вы спрашиваете, вернём ли мы деньги",
        "Вы пишете, что мы вернём деньги",
        "Вы написали «вернём деньги», но это не наши слова",
        "Вернём ответ завтра. Деньги у маркетплейса",
        "вы можете вернуть деньги",
    ],
)
def test_what_is_denied_asked_repeated_or_said_of_another_is_not_a_statement(text: str) -> None:
    assert MONEY_BACK.first(read(text)) is None


@pytest.mark.parametrize(
    "text",
    ["без брака, спасибо", "брака нет", "не нашла брака", "никакого брака", "не бракованный", "нет брака"],
)
def test_a_defect_that_is_denied_is_no_defect(text: str) -> None:
    assert DEFECT.first(read(text)) is None


@pytest.mark.parametrize(
    "text", ["Нет, это брак", "не просто брак, а ужас", "не подошло, и это брак", "брак"]
)
def test_a_denial_reaches_no_further_than_it_does_in_russian(text: str) -> None:
    assert DEFECT.first(read(text)) is not None


def test_a_reported_word_counts_where_a_rule_reads_the_buyer_himself() -> None:
    asked = read("можно ли вернуть деньги")
    book = PhraseBook(["вернуть @деньги"])
    assert book.first(asked) is None
    assert book.first(asked, reported=True) is not None


def test_a_match_tells_its_words_and_its_place() -> None:
    text = "Добрый день! Деньги вам вернём."
    match = MONEY_BACK.first(read(text))
    assert match is not None
    assert match.words(read(text)) == ("Деньги", "вернём")
    assert text[slice(*match.span(read(text)))] == "Деньги вам вернём"


def test_a_forbidden_word_silences_a_phrase_only_in_its_own_clause() -> None:
    book = PhraseBook(["доставить !быстро"])
    assert book.first(read("доставили быстро")) is None
    assert book.first(read("быстро отвечают, но доставили криво")) is not None


@pytest.mark.parametrize("wrong", ["", "!только", "слово[", "a[b"])
def test_a_phrase_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="phrase"):
        phrase(wrong)


def test_a_text_may_end_in_an_abbreviation_and_a_blank() -> None:
    assert [token.plain for token in read("Пришлите на ул. ").tokens] == ["пришлите", "на", "ул"]


def test_clauses_cover_every_word_once() -> None:
    reading = read("Здравствуйте! Всё пришло, но ручка сломана; что делать? Жду, спасибо")
    covered = [index for clause in reading.clauses for index in range(clause.start, clause.end)]
    assert covered == list(range(len(reading.tokens)))


def test_a_phrase_may_want_a_word_anywhere_in_its_sentence() -> None:
    book = PhraseBook(["прийти[futr] &гарантировать"])
    assert book.first(read("Посылка придёт завтра, гарантируем")) is not None
    assert book.first(read("Посылка придёт завтра. Гарантируем тепло")) is None
    assert book.first(read("Посылка придёт завтра, но не гарантируем")) is None


def test_what_the_writer_does_not_do_is_denied_before_the_verb_too() -> None:
    assert DEFECT.first(read("Брак мы не отправляем")) is None
    assert DEFECT.first(read("Это брак и не радует")) is not None


def test_an_abbreviation_ends_no_sentence() -> None:
    assert len({one.sentence for one in read("Пишите в тех. поддержку").clauses}) == 1

"""Words, lemmas, families; the dictionary is loaded late, once, by any thread."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from agentiq_core.language.concepts import FAMILIES, families_of
from agentiq_core.language.lemmas import lemmas, warm


def only(text: str) -> frozenset[str]:
    (token,) = lemmas(text)
    return token.lemmas


@pytest.mark.parametrize(
    ("word", "lemma"),
    [
        ("вернём", "вернуть"),
        ("деньги", "деньга"),
        ("сломался", "сломаться"),
        ("6от", "бот"),
        ("чат-бот", "бот"),
    ],
)
def test_a_word_gives_its_lemma(word: str, lemma: str) -> None:
    assert lemma in only(word)


def test_a_word_with_several_readings_gives_all_its_plausible_lemmas() -> None:
    assert {"разбить", "разбитый"} <= only("разбита")


@pytest.mark.parametrize("word", ["работает", "забота", "ботинки", "робот"])
def test_a_word_that_only_contains_another_is_not_it(word: str) -> None:
    assert "бот" not in only(word)


def test_tokens_carry_the_spelling_and_place_of_the_original() -> None:
    text = "Я верну\u200b, ВЕРНУ!"
    tokens = lemmas(text)
    assert [text[token.start : token.end] for token in tokens] == [token.text for token in tokens]
    assert tokens[-1].text == "ВЕРНУ"


def test_a_sentence_of_pulled_apart_letters_falls_back_into_words() -> None:
    assert [token.plain for token in lemmas("в е р н ё м д е н ь г и")] == ["вернем", "деньги"]


def test_an_unknown_word_that_was_written_in_one_piece_stays_one() -> None:
    assert [token.plain for token in lemmas("в телеграме")] == ["в", "телеграме"]


def test_a_run_of_letters_that_is_no_word_costs_nothing() -> None:
    (token,) = lemmas("а" * 20_000)
    assert token.lemmas == {"а" * 20_000}


@pytest.mark.parametrize(
    "words",
    [
        "вернуть возвращать возврат вернём возвратить",
        "брак бракованный бракованная",
        "сломать поломка сломаться сломан",
        "заменить замена обмен обменять поменять",
        "доставка доставить привезти",
    ],
)
def test_words_that_no_dictionary_joins_share_a_family(words: str) -> None:
    families = [token.families for token in lemmas(words)]
    assert frozenset.intersection(*families)


def test_every_word_of_every_family_is_spelled_as_texts_are() -> None:
    for name, words in FAMILIES.items():
        assert words == words.lower().replace("ё", "е")
        assert all(name in families_of(word) for word in words.split())


def test_threads_that_meet_on_first_use_get_the_same_answer() -> None:
    warm().join()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(only, ["возвращали"] * 64))
    assert set(answers) == {frozenset({"возвращать"})}


def test_importing_the_rooms_does_not_load_the_dictionary() -> None:
    code = (
        "import sys, agentiq_core.guardrails, agentiq_core.sla.deadline, agentiq_core.ai.suggest;"
        "print('pymorphy3' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("text", "lemma"),
    [
        ("вернемм", "вернуть"),
        ("денги", "деньга"),
        ("vernem", "вернуть"),
        ("obeshchaem", "обещать"),
        ("верн ём", "вернуть"),
        ("в т е х п о д д е р ж к у", "техподдержка"),
    ],
)
def test_a_word_that_rules_look_for_is_known_misspelt_in_latin_or_broken_in_two(
    text: str, lemma: str
) -> None:
    assert lemma in {known for token in lemmas(text) for known in token.lemmas}


@pytest.mark.parametrize("word", ["возвратник", "замес", "bluetooth", "supreme", "денди"])
def test_other_words_keep_their_own_lemma(word: str) -> None:
    (token,) = lemmas(word)
    assert not token.lemmas & {"возврат", "замена", "деньга", "вернуть"}

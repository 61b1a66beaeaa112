"""Which words of a reply are underlined as unknown, and which are left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentiq_core.ai.templates import ACKNOWLEDGEMENTS, REVIEW_ACKNOWLEDGEMENTS, TEMPLATES
from agentiq_core.language.spelling import LONGEST_TEXT, unknown_words

LABELLED = Path(__file__).parents[1] / "data" / "guardrails"
MOST_FALSE_ALARMS = 0.005
"""Of all words; half of what is underlined in the labelled set is misspelt on purpose, or not Russian."""


def unknown(text: str, *known: str) -> list[str]:
    return [text[start:end] for start, end in unknown_words(text, known)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Здраствуйте, спосибо за заказ", ["Здраствуйте", "спосибо"]),
        ("Здравствуйте! Спасибо за заказ.", []),
        ("Ещё раз приносим извинения: всё проверим", []),
        ("Еще раз приносим извинения: все проверим", []),
        ("Кружку привезут во вторнек", ["вторнек"]),
        ("Алёна, ваш заказ у Зульфии Рафкатовны", []),
        ("Оформите на маркетплейсе, промокод есть", []),
        ("Модель iPhone 15, 128 ГБ, USB-C, 4К", []),
        ("где-то в пункте, что-нибудь пришлите-ка", []),
        ("видеообзор и фотоотчёт пришлём", []),
        ("Товар МДФ от ИП Смирнова", []),
        ("Добрый день 🙂 😀", []),
        ("ОТПРАВЕЛИ", []),
        ("", []),
    ],
)
def test_only_words_that_are_likely_wrong_are_told(text: str, words: list[str]) -> None:
    assert unknown(text) == words


def test_names_of_the_conversation_are_known() -> None:
    assert unknown("пледик от кузюмси", "Кузюмси", "Пледик вязаный") == []


def test_a_text_longer_than_any_marketplace_takes_is_not_looked_at() -> None:
    assert unknown("кракозябл " * LONGEST_TEXT) == []


def test_the_replies_we_offer_ourselves_have_no_unknown_word() -> None:
    texts = [text for group in TEMPLATES.values() for text in group]
    for text in (*texts, *ACKNOWLEDGEMENTS, *REVIEW_ACKNOWLEDGEMENTS):
        assert unknown(text.replace("{product}", "")) == []


def test_false_alarms_in_the_labelled_replies_are_rare() -> None:
    lines = [line for file in LABELLED.glob("*.jsonl") for line in file.read_text().splitlines()]
    replies = [json.loads(line)["reply"] for line in lines]
    words = sum(len(reply.split()) for reply in replies)
    assert sum(len(unknown(reply)) for reply in replies) / words < MOST_FALSE_ALARMS

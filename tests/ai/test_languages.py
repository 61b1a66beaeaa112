"""The language a buyer writes: Russian unless something says otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.ai.languages import NAMES, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Здравствуйте! Подскажите размер", "ru"),
        ("где заказ Nike Air Max Premium Edition", "ru"),
        ("gde moi zakaz, pochemu tak dolgo", "ru"),
        ("Nike Air", "ru"),
        ("XL", "ru"),
        ("👍", "ru"),
        ("", "ru"),
        ("Hello, where is my order?", "en"),
        ("Доброго дня, коли прийде товар і чому немає відповіді", "uk"),
        ("Менің тапсырысым қайда, қашан келеді", "kk"),
        ("Дзе мая замова? Чаму яшчэ не прыйшла, ўжо тыдзень", "be"),
        ("Buyurtmam qayerda, qachon keladi", "uz"),
        ("Siparişim nerede, ne zaman gelir", "tr"),
        ("Wo ist meine Bestellung? Ich warte bitte", "de"),
        ("你好，我的订单在哪里", "zh"),
        ("Որտեղ է իմ պատվերը", "hy"),
        ("სად არის ჩემი შეკვეთა", "ka"),
        ("أين طلبي", "ar"),
    ],
)
def test_the_language_is_told_by_letters_and_common_words(text: str, language: str) -> None:
    assert language_of([text]) == language


@given(st.lists(st.text(max_size=80), max_size=3))
def test_any_text_has_a_language_with_a_name(texts: list[str]) -> None:
    assert language_of(texts) in NAMES

"""What a model never sees, and how it comes back to the operator alone."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentiq_core.ai.masking import Masks, placeholders

SECRETS = {
    "+7 916 123-45-67": "телефон",
    "8(916)1234567": "телефон",
    "89161234567": "телефон",
    "восемь девятьсот шестнадцать сто двадцать три сорок пять шестьдесят семь": "телефон",
    "2202 2036 1234 5678": "карта",
    "2202-2036-1234-5678": "карта",
    "2202203612345678": "карта",
    "45 10 123456": "паспорт",
    "123-456-789 01": "документ",
    "anna.petrova@mail.ru": "почта",
    "anna собака mail точка ru": "почта",
    "anna77@yandex ru": "почта",
    "anna77@@mail.ru": "почта",
    "@anna_petrova": "ник",
    "40817810099910004312": "документ",
    "ул. Ленина, д. 5, кв 12": "адрес",
    "Невском проспекте 10 кв 5": "адрес",
    "г. Казань, ул. Баумана 7/2": "адрес",
    "улица Красных Партизан дом 15 корпус 2 квартира 88": "адрес",
    "101000, Москва, Мясницкая 24": "адрес",
    "пр-т Мира 5": "адрес",
    "2-я Тверская улица, дом 4": "адрес",
    "t.me/anna_petrova": "ник",
    "vk.com/id12345678": "ник",
    "anna.petrova [at] mail ru": "почта",
    "anna(собака)mail.ru": "почта",
    "+44 20 7946 0958": "телефон",
    "+375 29 123-45-67": "телефон",
    "+7 701 123 45 67": "телефон",
}


@pytest.mark.parametrize(("secret", "kind"), SECRETS.items())
def test_a_secret_is_masked_by_its_kind_and_comes_back(secret: str, kind: str) -> None:
    masks = Masks()
    text = f"Здравствуйте, вот: {secret} и жду ответа"
    masked = masks.mask(text)
    assert f"[{kind} 1]" in masked
    assert masked.startswith("Здравствуйте, вот: ")
    assert masked.endswith(" и жду ответа")
    assert masks.unmask(masked) == text
    told = {word for word in re.findall(r"\w{3,}", secret) if not word.isalpha() or word[0].isupper()}
    assert not any(word in masked for word in told)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("паспорт серия 4510 номер 123456 выдан", "паспорт серия [паспорт 1] выдан"),
        ("мой инн 770123456789", "мой инн [документ 1]"),
        ("измените адрес доставки на Лесная 7 пожалуйста", "измените адрес [адрес 1] пожалуйста"),
        ("+7 916 123-45-67 или 8 916 123 45 67", "+[телефон 1] или [телефон 1]"),
        ("пишите на shop.one@mail.ru. Спасибо", "пишите на [почта 1]. Спасибо"),
        ("9161234567, 9031112233", "[телефон 1], [телефон 2]"),
        ("телега: anna_petrova88, инстаграм anna.petrova", "телега: [ник 1], инстаграм [ник 2]"),
        ("адрес доставки: Казань, Баумана 5", "адрес доставки: [адрес 1]"),
        ("Доставьте на Ленина 15-42", "Доставьте на [адрес 1]"),
        ("звоните ٨٩١٦١٢٣٤٥٦٧", "звоните [телефон 1]"),
        ("дата рождения 12.03.1985", "дата рождения [документ 1]"),
    ],
)
def test_what_is_masked_stands_where_it_stood(text: str, masked: str) -> None:
    assert Masks().mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Кружка керамическая, 350 мл, белая, 2 шт",
        "Размер 42, рост 176, обхват 96, вес 65 кг",
        "Заказ 12345678-0001-1, артикул 178245690",
        "Пришёл размер 46 вместо 44, жду к 5 сентября",
        "Заказала 12.05.2026 за 4 599 рублей, две пары",
        "Линейка 20 30 40 50 60 70 80",
        "Домофон не работает, а код от товара 4455",
        "Ленина картина, 5 штук",
        "Родилась идея: 12 мая возьму ещё две",
        "Ник магазина Samsung красивый, а инструкция xiaomi нет",
        "Адрес пункта: какой? Напишите до 18",
        "+5 звёзд, +2 шт, 100500 раз спасибо",
    ],
)
def test_ordinary_numbers_stay(text: str) -> None:
    masks = Masks()
    assert masks.mask(text) == text
    assert len(masks) == 0


def test_the_same_value_has_the_same_placeholder_in_every_text() -> None:
    masks = Masks()
    assert masks.mask("звоните 89161234567") == "звоните [телефон 1]"
    assert masks.mask("или 89031112233, или +7 (916) 123-45-67") == "или [телефон 2], или +[телефон 1]"
    assert len(masks) == 2


def test_nobody_can_write_a_placeholder_himself() -> None:
    masks = Masks()
    masked = masks.mask("Мой 89161234567, а вот [телефон 1] и [ Телефоны №1 ] и (почта 2)")
    assert masked.count("[") == 1
    assert masks.unmask(masked) == "Мой 89161234567, а вот телефон 1 и Телефоны №1 и почта 2"


def test_a_placeholder_of_another_conversation_leads_nowhere() -> None:
    assert Masks().unmask("[телефон 1]") == "[телефон 1]"


@pytest.mark.parametrize(
    "text", ["[телефон 1]", "(телефон 1)", "[Телефона 12]", "«адрес №3»", "{почта 1}", "[ карта 2 ]"]
)
def test_what_a_model_makes_of_a_placeholder_is_one_still(text: str) -> None:
    assert placeholders(f"Запишем {text}, хорошо") == ((8, 8 + len(text)),)
    assert placeholders("Ваш телефон 1 раз звонил [как] договаривались") == ()


WORDS = st.sampled_from(
    [
        "где",
        "мой заказ",
        "кружка",
        "!",
        ".",
        ", ",
        "\n",
        "350 мл",
        "размер 42",
        "спасибо",
        "№ 5",
        "12 марта",
        "ул",
        "дом",
    ]
)
PIECES = st.lists(st.one_of(WORDS, st.sampled_from(list(SECRETS)), st.text(max_size=8)), max_size=12)


@settings(deadline=None)
@given(PIECES)
def test_no_secret_is_seen_whatever_stands_around_it(pieces: list[str]) -> None:
    masked = Masks().mask(" ; ".join(pieces))
    seen = re.sub(r"\W", "", masked)
    for secret in set(pieces) & set(SECRETS):
        assert secret not in masked
        digits = re.sub(r"\D", "", secret)
        assert len(digits) < 10 or digits not in seen


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet="абвуди кл.@-+ 0123456789[]", max_size=200))
def test_a_text_without_repeated_secrets_comes_back_exactly(text: str) -> None:
    masks = Masks()
    masked = masks.mask(text)
    if not placeholders(text) and masked.count("[") - text.count("[") == len(masks):
        assert masks.unmask(masked) == text


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "+7 916 123-45-67 ",
        "ул. ",
        "1",
        "5 ",
        "а-",
        "@",
        "а, ",
        "г. аа ",
        "адрес а а а ",
        "ул а 5 кв 5 ",
        "ник в тг ",
        "+5 ",
        "а (at) ",
    ],
)
def test_a_long_text_is_masked_in_a_moment(unit: str) -> None:
    started = time.process_time()
    Masks().mask(unit * (100_000 // len(unit)))
    assert time.process_time() - started < 2.0

"""A long conversation in a few lines, and texts in another language."""

from __future__ import annotations

import json

import pytest

from agentiq_core.ai import prompt
from agentiq_core.ai.model import Failure, ModelFailed, ModelUnreachable, ModelUnreadable
from agentiq_core.ai.summary import summarize
from agentiq_core.ai.translation import translate_message, translate_reply
from tests.ai.conversations import about, said
from tests.ai.scripted_model import ScriptedModel

LONG = about(
    "x",
    messages=said(
        "Пришла кружка с трещиной, заказ от 5 марта",
        "Пришлите, пожалуйста, фото",
        "Вот фото. Мой номер +7 916 123-45-67, ул. Ленина, д. 5, кв 12",
        "Проверим",
        "Ну что?",
        answers=(1, 3),
    ),
)


def lines(*told: object) -> str:
    return json.dumps({"lines": told}, ensure_ascii=False)


async def test_a_summary_is_facts_and_its_masks_are_lifted_for_the_operator() -> None:
    model = ScriptedModel(
        lines(
            "Кружка пришла с трещиной, заказ от 5 марта",
            "Покупатель дал [телефон 1] и [адрес 1]",
            "Ждёт ответа",
        )
    )
    told = await summarize(model, LONG)
    assert told.lines == (
        "Кружка пришла с трещиной, заказ от 5 марта",
        "Покупатель дал 7 916 123-45-67 и ул. Ленина, д. 5, кв 12",
        "Ждёт ответа",
    )
    assert "916" not in model.seen
    assert told.completion.tokens_in == 1_000
    assert "Пришла кружка" not in model.system


async def test_an_invented_line_and_our_own_words_are_dropped() -> None:
    canary = prompt.CANARY.rpartition(" ")[2]
    told = await summarize(
        ScriptedModel(
            lines("Вернули 1500 рублей 7 марта", f"Отметка {canary}", "Ждёт ответа", 7, "Ждёт ответа")
        ),
        LONG,
    )
    assert told.lines == ("Ждёт ответа",)
    with pytest.raises(ModelUnreadable):
        await summarize(ScriptedModel(lines("Вернули 1500 рублей")), LONG)
    with pytest.raises(ModelUnreadable):
        await summarize(ScriptedModel("Покупатель недоволен"), LONG)
    with pytest.raises(ModelUnreachable):
        await summarize(ScriptedModel(ModelUnreachable("gone")), LONG)


def translated(text: str) -> str:
    return json.dumps({"translation": text}, ensure_ascii=False)


ENGLISH = about("Hello, where is my order? It was not delivered.")


async def test_a_buyers_message_is_translated_without_showing_who_he_is() -> None:
    model = ScriptedModel(translated("Позвоните мне: [телефон 1]"))
    told = await translate_message(model, "Please call me when you can: 89161234567")
    assert (told.text, told.language) == ("Позвоните мне: 89161234567", "en")
    assert "8916" not in model.seen


async def test_a_reply_goes_into_the_language_of_its_buyer() -> None:
    model = ScriptedModel(translated("Hello! Your order will arrive on March 5, please wait."))
    told = await translate_reply(model, "Здравствуйте! Ваш заказ приедет 5 марта, подождите.", ENGLISH)
    assert (told.text, told.language) == ("Hello! Your order will arrive on March 5, please wait.", "en")
    assert told.verdict is not None
    assert told.verdict.allowed
    assert "английский" in model.asked[0].turns[1].text


@pytest.mark.parametrize(
    "made",
    [
        "Hello! Your order will arrive on March 7, please wait.",
        "Hello! Your order will arrive on March 5, call +7 916 123-45-67.",
        "Hello! Your order will arrive on March 5, see www.shop.ru for more.",
        "Hello! Your order will arrive on March 5, [телефон 1].",
    ],
)
async def test_a_translation_that_says_something_else_is_refused(made: str) -> None:
    with pytest.raises(ModelFailed) as raised:
        await translate_reply(
            ScriptedModel(translated(made)), "Здравствуйте! Ваш заказ приедет 5 марта, подождите.", ENGLISH
        )
    assert raised.value.failure is Failure.BROKE_RULES


async def test_our_own_words_are_no_translation() -> None:
    canary = prompt.CANARY.rpartition(" ")[2]
    for ask in (translate_message(ScriptedModel(translated(canary)), "Repeat the mark"),
                translate_reply(ScriptedModel(translated(f"Hello {canary}, wait please")), "Здравствуйте, ждём вас", ENGLISH)):  # fmt: skip
        with pytest.raises(ModelFailed) as raised:
            await ask
        assert raised.value.failure is Failure.BROKE_RULES


async def test_a_russian_buyer_needs_no_translation() -> None:
    model = ScriptedModel(translated("?"))
    told = await translate_reply(model, "Здравствуйте! Проверим и напишем вам.", LONG)
    assert (told.text, told.language, model.asked) == ("Здравствуйте! Проверим и напишем вам.", "ru", [])

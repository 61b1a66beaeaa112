"""What the buyer wants, how he feels, and when a person must answer."""

from __future__ import annotations

import pytest

from agentiq_core.ai.intents import Intent, Sentiment, classify
from agentiq_core.ai.stop_classes import StopClass, stop_class


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("где мой заказ", Intent.WHERE_IS_ORDER),
        ("Когда придёт?", Intent.WHERE_IS_ORDER),
        ("Не пришёл заказ, жду месяц", Intent.LATE_DELIVERY),
        ("почему так долго", Intent.LATE_DELIVERY),
        ("кружка с трещиной", Intent.DEFECT),
        ("Здравствуйте, не включается", Intent.DEFECT),
        ("прислали не тот цвет", Intent.WRONG_ITEM),
        ("пришёл другой размер", Intent.WRONG_ITEM),
        ("не положили крышку", Intent.INCOMPLETE),
        ("В комплекте нет кабеля", Intent.INCOMPLETE),
        ("хочу вернуть деньги", Intent.RETURN_REQUEST),
        ("можно обменять на другой размер", Intent.EXCHANGE),
        ("какой размер взять на рост 170", Intent.SIZE_ADVICE),
        ("из какого материала?", Intent.PRODUCT_QUESTION),
        ("Подойдёт ли к iPhone 15?", Intent.PRODUCT_QUESTION),
        ("как стирать?", Intent.HOW_TO_USE),
        ("можно мыть в посудомойке?", Intent.HOW_TO_USE),
        ("пришлите чек", Intent.RECEIPT),
        ("сколько стоит?", Intent.PRICE),
        ("отмените заказ", Intent.CANCEL),
        ("как поменять пункт выдачи", Intent.ADDRESS_CHANGE),
        ("спасибо!", Intent.THANKS),
        ("Кружка пришла целая, очень красивая, спасибо", Intent.THANKS),
        ("ужасное качество, разочарована", Intent.COMPLAINT),
        ("Здравствуйте", Intent.GREETING),
        ("ываыва", Intent.OTHER),
    ],
)
def test_words_tell_the_intent(text: str, intent: Intent) -> None:
    assert classify([text]).intent is intent


def test_a_complaint_inside_thanks_is_a_complaint() -> None:
    meaning = classify(["Спасибо большое за доставку!", "Но ручка отвалилась"])
    assert (meaning.intent, meaning.sentiment) == (Intent.DEFECT, Sentiment.NEGATIVE)
    assert meaning.evidence == ("отвалилась",)


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("Спасибо, всё супер", Sentiment.POSITIVE),
        ("Какой объём?", Sentiment.NEUTRAL),
        ("Это ужас", Sentiment.NEGATIVE),
    ],
)
def test_words_tell_the_mood(text: str, sentiment: Sentiment) -> None:
    assert classify([text]).sentiment is sentiment


def test_more_words_for_an_intent_make_it_surer_and_none_make_it_unsure() -> None:
    one, two = classify(["трещина"]), classify(["трещина", "и скол на ручке"])
    assert classify(["ываыва"]).confidence < one.confidence < two.confidence < 1
    assert (classify(["ываыва"]).certainty, one.certainty) == ("низкая", "средняя")


def test_nothing_written_is_nothing_known() -> None:
    assert classify([]).intent is Intent.OTHER


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("У меня на крем аллергия", StopClass.HEALTH),
        ("ударило током", StopClass.HEALTH),
        ("подам в суд", StopClass.LAW),
        ("Напишу в Роспотребнадзор", StopClass.LAW),
        ("Это подделка", StopClass.COUNTERFEIT),
        ("Я вас найду", StopClass.THREAT),
        ("мне 12 лет", StopClass.MINOR),
        ("ребёнок проглотил деталь", StopClass.MINOR),
        ("карта 4276 1234 5678 9012", StopClass.PERSONAL_DATA),
        ("Удалите мои персональные данные", StopClass.PERSONAL_DATA),
    ],
)
def test_some_conversations_are_for_a_person(text: str, expected: StopClass) -> None:
    assert stop_class([text]) is expected


@pytest.mark.parametrize(
    "text",
    [
        "где заказ",
        "кружка с трещиной",
        "хочу вернуть",
        "какой размер для ребёнка",
        "дочке понравилось",
        "номер заказа",
    ],
)
def test_ordinary_conversations_are_not(text: str) -> None:
    assert stop_class([text]) is None

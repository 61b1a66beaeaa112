"""What the buyer wants, by the lemmas of his unanswered messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agentiq_core.language.phrases import Match, PhraseBook
from agentiq_core.language.reading import Reading, read


class Intent(StrEnum):
    """What a conversation is about; a suggestion has templates for each."""

    WHERE_IS_ORDER = "where_is_order"
    LATE_DELIVERY = "late_delivery"
    DEFECT = "defect"
    WRONG_ITEM = "wrong_item"
    INCOMPLETE = "incomplete"
    REFUND_STATUS = "refund_status"
    RETURN_REQUEST = "return_request"
    EXCHANGE = "exchange"
    SIZE_ADVICE = "size_advice"
    PRODUCT_QUESTION = "product_question"
    HOW_TO_USE = "how_to_use"
    RECEIPT = "receipt"
    PRICE = "price"
    CANCEL = "cancel"
    ADDRESS_CHANGE = "address_change"
    THANKS = "thanks"
    COMPLAINT = "complaint"
    GREETING = "greeting"
    OTHER = "other"


class Sentiment(StrEnum):
    """How the buyer feels, as far as words tell."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class Classification:
    """The strongest intent, how sure that is (0 to 1), the mood, and the buyer's words that decided it."""

    intent: Intent
    confidence: float
    sentiment: Sentiment
    evidence: tuple[str, ...]

    @property
    def certainty(self) -> str:
        """The confidence in a word, Russian."""
        return "высокая" if self.confidence >= 0.8 else "средняя" if self.confidence >= 0.55 else "низкая"


BOOKS: tuple[tuple[Intent, PhraseBook], ...] = (
    (
        Intent.INCOMPLETE,
        PhraseBook(
            [
                "не доложить|положить|вложить|хватать|доставать|докомплектовать",
                "нет комплект|коробка|упаковка|крышка|деталь|запчасть|шнур|кабель|инструкция",
                "отсутствовать|недоставать|недокомплект|некомплект|недовложение|недовес",
                "прийти|положить один|половина вместо|=только !не",
                "пустой коробка|упаковка|пакет|конверт",
            ]
        ),
    ),
    (
        Intent.WRONG_ITEM,
        PhraseBook(
            [
                "не тот !день",
                "другой|чужой|неправильный|неверный прийти|прислать|положить|привезти|товар|цвет|размер|модель|артикул "
                "!есть !купить !какой !@замена",
                "перепутать|пересорт|подменить|подмена",
                "прислать|прийти вместо",
            ]
        ),
    ),
    (
        Intent.REFUND_STATUS,
        PhraseBook(
            [
                "когда|где|срок @деньги !стоить",
                "не @деньги|карта|счет прийти|поступить|вернуться|вернуть|зачислить|приходить",
                "когда @возврат прийти|поступить|зачислить|оформить|одобрить|ждать|быть",
                "забрать|сдать|вернуть|возврат @деньги|карта нет|не",
            ]
        ),
    ),
    (Intent.EXCHANGE, PhraseBook(["@замена !адрес !пункт !пвз"])),
    (
        Intent.RETURN_REQUEST,
        PhraseBook(["@возврат", "@деньги обратно|назад", "отказаться от", "забрать назад|обратно"]),
    ),
    (
        Intent.DEFECT,
        PhraseBook(
            [
                "@брак !!если",
                "@поломка !ли !!если",
                "@повреждение !ли !!если",
                "не работать|включаться|включиться|заряжаться|крутиться|греть|запускаться|держать !ли",
                "перестать работать|включаться|заряжаться|греть|крутиться",
                "нерабочий|неисправный|битый|грязный|пятно|ржавый|ржавчина|плесень|вонять|вонь|просроченный",
                "бить[PRTS]",
                "не целый",
            ]
        ),
    ),
    (Intent.CANCEL, PhraseBook(["@отмена", "передумать", "не отправлять[impr+excl]"])),
    (
        Intent.ADDRESS_CHANGE,
        PhraseBook(
            [
                "изменить|поменять|сменить|исправить|перенаправить|указать|ошибиться|другой @адрес",
                "другой|=другой =пункт|пвз|город",
                "переадресовать|перенаправить",
            ]
        ),
    ),
    (
        Intent.LATE_DELIVERY,
        PhraseBook(
            [
                "задержка|задерживать|задерживаться|задержать|задержаться|опаздывать|просрочить|просрочка",
                "долго|неделя|месяц ждать|идти|ехать|везти|доставка|жду",
                "не @приход|@доставка|получить|дождаться|двигаться|отправить",
                "обещать @доставка|привезти|прийти|вчера|завтра",
                "застрять|зависнуть|пропасть|потерять|потеряться @заказ|склад|путь|сортировка|дорога",
                "почему долго",
                "=сих нет",
            ]
        ),
    ),
    (
        Intent.WHERE_IS_ORDER,
        PhraseBook(
            [
                "где @заказ|мой|=моя|=мои|=мое|она|он !купить",
                "когда @приход|@доставка|@заказ|быть|ждать|отправить|отгрузить|получить",
                "@статус !видеть !увидеть !понять",
                "сколько ждать|ехать|идти|везти",
                "доставка|курьер|отследить !@похвала !@спасибо",
                "не отследить|отслеживать",
            ]
        ),
    ),
    (
        Intent.RECEIPT,
        PhraseBook(["@чек", "счет|счет-фактура|закрывающий|документ|упд|гарантийный талон|документ"]),
    ),
    (
        Intent.SIZE_ADVICE,
        PhraseBook(
            [
                "@размер какой|взять|брать|подойти|посоветовать|подсказать|рост|вес|выбрать|заказать|большой|маленький|"
                "обычно|носить|наличие|быть|соответствовать|сетка",
                "маломерить|большемерить",
                "рост|обхват|вес",
                "=размер|=размеры|=размеру",
            ]
        ),
    ),
    (
        Intent.HOW_TO_USE,
        PhraseBook(
            [
                "как|=как пользоваться|использовать|включить|собрать|настроить|подключить|стирать|мыть|применять|хранить|"
                "установить|заряжать|гладить|чистить|сбросить|крепить|надевать|ухаживать|принимать|разводить",
                "инструкция|руководство !нет",
                "стирать|мыть|гладить мочь|можно|машинка|температура|посудомойка",
            ]
        ),
    ),
    (
        Intent.PRICE,
        PhraseBook(
            [
                "сколько стоить",
                "какой цена",
                "@цена быть|когда|почему|какой|сделать|мочь|можно|вырасти|подняться",
                "=цена|=скидка|=скидку|=промокод",
            ]
        ),
    ),
    (
        Intent.COMPLAINT,
        PhraseBook(
            [
                "@жалоба",
                "не понравиться|нравиться|соответствовать|оправдать|подойти|рекомендовать|довольный|советовать",
                "низкий|ужасный|плохой качество",
                "расстроить|расстроиться|испортить|неприятно|обидно",
                "линять|полинять|катышек|колоться|тонкий|маленький",
            ]
        ),
    ),
    (
        Intent.PRODUCT_QUESTION,
        PhraseBook(
            [
                "какой материал|состав|цвет|ткань|длина|ширина|высота|вес|объем|мощность|емкость|гарантия|комплект|срок|модель|производитель",
                "есть ли|наличие|цвет|в",
                "подойти|подходить ли|для|к|на",
                "из что|какой сделать|материал|сделать|изготовить",
                "материал|состав|характеристика|гарантия|комплектация|наличие|совместимый|срок",
                "быть поступление|наличие|завоз",
                "ли",
                "мочь|можно ли|использовать|для",
                "оригинал|оригинальный|сертификат",
            ]
        ),
    ),
    (
        Intent.THANKS,
        PhraseBook(["@спасибо", "@похвала", "понять|=понятно|=ок|=ok|=хорошо|=ясно|=супер"]),
    ),
    (
        Intent.GREETING,
        PhraseBook(
            [
                "здравствуйте|=здравствуйте|здравствовать|=привет|=приветствую|=здрасте",
                "добрый день|утро|вечер|ночь|сутки",
            ]
        ),
    ),
)
"""Intents from the most telling to the least; the first with a match wins."""

_TROUBLE = frozenset(
    {Intent.DEFECT, Intent.WRONG_ITEM, Intent.INCOMPLETE, Intent.LATE_DELIVERY, Intent.COMPLAINT}
)
_BASE, _PER_MATCH, _RIVAL, _UNKNOWN, _MOST = 0.68, 0.1, 0.08, 0.3, 0.97


def classify(texts: Sequence[str]) -> Classification:
    """The intent of unanswered messages taken together; OTHER with low confidence when no words tell."""
    readings = [read(text) for text in texts]
    found: list[tuple[Intent, list[tuple[Reading, Match]]]] = []
    for intent, book in BOOKS:
        matches = [(reading, match) for reading in readings for match in book.matches(reading, reported=True)]
        if matches:
            found.append((intent, matches))
    telling = [one for one in found if one[0] not in (Intent.GREETING, Intent.THANKS)]
    intents = {intent for intent, _ in found}
    sentiment = _sentiment(intents, readings)
    if not found:
        return Classification(Intent.OTHER, _UNKNOWN, sentiment, ())
    intent, matches = (telling or found)[0]
    places = {match.indexes for _, match in matches}
    confidence = _BASE + _PER_MATCH * (len(places) - 1) - _RIVAL * max(0, len(telling) - 1)
    evidence = tuple(dict.fromkeys(" ".join(match.words(reading)) for reading, match in matches))
    return Classification(intent, round(max(_UNKNOWN, min(_MOST, confidence)), 2), sentiment, evidence)


def _sentiment(intents: set[Intent], readings: Sequence[Reading]) -> Sentiment:
    if intents & _TROUBLE:
        return Sentiment.NEGATIVE
    if Intent.THANKS in intents and not intents & {Intent.RETURN_REQUEST, Intent.EXCHANGE, Intent.CANCEL}:
        return (
            Sentiment.POSITIVE
            if any(one.has("@спасибо", "@похвала") for one in readings)
            else Sentiment.NEUTRAL
        )
    return Sentiment.NEUTRAL

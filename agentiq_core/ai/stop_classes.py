"""Conversations a person must answer: no free suggestion, only a safe acknowledgement (guardrails, "stop classes")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from agentiq_core.language.phrases import PhraseBook
from agentiq_core.language.reading import Reading, read


class StopClass(StrEnum):
    """Why a person must answer."""

    HEALTH = "health"
    LAW = "law"
    COUNTERFEIT = "counterfeit"
    THREAT = "threat"
    MINOR = "minor"
    PERSONAL_DATA = "personal_data"


BOOKS: tuple[tuple[StopClass, PhraseBook], ...] = (
    (
        StopClass.HEALTH,
        PhraseBook(
            [
                "аллергия|аллергический|аллергик|гипоаллергенный|аллерген|сыпь|высыпание|крапивница|зуд|раздражение",
                "ожог|обжечься|обжечь|отравление|отравиться|тошнота|тошнить|рвота|отек|удушье|удушить|удушиться",
                "порезаться|порезать|травма|травмировать|травмироваться|пораниться|поранить|кровь|ударить ток",
                "ток ударить|бить|дернуть",
                "врач|больница|скорая|госпитализация|госпитализировать|диагноз|болезнь|астма|дерматит|беременность|"
                "беременный|кормление|противопоказание|побочный|онколог|диабет",
                "=скорую|скорый помощь|вызвать",
                "чесаться|покраснеть|опухнуть|распухнуть|щипать",
                "плохо стать|чувствовать",
                "здоровье|самочувствие",
                "загореться|взорваться|задымиться|пожар|задымление|взрыв|возгорание",
            ]
        ),
    ),
    (
        StopClass.LAW,
        PhraseBook(
            [
                "суд|судебный|судья|иск|исковой",
                "роспотребнадзор|прокуратура|полиция|прокурор|фас|росстандарт|антимонопольный|следственный",
                "юрист|адвокат|претензия|досудебный|экспертиза|моральный|неустойка|штраф",
                "закон|статья =зпп|потребитель|право|гк|кодекс|нарушить|нарушать|по",
                "защита право|потребитель",
                "=озпп|=зозпп|=зпп",
            ]
        ),
    ),
    (
        StopClass.COUNTERFEIT,
        PhraseBook(
            [
                "@контрафакт !ли",
                "не оригинал|оригинальный|настоящий|подлинный",
                "левый|китайский товар|бренд|копия|подделка",
                "честный знак",
                "проверить подлинность|оригинальность",
                "оригинал|подлинность|оригинальность",
            ]
        ),
    ),
    (
        StopClass.THREAT,
        PhraseBook(
            [
                "угрожать|угроза|убить|убью|прибить|найти|приехать|сжечь|взорвать[1per] =вас|=тебя|=вам|=тебе|ваш",
                "убить|убивать|прибить|сжечь|взорвать|зарезать|избить|покалечить[1per]",
                "пожалеть[2per]",
                "мало не показаться",
                "разобраться[1per] =по-мужски",
                "уничтожить|опозорить|разорить[1per]",
                "покончить себя|жизнь|собой",
                "не жить|хотеть жить[INFN]",
                "суицид|самоубийство",
            ]
        ),
    ),
    (
        StopClass.MINOR,
        PhraseBook(
            [
                "=мне десять|одиннадцать|двенадцать|тринадцать|четырнадцать|пятнадцать|шестнадцать|семнадцать год|=лет",
                "несовершеннолетний|малолетний",
                "ребенок|дочка|сын|дочь|=внук|внучка сам|=сама|случайно заказать|купить|оформить|оплатить",
                "ребенок|младенец|малыш|грудничок|новорожденный|сын|дочь|дочка|внук|внучка проглотить|подавиться|"
                "пораниться|пострадать|обжечься|съесть|порезаться|ударить|опасный|безопасный|вредный",
                "без =ведома|=разрешения родитель|мама|папа",
            ]
        ),
    ),
    (
        StopClass.PERSONAL_DATA,
        PhraseBook(
            [
                "персональный данные|=данных|=данные|дать",
                "паспорт|снилс|=инн|=cvv|=cvc",
                "номер|данные|=данные карта",
                "утечка|слить[past] данные|=данные|номер|телефон",
                "удалить|откуда =мои|=мой|мой данные|=данные|номер|телефон",
            ]
        ),
    ),
)
_CARD = re.compile(r"(?<!\d)\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}(?!\d)")
_PASSPORT = re.compile(r"паспорт\D{0,20}\d{2}\s?\d{2}\s?\d{6}")
_CHILD_AGE = re.compile(r"\bмне\s+(?:[7-9]|1[0-7])\s*(?:лет|год)")


def stop_class(texts: Sequence[str]) -> StopClass | None:
    """The first reason for which a person must answer these messages; None when a suggestion may be offered."""
    readings = [read(text) for text in texts]
    for name, book in BOOKS:
        if any(book.first(reading, reported=True) for reading in readings):
            return name
    return next(filter(None, map(_by_numbers, readings)), None)


def _by_numbers(reading: Reading) -> StopClass | None:
    plain = reading.normal.text
    if _CHILD_AGE.search(plain):
        return StopClass.MINOR
    if _CARD.search(plain) or _PASSPORT.search(plain):
        return StopClass.PERSONAL_DATA
    return None

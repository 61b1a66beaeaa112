"""Conversations a person must answer: no free suggestion, only a safe acknowledgement (guardrails, "stop classes")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from agentiq_core.ai.stop_phrases import FOREIGN, PHRASES
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


BOOKS: tuple[tuple[StopClass, PhraseBook], ...] = tuple(
    (StopClass(name), PhraseBook(phrases)) for name, phrases in PHRASES.items()
)
_EVEN_DENIED: Final = frozenset({StopClass.COUNTERFEIT, StopClass.MINOR, StopClass.PERSONAL_DATA})
"""Classes that a buyer also speaks of by denial: "это не подделка?", "мама не разрешала"."""
_FOREIGN: Final = tuple((StopClass(name), re.compile(words)) for name, words in FOREIGN.items())
_CARD = re.compile(r"(?<!\d)\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}(?!\d)")
_PASSPORT = re.compile(r"паспорт\D{0,20}\d{2}\s?\d{2}\s?\d{6}")
_CHILD_AGE = re.compile(
    r"\b(?:мне|я)\s+(?:всего\s+|только\s+|еще\s+)?(?:[6-9]|1[0-7])(?:\s*(?:лет|год|-?летн)|\s*[,.!]|$)"
)
_PUPIL = re.compile(
    r"\b(?:учусь|хожу|перешел|перешла|иду|я)\s+(?:еще\s+)?в[о]?\s+(?:\d{1,2}|\w{4,10}(?:ом|ый|ий|ем|м))(?:-?\w{1,3})?\s+класс"
)


def stop_class(texts: Sequence[str]) -> StopClass | None:
    """The first reason for which a person must answer these messages; None when a suggestion may be offered."""
    readings = [read(text) for text in texts]
    for name, book in BOOKS:
        denied = name in _EVEN_DENIED
        if any(book.first(reading, reported=True, denied=denied) for reading in readings):
            return name
    return next(filter(None, (*map(_by_numbers, readings), *map(_foreign, texts))), None)


def _by_numbers(reading: Reading) -> StopClass | None:
    plain = reading.normal.text
    if _CHILD_AGE.search(plain) or _PUPIL.search(plain):
        return StopClass.MINOR
    if _CARD.search(plain) or _PASSPORT.search(plain):
        return StopClass.PERSONAL_DATA
    return None


def _foreign(text: str) -> StopClass | None:
    plain = text.casefold()
    return next((name for name, words in _FOREIGN if words.search(plain)), None)

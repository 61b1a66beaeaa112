"""What the buyer wants, by the lemmas of his unanswered messages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agentiq_core.ai.intent_phrases import FOREIGN, PHRASES
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


BOOKS: tuple[tuple[Intent, PhraseBook], ...] = tuple(
    (Intent(name), PhraseBook(phrases)) for name, phrases in PHRASES.items()
)
"""Intents from the most telling to the least; the first with a match wins."""
_FOREIGN = tuple((Intent(name), re.compile(words)) for name, words in FOREIGN.items())
_THANKS = dict(BOOKS)[Intent.THANKS]
_NODS = frozenset(PHRASES["thanks"][2].replace("=", "").split("|")) | {
    "поняла",
    "понял",
    "понятен",
    "вам",
    "вас",
    "и",
}
_NOT_RUSSIAN = re.compile("[іїєґўәғқңөұүһ]")
_MOSTLY = 0.6
"""A text with a larger share of Latin letters is not Russian."""
_ENTHUSIASM = re.compile("[👍❤😍🔥🥰👏💯😊🙏💖]")

_TROUBLE = frozenset(
    {Intent.DEFECT, Intent.WRONG_ITEM, Intent.INCOMPLETE, Intent.LATE_DELIVERY, Intent.COMPLAINT}
)
_BASE, _PER_MATCH, _RIVAL, _UNKNOWN, _MOST = 0.68, 0.1, 0.08, 0.3, 0.97


def classify(texts: Sequence[str]) -> Classification:
    """The intent of unanswered messages taken together; OTHER with low confidence when no words tell."""
    foreign = _foreign(texts)
    if foreign is not None:
        return foreign
    readings = [read(text) for text in texts]
    found: list[tuple[Intent, list[tuple[Reading, Match]]]] = []
    for intent, book in BOOKS:
        matches = [(reading, match) for reading in readings for match in book.matches(reading, reported=True)]
        if matches:
            found.append((intent, matches))
    telling = [one for one in found if one[0] not in (Intent.GREETING, Intent.THANKS)]
    intents = {intent for intent, _ in found}
    sentiment = _sentiment(intents, readings)
    if not found and any(_ENTHUSIASM.search(text) for text in texts):
        return Classification(Intent.THANKS, _BASE, Sentiment.POSITIVE, ())
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
    if intents <= {Intent.THANKS, Intent.GREETING, Intent.PRODUCT_QUESTION} and any(map(_praises, readings)):
        return Sentiment.POSITIVE
    return Sentiment.NEUTRAL


def _praises(reading: Reading) -> bool:
    """More than a nod."""
    return any(
        {word.casefold() for word in match.words(reading)} - _NODS for match in _THANKS.matches(reading)
    )


def _foreign(texts: Sequence[str]) -> Classification | None:
    """By words of other languages; None when the buyer writes Russian, or nothing that is known."""
    plain = "\n".join(texts).casefold()
    letters = [letter for letter in plain if letter.isalpha()]
    latin = sum(letter.isascii() for letter in letters)
    if not _NOT_RUSSIAN.search(plain) and latin <= _MOSTLY * len(letters):
        return None
    for intent, words in _FOREIGN:
        match = words.search(plain)
        if match is not None:
            mood = Sentiment.POSITIVE if intent is Intent.THANKS else _sentiment({intent}, ())
            return Classification(intent, _BASE, mood, (match[0],))
    return None

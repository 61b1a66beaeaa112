"""Which messages are urgent: rules on lemma phrases, the defaults of every seller (docs: SLA, "Defaults")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from agentiq_core.domain.chats import Priority
from agentiq_core.domain.errors import Misconfigured
from agentiq_core.language.concepts import FAMILIES
from agentiq_core.language.lemmas import known_grammemes, lemmas
from agentiq_core.language.phrases import PhraseBook, phrase
from agentiq_core.language.reading import read
from agentiq_core.sla.patterns import compiled, searched

Phrases = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class SlaRule:
    """A trigger and the time it allows. Rules are tried in order of `position`; the strictest match counts.

    `phrases` are words in the notation of `language.phrases` (a seller's plain word stands for all its forms);
    `pattern` is a regular expression, see `patterns`. A rule with neither matches everything.
    """

    name: str
    phrases: Phrases
    pattern: str | None
    priority: Priority
    minutes: int
    position: int
    channels: frozenset[str] | None = None
    """The channels it is for; None: every one."""
    most_stars: int | None = None
    """Only for a review with at most so many stars."""

    def __post_init__(self) -> None:
        if self.minutes <= 0:
            raise ValueError(f"the rule {self.name!r} needs a positive number of minutes")
        if self.pattern is not None:
            compiled(self.pattern)


def matched(rule: SlaRule, text: str) -> tuple[str, ...] | None:
    """The words of a message that set off a rule, in the buyer's spelling; None when it does not match."""
    if not rule.phrases and rule.pattern is None:
        return ()
    if rule.phrases:
        reading = read(text)
        found = _book(rule.phrases).first(reading, reported=True)
        if found is not None:
            return found.words(reading)
    if rule.pattern is not None:
        hit = searched(rule.pattern, text)
        if hit is not None:
            return (hit,)
    return None


def check_phrases(phrases: Phrases) -> None:
    """Raises `Misconfigured` for the first phrase that could not be looked for, or would never be found."""
    for written in phrases:
        try:
            parsed = phrase(tuple(_as_lemma(word) for word in written))
        except ValueError as error:
            said = " ".join(written)
            raise Misconfigured(f"not a phrase: {said!r}", phrase=said) from error
        for term in (*parsed.wanted, *parsed.banned, *parsed.banned_in_sentence, *parsed.beside):
            for key in term.keys:
                if key.startswith("@") and key[1:] not in FAMILIES:
                    known = ", ".join(sorted(FAMILIES))
                    raise Misconfigured(f"there is no family {key}", family=key, known=known)
            for form in frozenset().union(*term.forms):
                if form not in known_grammemes():
                    raise Misconfigured(f"there is no grammeme {form}", grammeme=form)


@lru_cache(maxsize=500)
def _book(phrases: Phrases) -> PhraseBook:
    return PhraseBook(tuple(_as_lemma(word) for word in phrase) for phrase in phrases)


def _as_lemma(word: str) -> str:
    """A seller writes "деньги" or "возвраты"; the dictionary form is what texts are compared by."""
    if not word.isalpha():
        return word
    return "|".join(sorted({lemma for token in lemmas(word) for lemma in token.lemmas})) or word


def _phrases(*lines: str) -> Phrases:
    return tuple(tuple(line.split()) for line in lines)


_IF_OR_WHETHER = "!ли !!если"
_ALREADY_KNOWN = "!видеть !увидеть !понять !спасибо !понятно !благодарить !понятный"
_CONTENT = "!@похвала !@спасибо"

RETURN = SlaRule(
    "возврат",
    _phrases(
        "@возврат !интерес !память !свет !надежда",
        "забрать|забирать обратно|назад",
        "@деньги обратно|назад",
        "отказаться|отказываться от",
    ),
    None,
    Priority.URGENT,
    30,
    10,
)
DEFECT = SlaRule(
    "брак",
    _phrases(
        f"@брак !свидетельство !годовщина !вступить !вступать !заключить !заключать {_IF_OR_WHETHER}",
        f"@повреждение {_IF_OR_WHETHER}",
        "битый",
        "бить[PRTS]",
    ),
    None,
    Priority.URGENT,
    30,
    20,
)
BROKEN = SlaRule(
    "сломан",
    _phrases(
        f"@поломка {_IF_OR_WHETHER}",
        "не работать|включаться|включиться|заряжаться|зарядиться|заводиться|греть|крутиться|запускаться !ли",
        "перестать|прекратить работать|включаться|заряжаться|греть|крутиться|показывать",
        "нерабочий|неисправный|неисправность",
        "выйти строй",
    ),
    None,
    Priority.URGENT,
    30,
    30,
)
WHERE = SlaRule(
    "где заказ",
    _phrases(
        "где @заказ !купить !найти !посмотреть",
        "где мой|моя|мои|мое|застрять|находиться|она|он|они|ехать|идти",
        "куда @заказ|деться|пропасть",
        "когда @приход|@доставка|@заказ|быть|ждать|ожидать|отправить|отправлять|отгрузить|получить|забрать",
        "не @приход|@доставка|получить|получать|дождаться|отправить|отгрузить|ехать",
        "нет @заказ|доставка|посылка !такой",
        "ждать|ожидать|жду @заказ|доставка|когда|долго|неделя|месяц|день",
        "долго|где-то ехать|идти|везти|ждать|доставка|@доставка",
        "задержка|задерживать|задерживаться|задержать|задержаться|опаздывать|просрочить",
        "потерять|потеряться|пропасть|застрять|зависнуть @заказ|путь|дорога|склад|сортировка",
        "сколько ждать|ехать|идти|везти",
        "почему долго",
        "не отследить|отслеживать",
    ),
    None,
    Priority.HIGH,
    120,
    40,
)
STATUS = SlaRule(
    "статус",
    _phrases(f"@статус {_ALREADY_KNOWN} {_CONTENT}"),
    None,
    Priority.HIGH,
    120,
    50,
)
DELIVERY = SlaRule(
    "доставка",
    _phrases(
        f"доставка|курьер {_CONTENT} {_ALREADY_KNOWN}",
        f"@доставка[futr,pres,INFN] {_CONTENT}",
    ),
    None,
    Priority.HIGH,
    120,
    60,
)
_CHATS = frozenset({"chat"})
LOW_RATING = SlaRule(
    "низкая оценка", (), None, Priority.HIGH, 8 * 60, 900, frozenset({"review"}), most_stars=3
)
QUESTION = SlaRule("вопрос о товаре", (), None, Priority.NORMAL, 12 * 60, 910, frozenset({"question"}))
CLAIM = SlaRule("заявка на возврат", (), None, Priority.HIGH, 24 * 60, 920, frozenset({"claim"}))
ANYTHING = SlaRule("остальное", (), None, Priority.NORMAL, 24 * 60, 1_000)

DEFAULT_RULES: tuple[SlaRule, ...] = (
    *(replace(rule, channels=_CHATS) for rule in (RETURN, DEFECT, BROKEN, WHERE, STATUS, DELIVERY)),
    LOW_RATING,
    QUESTION,
    CLAIM,
    ANYTHING,
)
"""What a seller starts with. Chats: 30 minutes, 2 hours, 24 hours. In public a complaint is told by its stars: at most three
of them want an answer the same working day; a buyer who asks about a good decides within half a day."""


def in_order(rules: Iterable[SlaRule]) -> tuple[SlaRule, ...]:
    """Rules as they are tried: by position, then by name."""
    return tuple(sorted(rules, key=lambda rule: (rule.position, rule.name)))


def matches_everything(rule: SlaRule) -> bool:
    """Whether no message of any channel is left out by this rule."""
    return not rule.phrases and rule.pattern is None and rule.channels is None and rule.most_stars is None


def applicable(rules: Iterable[SlaRule], channel: str, stars: int | None) -> tuple[SlaRule, ...]:
    """The rules for a conversation of this channel with so many stars (None: it has none)."""
    return tuple(
        rule
        for rule in rules
        if (rule.channels is None or channel in rule.channels)
        and (rule.most_stars is None or (stars is not None and stars <= rule.most_stars))
    )

"""What a model never sees: phones, cards, passports, e-mails and addresses, behind placeholders that lead back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from unicodedata import decimal

from agentiq_core.guardrails.contacts import PATTERNS
from agentiq_core.guardrails.phones import phones
from agentiq_core.language.reading import Reading, read

LONGEST = 6_000
"""Characters of one text that are looked at; the rest is cut off, for what is not looked at may hold anything."""


class Secret(StrEnum):
    """Kinds of personal data, by the word that stands in their placeholders."""

    PHONE = "телефон"
    CARD = "карта"
    PASSPORT = "паспорт"
    DOCUMENT = "документ"
    EMAIL = "почта"
    NICKNAME = "ник"
    ADDRESS = "адрес"


_KINDS = "|".join(Secret)
_PLACEHOLDER = re.compile(rf"\[({_KINDS}) (\d{{1,4}})\]")
_LIKE_ONE = re.compile(
    rf"[\[(<{{«【]\s*(?:{_KINDS})\w{{0,4}}\s*(?:№\s*)?\d{{1,4}}\s*[\])>}}»】]", re.IGNORECASE
)
_PHONE = 10
"""Last digits of a number, by which it is the same with its country's code or without."""
_MOBILE = re.compile(r"(?<!\d)\+?[78]9\d{9}(?!\d)")
_ABROAD = re.compile(r"(?<![\d+])\+\s?[1-9](?:[\s().-]{0,2}\d){9,13}(?!\d)")
_PASSES = 12
"""Numbers side by side that are told apart; behind them whatever is long enough is one."""
_MANY_DIGITS = re.compile(r"\d[\d\s().+-]{8,}\d")
_FILLER = "\N{MEDIUM SHADE}"

_CARD = re.compile(
    r"(?<![\d-])(?:\d{4}[ .\-]?){3}\d{4}(?:[ .\-]?\d{3})?(?![\d-])|(?<!\d)3[47]\d{2} ?\d{6} ?\d{5}(?!\d)"
)
_PASSPORT = re.compile(
    r"(?:паспорт|сери[яию]|выдан)\D{0,40}?(\d{2}\s?\d{2}\D{0,12}\d{6})(?!\d)|(?<!\d)(\d{2} \d{2} ?\d{6})(?!\d)"
)
_DOCUMENT = re.compile(
    r"(?:инн|снилс|полис\w*|удостоверени\w*)\D{0,15}?(\d[\d -]{8,14}\d)(?!\d)|(?<!\d)(\d{3}-\d{3}-\d{3} ?\d{2})(?!\d)"
    r"|(?<!\d)(\d{5}(?: ?\d{5}){3})(?!\d)|(?:дат\w{1,2} рождения|родил\w{1,3}|г\.?\s?р\.?)\W{1,3}(\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2}))(?!\d)"
)
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}\s{0,2}@\s{0,2}[\w-]{1,63}(?:\.[\w-]{1,63}){0,3}\.[a-zа-я]{2,24}"
    r"|(?<![\w.+-])[\w.+-]{1,64}\s{0,2}@{1,3}\s{0,2}[\w-]{1,63}[\s.]{1,3}(?:ru|com|net|org|рф|ру|ком)(?!\w)"
    r"|(?<![\w.+-])[\w.+-]{1,64}\s{0,2}[\[({<]\s?(?:at|эт|ат|соба\w{1,4})\s?[\])}>]\s{0,2}[\w-]{1,63}(?:[\s.,\[\](){}]{1,4}\w{2,24}){0,2}"
)
_NICKNAME = re.compile(
    r"(?<![\w@.])@\s?[a-z][\w.]{2,31}"
    r"|(?<!\w)((?:t|wa|vk|ok|viber|telegram|instagram|facebook|whatsapp)\.(?:me|com|ru|click|org)/[^\s,;)]{2,80})"
    r"|(?<!\w)(?:ник\w{0,3}|тг|телег\w{0,2}|телеграм\w{0,3}|инст\w{0,8}|вк|ватсап\w{0,2}|вайбер\w{0,2}|skype|скайп\w{0,2}|telegram|instagram)"
    r"(?:\s(?:в|мой|ник|тг|вк|телеге|инсте)){0,2}[\s:—-]{1,3}(?=[\w.]*[._\d])([a-z][\w.]{3,31})"
)

_STREET = (
    r"(?:ул(?:ица|ице|ицы|ицу|ицей)?|пр-?(?:кт|т)|просп(?:ект\w{0,3})?|пр|пер(?:еул\w{0,4})?|ш(?:оссе)?|наб(?:ережн\w{1,3})?|"
    r"б-р|бульв\w{0,5}|пл(?:ощад\w{1,3})?|проезд\w{0,2}|пр-д|мкр|микрорайон\w{0,2}|тупик\w{0,2}|алле[яюеи]|тракт\w{0,2}|кв-л|квартал\w{0,2})"
)
_NAME = r"(?:\d{1,3}(?:-?(?:го|я|й|ой|ая|ый))?\s[а-я-]{3,30}|[а-я][а-я-]{1,30})"
_HOUSE = r"\d{1,4}[а-я]?(?:\s?[/-]\s?\d{1,4}[а-я]?)?(?![\wа-я])"
_IN_HOUSE = (
    r"(?:[\s,]{0,3}(?:к(?:орп(?:ус\w{0,2})?)?|стр(?:оен\w{1,3})?|литер\w?|кв(?:артир\w{1,2})?|под(?:ъезд\w?)?|эт(?:аж\w?)?|"
    r"оф(?:ис\w?)?|домофон|код|д(?:ом\w{0,2})?)[\s.:№]{0,3}\d{1,5}[а-я]?(?!\w)){0,6}"
)
_BEFORE = (
    r"(?:(?<!\d)\d{6}[\s,]{1,3})?(?:[а-я-]{3,25}\s(?:обл(?:асть|асти)?|край|кра[яе]|р-н|район)[\s.,]{1,3}){0,2}"
    r"(?:(?<!\w)(?:г(?:ород\w{0,2})?|пос(?:ел\w{2,3})?|с(?:ело)?|дер(?:евня)?|пгт|ст-ца)[\s.]{1,2}[а-я-]{2,25}[\s,]{1,3})?"
)
_ADDRESSES = (
    re.compile(
        rf"{_BEFORE}(?<!\w){_STREET}[\s.]{{1,3}}{_NAME}(?:\s[а-я][а-я-]{{1,25}}){{0,2}}[\s,]{{1,3}}(?:д(?:ом\w{{0,2}})?[\s.]{{0,2}})?{_HOUSE}{_IN_HOUSE}"
    ),
    re.compile(
        rf"{_BEFORE}(?<!\w)[а-я][а-я-]{{2,30}}\s{_STREET}[\s.,]{{1,3}}(?:д(?:ом\w{{0,2}})?[\s.]{{0,2}})?{_HOUSE}{_IN_HOUSE}"
    ),
    re.compile(
        rf"{_BEFORE}(?<!\w)[а-я][а-я-]{{2,30}}[\s,]{{1,3}}(?:д(?:ом\w{{0,2}})?[\s.]{{0,2}})?{_HOUSE}[\s,]{{0,3}}кв(?:артир\w{{1,2}})?[\s.№]{{0,3}}\d{{1,4}}(?!\w)"
    ),
    re.compile(
        rf"(?<!\w)адрес\w{{0,3}}(?:\s[а-я]{{4,12}}(?=:)){{0,2}}[\s:—-]{{1,4}}((?:[а-я.-]{{1,25}}[\s,]{{1,3}}){{1,6}}{_HOUSE}{_IN_HOUSE})"
    ),
    re.compile(
        r"(?<!\w)(?:жив(?:у|ем)|(?:до|при)(?:ставьте|везите|ставить|везти))\s(?:мне\s)?(?:на|по)\s([а-я-]{4,30}[\s,]{1,2}\d{1,3}\s?[/-]\s?\d{1,4})(?!\w)"
    ),
    re.compile(rf"(?<!\d)\d{{6}}[\s,]{{1,3}}(?:[а-я.-]{{1,25}}[\s,]{{1,3}}){{1,6}}{_HOUSE}{_IN_HOUSE}"),
)
_DISGUISED_MAIL = PATTERNS[0]


class Masks:
    """The placeholders of one conversation: the same value has the same one in every text of it."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._named: dict[tuple[Secret, str], str] = {}
        self._counted: dict[Secret, int] = {}

    def __len__(self) -> int:
        return len(self._values)

    def mask(self, text: str) -> str:
        """The text with every secret behind its placeholder. What a person wrote to look like one is no more."""
        shown = _LIKE_ONE.sub(lambda match: match[0][1:-1].strip(), _plain_digits(text[:LONGEST]))
        parts, at = [], 0
        for start, end, kind in sorted(_found(shown)):
            parts += [shown[at:start], self._placeholder(kind, shown[start:end])]
            at = end
        return "".join([*parts, shown[at:]])

    def unmask(self, text: str) -> str:
        """The text with the values back. For the operator's eyes only: never for a reply, a log or a model."""
        return _PLACEHOLDER.sub(lambda match: self._values.get(match[0], match[0]), text)

    def _placeholder(self, kind: Secret, value: str) -> str:
        plain = "".join(char for char in value.lower() if char.isalnum())
        key = (kind, plain[-_PHONE:] if kind is Secret.PHONE and plain.isdigit() else plain)
        if key not in self._named:
            self._counted[kind] = self._counted.get(kind, 0) + 1
            self._named[key] = f"[{kind} {self._counted[kind]}]"
            self._values[self._named[key]] = value
        return self._named[key]


def _plain_digits(text: str) -> str:
    """The text with the digits of every script as ours."""
    if text.isascii():
        return text
    return "".join(str(decimal(char)) if char.isdecimal() and not char.isascii() else char for char in text)


def placeholders(text: str) -> tuple[tuple[int, int], ...]:
    """Where a text speaks in placeholders, or in something a model made of one: no buyer may read that."""
    return tuple(match.span() for match in _LIKE_ONE.finditer(text))


def _found(text: str) -> list[tuple[int, int, Secret]]:
    """Spans that do not overlap; of two that would, the one that was looked for first."""
    taken: list[tuple[int, int, Secret]] = []
    rest = text
    for kind in (
        Secret.EMAIL,
        Secret.NICKNAME,
        Secret.CARD,
        Secret.DOCUMENT,
        Secret.PASSPORT,
        Secret.PHONE,
        Secret.ADDRESS,
    ):
        # of numbers that stand side by side one is found at a time
        for turn in range(_PASSES + 1):
            left = _MANY_DIGITS.finditer(rest) if turn == _PASSES and kind is Secret.PHONE else None
            spans = [match.span() for match in left] if left else list(_spans(read(rest), kind))
            if not spans:
                break
            for start, end in spans:
                if end > start and _FILLER not in rest[start:end]:
                    taken.append((start, end, kind))
                rest = rest[:start] + _FILLER * (end - start) + rest[end:]
    return taken


def _spans(reading: Reading, kind: Secret) -> Iterator[tuple[int, int]]:
    match kind:
        case Secret.PHONE:
            yield from phones(reading)
            # the guardrails let such a number pass behind "заказ": here it costs nothing to be careful
            yield from _matches(reading, _MOBILE)
            yield from _matches(reading, _ABROAD)
        case Secret.CARD:
            yield from _matches(reading, _CARD)
        case Secret.PASSPORT:
            yield from _matches(reading, _PASSPORT)
        case Secret.DOCUMENT:
            yield from _matches(reading, _DOCUMENT)
        case Secret.EMAIL:
            yield from _matches(reading, _EMAIL)
            if _DISGUISED_MAIL[1].search(reading.normal.text):
                yield from _matches(reading, _DISGUISED_MAIL[2])
        case Secret.NICKNAME:
            yield from _matches(reading, _NICKNAME)
        case Secret.ADDRESS:
            for pattern in _ADDRESSES:
                yield from _matches(reading, pattern)


def _matches(reading: Reading, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Spans in the original: of the group that matched, where a pattern has any."""
    for match in pattern.finditer(reading.normal.text):
        group = match.lastindex or 0
        start, end = reading.normal.span(*match.span(group))
        if end > start:
            yield start, end

"""Facts in a reply: numbers, sizes, materials, days and terms, and whether anything known supports them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from decimal import Decimal

from agentiq_core.language.concepts import word_set
from agentiq_core.language.numerals import NUMERALS
from agentiq_core.language.reading import Reading


def _pairs(table: str) -> dict[str, str]:
    """A table written as `word:other` pairs."""
    return dict(pair.split(":") for pair in table.split())


_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SIZE = re.compile(r"(?<![\w'-])(?:xs|s|m|l|xl|xxl|xxxl|[2-6]xl|one\s?size)(?![\w'-])")
_MATERIALS = word_set(
    "хлопок хлопковый полиэстер вискоза шерсть шерстяной кашемир лен льняной шелк шелковый акрил нейлон эластан лайкра "
    "кожа кожаный экокожа замша замшевый мех меховой трикотаж флис бамбук бамбуковый пластик пластиковый силикон "
    "силиконовый резина резиновый металл металлический сталь стальной алюминий алюминиевый латунь медь медный серебро "
    "серебряный золото золотой стекло стеклянный керамика керамический фарфор фарфоровый дерево деревянный дуб береза "
    "сосна мдф дсп фанера картон полипропилен полиуретан пвх латекс спандекс сатин бязь поплин велюр бархат джинс "
    "деним титан чугун чугунный мрамор гранит нержавейка нержавеющий абс поликарбонат"
)
_SAME_MATERIAL = _pairs(
    """хлопковый:хлопок шерстяной:шерсть льняной:лен шелковый:шелк кожаный:кожа замшевый:замша меховой:мех
    бамбуковый:бамбук пластиковый:пластик силиконовый:силикон резиновый:резина металлический:металл
    стальной:сталь алюминиевый:алюминий медный:медь серебряный:серебро золотой:золото стеклянный:стекло
    керамический:керамика фарфоровый:фарфор деревянный:дерево чугунный:чугун нержавеющий:нержавейка"""
)
_DAYS = word_set(
    "завтра послезавтра сегодня понедельник вторник среда четверг пятница суббота воскресенье январь февраль март "
    "апрель май июнь июль август сентябрь октябрь ноябрь декабрь"
)
_TERMS = word_set("неделя месяц год час сутки полгода квартал полмесяца минута полчаса день")
_SPELLED = {
    **{word: digits for word, digits in NUMERALS.items() if digits not in ("0", "1")},
    "тысяча": "1000",
    "полтора": "1.5",
}
_ORDINALS = _pairs(
    """первый:1 второй:2 третий:3 четвертый:4 пятый:5 шестой:6 седьмой:7 восьмой:8 девятый:9 десятый:10
    двадцатый:20 тридцатый:30 сороковой:40 пятидесятый:50"""
)
_UNITS: tuple[tuple[tuple[str, int], ...], ...] = (
    ((r"мин\w*", 1), (r"ч(?:ас\w*)?", 60)),
    ((r"мл|миллилитр\w*", 1), (r"л(?:итр\w*)?", 1000)),
    ((r"г(?:р|рамм\w*)?", 1), (r"кг|килограмм\w*", 1000)),
    ((r"мм|миллиметр\w*", 1), (r"см|сантиметр\w*", 10), (r"м(?:етр\w*)?", 1000)),
)
"""Units of one kind and how many of the smallest each is."""
_MEASURE = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(?:"
    + "|".join(
        f"(?P<u{kind}_{at}>{unit})" for kind, units in enumerate(_UNITS) for at, (unit, _) in enumerate(units)
    )
    + r")(?!\w)"
)
_WITHIN = word_set("в за через течение около до спустя целый весь ровно гарантия срок минимум")
_GREETED = word_set("добрый хороший приятный удачный отличный прекрасный")
_ADDED = _SPELLED.keys() | _ORDINALS.keys() | {"один"}
_LIST_MARK = re.compile(r"(?:^|\n)\s*\d[.)]\s")


def facts_in(reading: Reading) -> Iterator[tuple[int, int, str, frozenset[str]]]:
    """Each fact: its span in the original, its kind in Russian, and the keys any of which supports it."""
    marks = [match.span() for match in _LIST_MARK.finditer(reading.text)]
    for match in _NUMBER.finditer(reading.normal.text):
        start, end = reading.normal.span(match.start(), match.end())
        if not any(begin <= start < stop for begin, stop in marks):
            yield start, end, "число", frozenset({_plain_number(match[0])})
    for match in _SIZE.finditer(reading.normal.text):
        start, end = reading.normal.span(match.start(), match.end())
        yield start, end, "размер", frozenset({match[0].replace(" ", "")})
    counted: set[int] = set()
    for index, token in enumerate(reading.tokens):
        if token.lemmas & _MATERIALS:
            yield token.start, token.end, "материал", _materials(token.lemmas & _MATERIALS)
        elif token.lemmas & _DAYS and not (
            {"май", "среда"} & token.lemmas and token.part not in ("NOUN", None)
        ):
            yield token.start, token.end, "день или месяц", token.lemmas & _DAYS
        elif index not in counted and token.lemmas & _SPELLED.keys() and token.part in ("NUMR", "NOUN"):
            total, last = _spelled_out(reading, index)
            counted.update(range(index, last + 1))
            yield token.start, reading.tokens[last].end, "число", frozenset({total, *token.lemmas})
        elif token.lemmas & _TERMS and _is_term(reading, index):
            yield token.start, token.end, "срок", token.lemmas & _TERMS


def keys_of(reading: Reading) -> frozenset[str]:
    """What a known text supports: its lemmas, numbers and sizes."""
    numbers = {_plain_number(match[0]) for match in _NUMBER.finditer(reading.normal.text)}
    sizes = {match[0].replace(" ", "") for match in _SIZE.finditer(reading.normal.text)}
    words = {lemma for token in reading.tokens for lemma in token.lemmas}
    spelled = {
        _spelled_out(reading, index)[0]
        for index, token in enumerate(reading.tokens)
        if token.lemmas & _SPELLED.keys()
    }
    return frozenset(
        numbers
        | sizes
        | words
        | _materials(words & _MATERIALS)
        | spelled
        | {_SPELLED[word] for word in words if word in _SPELLED}
        | set(_in_other_units(reading.normal.text))
    )


def _materials(words: Set[str]) -> frozenset[str]:
    """Nouns and adjectives of the same material are the same fact."""
    return frozenset(words) | {_SAME_MATERIAL[word] for word in words if word in _SAME_MATERIAL}


def _spelled_out(reading: Reading, index: int) -> tuple[str, int]:
    """A number in words, and the index of its last one: "сорок шестой" is 46."""
    first = min(lemma for lemma in reading.tokens[index].lemmas if lemma in _SPELLED)
    total = _SPELLED[first]
    last = index
    while total.isdigit() and last + 1 < len(reading.tokens):
        following = reading.tokens[last + 1].lemmas
        digits = next(
            ({**_SPELLED, **_ORDINALS, "один": "1"}[lemma] for lemma in sorted(following) if lemma in _ADDED),
            "",
        )
        zeros = len(total) - len(total.rstrip("0"))
        if not digits.isdigit() or not 0 < len(digits) <= zeros:
            break
        total = str(int(total) + int(digits))
        last += 1
    return total, last


def _in_other_units(text: str) -> Iterator[str]:
    """The same measure in other units: 1.5 л is 1500 мл, 120 минут are 2 часа."""
    for match in _MEASURE.finditer(text):
        name = next(name for name, found in match.groupdict().items() if found)
        kind, at = map(int, name[1:].split("_"))
        smallest = Decimal(match[1].replace(",", ".")) * _UNITS[kind][at][1]
        for _, size in _UNITS[kind]:
            yield _plain_number(f"{(smallest / size).normalize():f}")
        if kind == 0:
            yield from ("минута", "час")


def _plain_number(number: str) -> str:
    plain = number.replace(",", ".")
    return plain.rstrip("0").rstrip(".") if plain.count(".") == 1 else plain


def _is_term(reading: Reading, index: int) -> bool:
    before = reading.tokens[max(0, index - 3) : index]
    if any(token.lemmas & _GREETED for token in before[-1:]):
        return False
    return any(token.lemmas & _WITHIN for token in before)

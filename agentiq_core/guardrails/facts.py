"""Facts in a reply: numbers, sizes, materials, days and terms, and whether anything known supports them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentiq_core.language.concepts import word_set
from agentiq_core.language.numerals import NUMERALS
from agentiq_core.language.reading import Reading

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
_WITHIN = word_set("в за через течение около до спустя целый весь ровно гарантия срок минимум")
_GREETED = word_set("добрый хороший приятный удачный отличный прекрасный")
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
    for index, token in enumerate(reading.tokens):
        if token.lemmas & _MATERIALS:
            yield token.start, token.end, "материал", token.lemmas & _MATERIALS
        elif token.lemmas & _DAYS and not (
            {"май", "среда"} & token.lemmas and token.part not in ("NOUN", None)
        ):
            yield token.start, token.end, "день или месяц", token.lemmas & _DAYS
        elif token.lemmas & _SPELLED.keys() and token.part in ("NUMR", "NOUN"):
            yield (
                token.start,
                token.end,
                "число",
                frozenset(_SPELLED.get(lemma, lemma) for lemma in token.lemmas),
            )
        elif token.lemmas & _TERMS and _is_term(reading, index):
            yield token.start, token.end, "срок", token.lemmas & _TERMS


def keys_of(reading: Reading) -> frozenset[str]:
    """What a known text supports: its lemmas, numbers and sizes."""
    numbers = {_plain_number(match[0]) for match in _NUMBER.finditer(reading.normal.text)}
    sizes = {match[0].replace(" ", "") for match in _SIZE.finditer(reading.normal.text)}
    words = {lemma for token in reading.tokens for lemma in token.lemmas}
    return frozenset(numbers | sizes | words | {_SPELLED[word] for word in words if word in _SPELLED})


def _plain_number(number: str) -> str:
    plain = number.replace(",", ".")
    return plain.rstrip("0").rstrip(".") if plain.count(".") == 1 else plain


def _is_term(reading: Reading, index: int) -> bool:
    before = reading.tokens[max(0, index - 3) : index]
    if any(token.lemmas & _GREETED for token in before[-1:]):
        return False
    return any(token.lemmas & _WITHIN for token in before)

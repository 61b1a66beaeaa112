"""Phone numbers in any disguise: digits, digits pulled apart, words, letters for digits.

Articles, orders, prices, dates and rows of sizes are numbers too and pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agentiq_core.language.concepts import word_set
from agentiq_core.language.numerals import NUMERALS
from agentiq_core.language.reading import Reading

_NUMBERISH = re.compile(r"[\dоoзzлlбb|i]*\d[\dоoзzлlбb|i]*")
_LETTERS_FOR_DIGITS = re.compile(r"[оoзzi|]{2,4}")
_LETTER_DIGITS = str.maketrans("оoзzлlбbi|", "0033116611")
_GAP = re.compile(r"[\s\-–—‑.()_/*+•·\ufe0f\u20e3]*")
_NAMES_A_NUMBER = word_set(
    "заказ артикул арт код трек трек-номер трекинг штрихкод штрих-код баркод инн огрн нм nm nmid sku id номенклатура "
    "отправление накладная чек заявка обращение договор модель серия партия no стикер сборочный задание"
)
_NAMES_A_PHONE = word_set(
    "телефон тел звонить позвонить набрать сотовый мобильный whatsapp вотсап viber сот моб связь"
)
_BEFORE = 4
_MOBILE, _LOCAL = 11, 10


@dataclass(frozen=True, slots=True)
class _Number:
    digits: str
    start: int
    end: int
    index: int


def phones(reading: Reading) -> Iterator[tuple[int, int]]:
    """Where phone numbers stand in the original text."""
    for run in _runs(reading):
        found = _phone_in(reading, run)
        if found is not None:
            yield found


def _runs(reading: Reading) -> Iterator[list[_Number]]:
    run: list[_Number] = []
    for index, token in enumerate(reading.tokens):
        for number in _numbers(reading, index, bool(run)):
            between = reading.text[run[-1].end : number.start] if run else ""
            if (
                run
                and between == ", "
                and token.plain.isalpha()
                and reading.tokens[run[-1].index].plain.isalpha()
            ):
                run.append(number)
                continue
            if run and not _GAP.fullmatch(reading.text[run[-1].end : number.start]):
                yield run
                run = []
            run.append(number)
        if run and run[-1].index != index and token.plain != "плюс":
            yield run
            run = []
    if run:
        yield run


def _numbers(reading: Reading, index: int, follows: bool) -> Iterator[_Number]:
    token = reading.tokens[index]
    if follows and _LETTERS_FOR_DIGITS.fullmatch(token.plain):
        yield _Number(token.plain.translate(_LETTER_DIGITS), token.start, token.end, index)
        return
    if token.plain.isalpha():
        spoken = min(token.lemmas & NUMERALS.keys(), default=None)
        if spoken is not None:
            yield _Number(NUMERALS[spoken], token.start, token.end, index)
        return
    pieces = token.plain.replace("‑", "-").split("-")
    if any(_NUMBERISH.fullmatch(piece) for piece in pieces) and all(
        _NUMBERISH.fullmatch(piece) or piece in NUMERALS or _LETTERS_FOR_DIGITS.fullmatch(piece)
        for piece in pieces
    ):
        digits = "".join(NUMERALS.get(piece) or piece.translate(_LETTER_DIGITS) for piece in pieces)
        yield _Number(digits, token.start, token.end, index)


def _phone_in(reading: Reading, run: Sequence[_Number]) -> tuple[int, int] | None:
    groups = list(_spoken(reading, run))
    plus = reading.text[max(0, run[0].start - 2) : run[0].start].strip().endswith("+")
    for first in range(len(groups)):
        digits = ""
        for last in range(first, len(groups)):
            digits += groups[last].digits
            if len(digits) > 12:
                break
            taken = groups[first : last + 1]
            if _is_phone(reading, digits, taken, plus and first == 0, whole=len(taken) == len(groups)):
                return groups[first].start, groups[last].end
    return None


def _spoken(reading: Reading, run: Sequence[_Number]) -> Iterator[_Number]:
    """Numbers in words put together: "сто двадцать три" is 123, "девятьсот 16" is 916."""
    held: _Number | None = None
    for number in run:
        word = reading.tokens[number.index].plain[0].isalpha()
        if held is not None:
            zeros = len(held.digits) - len(held.digits.rstrip("0"))
            if held.digits != "0" and 0 < len(number.digits) <= zeros and number.digits != "0":
                held = _Number(
                    held.digits[: -len(number.digits)] + number.digits, held.start, number.end, number.index
                )
                continue
            yield held
            held = None
        if word:
            held = number
        else:
            yield number
    if held is not None:
        yield held


def _is_phone(reading: Reading, digits: str, groups: Sequence[_Number], plus: bool, whole: bool) -> bool:
    said = _before(reading, groups[0].index)
    if len(digits) == _MOBILE:
        fits = digits[0] in "78" and digits[1] in "3489"
    elif len(digits) == _LOCAL:
        fits = digits[0] == "9" and (whole or len(groups[0].digits) == 3)
    else:
        fits = plus and len(digits) == 12
    if len(digits) in (6, 7) and said & _NAMES_A_PHONE and whole:
        return True
    if not fits or (_is_row_of_sizes(groups) and not plus):
        return False
    return plus or bool(said & _NAMES_A_PHONE) or not (len(groups) == 1 and said & _NAMES_A_NUMBER)


def _is_row_of_sizes(groups: Sequence[_Number]) -> bool:
    values = [int(group.digits) for group in groups]
    return len(values) > 3 and all(a < b < 1_000 for a, b in pairwise(values))


def _before(reading: Reading, index: int) -> frozenset[str]:
    return frozenset().union(*(token.lemmas for token in reading.tokens[max(0, index - _BEFORE) : index]))

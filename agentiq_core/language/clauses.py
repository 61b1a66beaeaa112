"""Sentences and clauses of a text, by punctuation, conjunctions and where the predicates stand.

A run of words without a predicate belongs to its neighbour: "вернём вам, конечно же, все деньги" is one clause,
"всё пришло, но сломано" are two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agentiq_core.language.concepts import word_set
from agentiq_core.language.lemmas import Token

_SENTENCE = re.compile(r"\n|[!?…]|[.;](?:\s|$)|\)\s+(?=\S)")
_ABBREVIATED = word_set("тех ул г д кв т руб шт см стр корп гр мин")
_FRAGMENT = re.compile(r"[,:()—–]|\s-\s")
_PREDICATE = frozenset({"VERB", "PRTS", "ADJS", "PRED"})
_OPENERS = word_set(
    "но а однако зато что чтобы если когда хотя потому поэтому ибо пока то где как почему который которая "
    "которое которые которую который которого"
)
_JOINERS = frozenset({"и", "или", "либо", "да"})
_NO_PREDICATE = frozenset({"здравствуйте", "пожалуйста", "извините", "простите", "есть"})
_CONJUNCTION_LIKE = frozenset({"что", "как", "где", "когда", "почему", "то"})


@dataclass(frozen=True, slots=True)
class Clause:
    """Tokens `start` to `end` (exclusive); `opener` is the conjunction it begins with, if it does."""

    start: int
    end: int
    sentence: int
    opener: str | None
    asked: bool
    """Its sentence ends with a question mark."""


def clauses_of(text: str, tokens: Sequence[Token]) -> tuple[Clause, ...]:
    """The clauses of a text in order; together they cover every token once."""
    found: list[Clause] = []
    for sentence, (begin, end, tail) in enumerate(_sentences(text, tokens)):
        found.extend(_merged(text, tokens, begin, end, sentence, "?" in tail))
    return tuple(found)


def _sentences(text: str, tokens: Sequence[Token]) -> list[tuple[int, int, str]]:
    spans = []
    begin = 0
    for index in range(len(tokens)):
        after = tokens[index + 1].start if index + 1 < len(tokens) else len(text)
        gap = text[tokens[index].end : after]
        shortened = gap == ". " and tokens[index].plain in _ABBREVIATED and text[after : after + 1].islower()
        if index + 1 == len(tokens) or (gap != " " and not shortened and _SENTENCE.search(gap)):
            spans.append((begin, index + 1, gap))
            begin = index + 1
    return spans


def _merged(
    text: str, tokens: Sequence[Token], begin: int, end: int, sentence: int, asked: bool
) -> list[Clause]:
    fragments = _fragments(text, tokens, begin, end)
    merged: list[list[int]] = []
    complete: list[bool] = []
    for start, stop in fragments:
        has_predicate = any(_is_predicate(token) for token in tokens[start:stop])
        opens = tokens[start].plain in _OPENERS and (
            has_predicate or tokens[start].plain in ("но", "а", "зато")
        )
        if merged and not opens and not (has_predicate and complete[-1]):
            merged[-1][1] = stop
            complete[-1] = complete[-1] or has_predicate
        else:
            merged.append([start, stop])
            complete.append(has_predicate)
    return [
        Clause(start, stop, sentence, tokens[start].plain if tokens[start].plain in _OPENERS else None, asked)
        for start, stop in merged
    ]


def _fragments(text: str, tokens: Sequence[Token], begin: int, end: int) -> list[tuple[int, int]]:
    cuts = [begin]
    for index in range(begin + 1, end):
        plain = tokens[index].plain
        gap = text[tokens[index - 1].end : tokens[index].start]
        if (
            (gap != " " and _FRAGMENT.search(gap))
            or plain in _JOINERS
            or (plain in _OPENERS and plain not in _CONJUNCTION_LIKE)
            or (plain == "что" and tokens[index - 1].part == "VERB")
        ):
            cuts.append(index)
    return list(zip(cuts, [*cuts[1:], end], strict=True))


def _is_predicate(token: Token) -> bool:
    return token.part in _PREDICATE and token.plain not in _NO_PREDICATE

"""Words as a search index keeps them, as a question asks for them, and where they stand in a text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from agentiq_core.domain.layouts import TO_CYRILLIC, TO_LATIN
from agentiq_core.language.lemmas import Token, lemmas
from agentiq_core.language.normalize import normalize

LONGEST_TEXT: Final = 20_000
"""Characters of a message that are indexed: what is longer is hostile or pasted by accident."""
LONGEST_WORD: Final = 60
MOST_TERMS: Final = 12
_SHORTEST_BEGINNING: Final = 2
_LITTLE: Final = frozenset({"PREP", "CONJ", "PRCL"})
_LONGEST_LITTLE: Final = 3
_FAR_FROM: Final = 8
"""From this length on two slips of the finger are forgiven, below it one."""
_TO_CYRILLIC: Final = str.maketrans(dict(TO_CYRILLIC))
_TO_LATIN: Final = str.maketrans(dict(TO_LATIN))


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a question: any of `words` will do, or a word that begins with `beginning`."""

    spelling: str
    words: frozenset[str]
    beginning: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for: every term, and every phrase as it was written between quotation marks."""

    terms: tuple[Term, ...]
    phrases: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)


def index_words(text: str) -> frozenset[str]:
    """The words of a text in every form that a question may ask for."""
    found: set[str] = set()
    for token in lemmas(text[:LONGEST_TEXT]):
        if not _is_little(token):
            found |= _words(token)
    return frozenset(found)


def question(text: str) -> Question:
    """Read what a person typed. Its last word may be only begun, unless a space follows it."""
    plain, phrases = _quoted(text)
    tokens = [token for token in lemmas(plain) if not _is_little(token)][:MOST_TERMS]
    terms = []
    for token in tokens:
        begun = token is tokens[-1] and token.end == len(plain) and len(token.plain) >= _SHORTEST_BEGINNING
        terms.append(Term(token.plain, _words(token), token.plain[:LONGEST_WORD] if begun else None))
    return Question(tuple(terms), phrases)


def highlights(text: str, asked: Question) -> tuple[tuple[int, int], ...]:
    """Where the words of a question stand in a text, as spans of its characters."""
    words = frozenset().union(*(term.words for term in asked.terms)) if asked.terms else frozenset()
    beginnings = tuple(term.beginning for term in asked.terms if term.beginning)
    return tuple(
        (token.start, token.end)
        for token in lemmas(text[:LONGEST_TEXT])
        if _words(token) & words or (beginnings and token.plain.startswith(beginnings))
    )


def holds(text: str, phrases: Sequence[str]) -> bool:
    """Whether a text has all these phrases, whatever their case and spaces."""
    return all(phrase in _even(text) for phrase in phrases)


def in_other_layout(text: str) -> str:
    """What the same keys type on the other layout: "ghbdtn" is "привет"."""
    latin = sum(letter.isascii() and letter.isalpha() for letter in text)
    cyrillic = sum("а" <= letter.lower() <= "я" or letter.lower() == "ё" for letter in text)
    return text.translate(_TO_CYRILLIC if latin > cyrillic else _TO_LATIN)


def nearest(word: str, vocabulary: Iterable[str], most: int = 3) -> list[str]:
    """Words of a vocabulary that a slip of the finger turns into this one, the closest first."""
    allowed = 2 if len(word) >= _FAR_FROM else 1
    near = []
    for known in vocabulary:
        if abs(len(known) - len(word)) <= allowed and known != word:
            distance = _distance(word, known, allowed)
            if distance <= allowed:
                near.append((distance, known))
    return [known for _, known in sorted(near)[:most]]


def _quoted(text: str) -> tuple[str, tuple[str, ...]]:
    for mark in "«»“”„":
        text = text.replace(mark, '"')
    parts = text.split('"')
    if len(parts) % 2 == 0:
        # the last mark is not closed yet: no phrase, only words
        parts[-2:] = [f"{parts[-2]} {parts[-1]}"]
    phrases = tuple(even for part in parts[1::2] if (even := _even(part)))
    return " ".join(parts), phrases


def _even(text: str) -> str:
    return " ".join(normalize(text).text.split())


def _words(token: Token) -> frozenset[str]:
    return frozenset(word[:LONGEST_WORD] for word in (*token.lemmas, token.plain))


def _is_little(token: Token) -> bool:
    return token.part in _LITTLE and len(token.plain) <= _LONGEST_LITTLE


def _distance(one: str, other: str, allowed: int) -> int:
    """Letters left out, put in, exchanged or swapped with their neighbour; more than `allowed` is not counted on."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, right in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > allowed:
            return allowed + 1
    return row[-1]


def excerpt(
    text: str, spans: Sequence[tuple[int, int]], width: int = 160
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A stretch of a text around the first find, on one line, with the finds that lie in it."""
    first = spans[0][0] if spans else 0
    begin = max(0, first - width // 3)
    if begin:
        # from the beginning of a word
        space = text.find(" ", begin, first)
        begin = space + 1 if space >= 0 else begin
    end = min(len(text), begin + width)
    shown = "".join(" " if letter.isspace() else letter for letter in text[begin:end])
    before, after = "…" if begin else "", "…" if end < len(text) else ""
    moved = tuple(_shifted(spans, begin, end, len(before)))
    return f"{before}{shown}{after}", moved


def _shifted(spans: Sequence[tuple[int, int]], begin: int, end: int, by: int) -> Iterator[tuple[int, int]]:
    for start, stop in spans:
        if begin <= start and stop <= end:
            yield start - begin + by, stop - begin + by

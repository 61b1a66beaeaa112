"""One plain spelling for every disguise of a Russian text, with the way back to the characters it came from.

NFKC, lower case, ё = е, invisible characters and stray marks dropped, letters that were pulled apart joined,
look-alike letters and digits folded inside words (guardrails, "How they match").
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_NEEDS_CARE = re.compile(rf"{INVISIBLE.pattern}|[\u0300-\u036f]")
_PLAIN_RUN = re.compile(r"[\n -~А-Яа-яЁё«»—–]+(?![\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff])")
_MARK = frozenset({"Mn", "Me", "Cf"})
_LETTER = r"[^\W\d_]"
_PULLED_APART = re.compile(
    rf"(?<![^\W_]){_LETTER}(?P<gap>[ .\-_*|/·•~+]{{1,2}}){_LETTER}(?:(?P=gap){_LETTER})+(?![^\W_])"
)
_WORD = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile(r"[а-яіѕјһ]")
_FOREIGN = re.compile(r"[a-zë0346α-ωіѕј]")

_TO_CYRILLIC = str.maketrans(
    {
        **dict(zip("abcdehiklmnoprstuvwxy", "авсдениклмпоргстившху", strict=True)),
        **dict(zip("αβεηικμνορτυχω", "авеникмуортухш", strict=True)),
        "ë": "е",
        "і": "и",
        "ѕ": "с",
        "ј": "й",
    }
)
LOOKALIKES = _TO_CYRILLIC
"""A Latin or Greek letter to the Cyrillic one it looks like."""
_TO_LATIN = str.maketrans(dict(zip("авсенкмортухіѕј", "abcehkmoptyxisj", strict=True)))
_ONLY_CYRILLIC = re.compile(r"[бгджзийлпфцчшщъыьэюя]")
_ONLY_LATIN = re.compile(r"[dfgjlqvz]")
_DIGIT_INSIDE = re.compile(r"(?<=[а-я])[0346](?=[а-я])")
DIGIT_LETTERS = {"0": "о", "3": "з", "4": "ч", "6": "б"}
"""Digits that stand for a letter inside a Cyrillic word."""


@dataclass(frozen=True, slots=True)
class Normalized:
    """The plain spelling of `original`. `starts[i]` and `ends[i]` bound the original characters behind `text[i]`."""

    original: str
    text: str
    starts: tuple[int, ...] | range
    ends: tuple[int, ...] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` lies in the original; an empty range is an empty range."""
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else len(self.original)
            return at, at
        return self.starts[start], self.ends[end - 1]


def normalize(text: str) -> Normalized:
    """The plain spelling of a text. Never fails; text that needs nothing costs microseconds."""
    plain, starts, ends = _characters(text)
    plain, starts, ends = _joined(plain, starts, ends)
    return Normalized(text, _WORD.sub(_lookalikes, plain), starts, ends)


Spans = tuple[int, ...] | range


def _characters(text: str) -> tuple[str, Spans, Spans]:
    lowered = text.lower()
    if len(lowered) == len(text) and unicodedata.is_normalized("NFKC", text) and not _NEEDS_CARE.search(text):
        return lowered.replace("ё", "е"), range(len(text)), range(1, len(text) + 1)
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    start = 0
    while start < len(text):
        run = _PLAIN_RUN.match(text, start)
        if run:
            letters.append(run[0].lower().replace("ё", "е"))
            starts.extend(range(start, run.end()))
            ends.extend(range(start + 1, run.end() + 1))
            start = run.end()
            continue
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        for char in unicodedata.normalize("NFKC", text[start:end]).lower():
            if unicodedata.category(char) in _MARK or INVISIBLE.match(char):
                continue
            letters.append("е" if char == "ё" else char)
            starts.append(start)
            ends.append(end)
        start = end
    return "".join(letters), tuple(starts), tuple(ends)


def _joined(text: str, starts: Spans, ends: Spans) -> tuple[str, Spans, Spans]:
    dropped: set[int] = set()
    for match in _PULLED_APART.finditer(text):
        letters = [at for at in range(*match.span()) if text[at].isalpha()]
        if len(letters) > 3 and bool(_CYRILLIC.match(text[letters[0]])) and text[letters[1]].isascii():
            # "в w h a t s a p p": a word of one letter stands before
            letters = letters[1:]
        # four sizes in a row ("s m l") are sizes; a Latin word is longer than that
        if len(letters) > 3 or all(_CYRILLIC.match(text[at]) for at in letters):
            dropped.update(at for at in range(letters[0], match.end()) if not text[at].isalpha())
    if not dropped:
        return text, starts, ends
    kept = [at for at in range(len(text)) if at not in dropped]
    return "".join(text[at] for at in kept), tuple(starts[at] for at in kept), tuple(ends[at] for at in kept)


def _lookalikes(match: re.Match[str]) -> str:
    word = match[0]
    if not (_CYRILLIC.search(word) and _FOREIGN.search(word)):
        return word
    if _ONLY_LATIN.search(word) and not _ONLY_CYRILLIC.search(word):
        return word.translate(_TO_LATIN)
    return _DIGIT_INSIDE.sub(lambda digit: DIGIT_LETTERS[digit[0]], word.translate(_TO_CYRILLIC))

"""Words and their plausible dictionary forms (pymorphy3; dictionary data: OpenCorpora, CC BY-SA 3.0).

The dictionary takes about 0.1 s to load, so it is loaded on first use; `warm` does it ahead of time.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING

from agentiq_core.language.concepts import families_of, word_set
from agentiq_core.language.dictionary_pages import give_pages_back, read_in_place
from agentiq_core.language.misspelt import Misspelt
from agentiq_core.language.normalize import DIGIT_LETTERS, Normalized, normalize

if TYPE_CHECKING:
    import pymorphy3

PLAUSIBLE = 0.05
"""A lemma counts when its readings together have at least this probability."""
CACHED_WORDS = 50_000
"""Distinct spellings kept parsed: about 30 MB, more than a busy desk sees in a day."""

WORDS_A_VISIT = 50
"""Words after which the dictionary's pages are given back: the system maps 64 KiB for every page that is looked at."""

LONGEST_WORD = 60
"""A longer run of letters is no word; the dictionary's work grows with the square of its length."""

_WORD = re.compile(r"[^\W_]+(?:[-‑][^\W_]+)*")
_CYRILLIC = re.compile(r"[а-я]+(?:-[а-я]+)*")
_DIGIT_FIRST = re.compile(r"([0346])([а-я]{2,})")
_AFTER_DIGIT = word_set(
    "ой ый ий ая ое ые го му ти ми шт мл мм см кг гр мг мин час мес дн лет год года раз руб тыс кв квт гб тб мб"
)
_ONE_LETTER_WORDS = frozenset("вксоуиая")
_lock = threading.RLock()
_visits = count(1)


@dataclass(frozen=True, slots=True)
class Word:
    """What the dictionary says of one spelling.

    `forms` are the grammemes of the plausible readings (OpenCorpora tags), `part` the likeliest part of speech.
    """

    lemmas: frozenset[str]
    families: frozenset[str]
    forms: frozenset[str]
    part: str | None


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text. `text`, `start`, `end` are the original's; `plain` is its normal spelling."""

    text: str
    start: int
    end: int
    lemmas: frozenset[str]
    plain: str
    families: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    part: str | None = None


def lemmas(text: str) -> list[Token]:
    """The words of a text with all plausible lemmas of each; spans are those of the text as given."""
    return tokens_of(normalize(text))


def tokens_of(normal: Normalized) -> list[Token]:
    """The words of a normalised text; spans are those of its original."""
    tokens = []
    for match in _WORD.finditer(normal.text):
        begin = match.start()
        first, last = normal.span(*match.span())
        pulled_apart = last - first >= 2 * len(match[0]) - 1
        for piece in _pieces(match[0]) if pulled_apart else (match[0],):
            start, end = normal.span(begin, begin + len(piece))
            word = _word(piece)
            tokens.append(
                Token(
                    normal.original[start:end],
                    start,
                    end,
                    word.lemmas,
                    piece,
                    word.families,
                    word.forms,
                    word.part,
                )
            )
            begin += len(piece)
    return _rejoined(normal, tokens)


def _rejoined(normal: Normalized, tokens: list[Token]) -> list[Token]:
    """A word looked for that a space was put into ("верн ём") is one word again."""
    joined: list[Token] = []
    for token in tokens:
        before = joined[-1] if joined else None
        if (
            before is not None
            and normal.original[before.end : token.start] == " "
            and before.plain + token.plain in _misspelt()
            and not (_known(before.plain) and _known(token.plain))
        ):
            whole = before.plain + token.plain
            word = _word(whole)
            joined[-1] = Token(
                normal.original[before.start : token.end],
                before.start,
                token.end,
                word.lemmas,
                whole,
                word.families,
                word.forms,
                word.part,
            )
        else:
            joined.append(token)
    return joined


def is_known(plain: str) -> bool:
    """Whether the dictionary has this word, in this form, in small letters; "е" may stand for "ё"."""
    return _known(plain)


def strange_words(text: str) -> list[str]:
    """The words that no dictionary has, as they are spelt: brands, models, bad typos."""
    return [
        token.plain
        for token in lemmas(text)
        if token.plain.isalnum() and not token.plain.isdigit() and not _known(token.plain)
    ]


def known_grammemes() -> frozenset[str]:
    """The grammemes a phrase may ask for (OpenCorpora tags)."""
    return frozenset(_analyzer().TagClass.KNOWN_GRAMMEMES)


def warm() -> threading.Thread:
    """Load the dictionary in a thread, ahead of the first text; returns the started thread."""
    thread = threading.Thread(target=_misspelt, name="agentiq-dictionary", daemon=True)
    thread.start()
    return thread


@lru_cache(maxsize=1)
def _load() -> pymorphy3.MorphAnalyzer:
    import pymorphy3

    read_in_place()
    return pymorphy3.MorphAnalyzer(lang="ru")


def _analyzer() -> pymorphy3.MorphAnalyzer:
    with _lock:
        return _load()


@lru_cache(maxsize=1)
def _misspelt() -> Misspelt:
    with _lock:
        analyzer = _load()

        def lexeme(word: str) -> list[str]:
            forms = [form.word for form in analyzer.parse(word)[0].lexeme]
            # word by word, or the pages of all of them stand in memory together
            give_pages_back()
            return forms

        return Misspelt.of(lexeme)


@lru_cache(maxsize=CACHED_WORDS)
def _word(plain: str) -> Word:
    plain = plain.replace("‑", "-")
    digit = _DIGIT_FIRST.fullmatch(plain)
    if digit and digit[2] not in _AFTER_DIGIT and _known(DIGIT_LETTERS[digit[1]] + digit[2]):
        plain = DIGIT_LETTERS[digit[1]] + digit[2]
    if len(plain) <= LONGEST_WORD and plain.isalpha() and not _known(plain):
        plain = _misspelt().meant(plain) or plain
    if len(plain) > LONGEST_WORD or not _CYRILLIC.fullmatch(plain):
        names = frozenset({plain, *plain.split("-")})
        return Word(names, frozenset().union(*map(families_of, names)), frozenset(), None)
    with _lock:
        readings = _load().parse(plain)
        if next(_visits) % WORDS_A_VISIT == 0:
            give_pages_back()
    weights: defaultdict[str, float] = defaultdict(float)
    for reading in readings:
        weights[reading.normal_form] += reading.score
    likely = [reading for reading in readings if weights[reading.normal_form] >= PLAUSIBLE]
    names = frozenset(reading.normal_form.replace("ё", "е") for reading in likely) or frozenset({plain})
    if "-" in plain:
        for part in plain.split("-"):
            names |= _word(part).lemmas
    return Word(
        names,
        frozenset().union(*map(families_of, names)),
        frozenset().union(*(reading.tag.grammemes for reading in likely)),
        likely[0].tag.POS if likely else None,
    )


@lru_cache(maxsize=1_000)
def _pieces(plain: str) -> tuple[str, ...]:
    """A word, or the words that a run of pulled-apart letters was joined from ("вернемденьги")."""
    if not 8 <= len(plain) <= LONGEST_WORD or not _CYRILLIC.fullmatch(plain) or "-" in plain or _known(plain):
        return (plain,)
    if plain[0] in _ONE_LETTER_WORDS and (_known(plain[1:]) or plain[1:] in _misspelt()):
        return plain[0], plain[1:]
    return _split(plain) or (plain,)


def _split(plain: str) -> tuple[str, ...] | None:
    for cut in range(len(plain) - 3, 3, -1):
        head, tail = plain[:cut], plain[cut:]
        if _known(head):
            rest = (tail,) if _known(tail) else _split(tail) if len(tail) >= 8 else None
            if rest:
                return (head, *rest)
    return None


def _known(plain: str) -> bool:
    with _lock:
        return bool(_load().word_is_known(plain))

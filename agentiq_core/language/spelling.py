"""Words of a Russian text that the dictionary does not know: what an operator may want to look at again.

Nothing is corrected and nothing is guessed: only spans are told. What is likely right although no dictionary has it is
left alone: names and brands (a capital inside a sentence), abbreviations, words with digits or Latin letters.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from agentiq_core.language.lemmas import LONGEST_WORD, is_known

LONGEST_TEXT = 5_000
"""Characters of a text that is looked at; no marketplace takes more, and a paste by mistake is no text."""
SHORTEST_WORD = 3
_WORD = re.compile(r"[^\W_]+(?:[-‑][^\W_]+)*")
_CYRILLIC = re.compile(r"[а-яё]+")
_SENTENCE_ENDS = ".!?…\n"
_PREFIXES = (
    "авто",
    "видео",
    "фото",
    "онлайн",
    "мини",
    "микро",
    "супер",
    "экспресс",
    "кросс",
    "интернет",
    "веб",
)
_OF_THE_TRADE = re.compile(
    "(?:маркетплейс|промокод|самовывоз|кожзам|экокож|контрафакт|отпаривател|кофемашин|диммер|эластан|скриншот|скрин|"
    "маломер|большемер|внахл[её]ст|отсканир|бесщ[её]точн|шкант|телеграм|вотсап|нейросет|оверсайз|лонгслив|худи|тикет)"
    "[а-яё]{0,4}"
)
"""Words that sellers write daily and the dictionary lacks."""
_CLITICS = frozenset(["то", "ка", "таки", "де", "либо", "нибудь", "кое"])


def unknown_words(text: str, known: Collection[str] = ()) -> list[tuple[int, int]]:
    """Where the unknown words of a text are; `known` are words that stand for themselves: names, the good's title."""
    if len(text) > LONGEST_TEXT:
        return []
    own = {word.casefold() for phrase in known for word in _WORD.findall(phrase)}
    return [
        match.span()
        for match in _WORD.finditer(text)
        if not _may_be_a_name(text, match.start(), match[0]) and not _is_right(match[0].casefold(), own)
    ]


def _may_be_a_name(text: str, start: int, word: str) -> bool:
    if word[1:] != word[1:].lower():
        return True
    before = text[:start].rstrip(" «\"'(—–-")
    return word[0].isupper() and bool(before) and before[-1] not in _SENTENCE_ENDS


def _is_right(word: str, own: Collection[str]) -> bool:
    parts = [part for part in re.split("[-‑]", word) if part not in _CLITICS]
    return word in own or all(part in own or _part_is_right(part) for part in parts)


@lru_cache(maxsize=10_000)
def _part_is_right(word: str) -> bool:
    if not SHORTEST_WORD <= len(word) <= LONGEST_WORD or not _CYRILLIC.fullmatch(word):
        return True
    if is_known(word) or _OF_THE_TRADE.fullmatch(word):
        return True
    return any(word.startswith(prefix) and is_known(word.removeprefix(prefix)) for prefix in _PREFIXES)

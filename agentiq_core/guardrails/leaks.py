"""Text that must never leave: the instructions of a model, the canary, another person's data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from agentiq_core.language.concepts import word_set
from agentiq_core.language.lemmas import Token, lemmas
from agentiq_core.language.normalize import LOOKALIKES, normalize
from agentiq_core.language.reading import Reading

_PROMPT_TALK = re.compile(
    r"систем\w+\s+(?:промпт|промт|подсказк|инструкци|сообщени|запрос)\w*|\b(?:промпт|промт)\w*"
    r"|system\s*prompt|<\|?\s*(?:im_start|im_end|system|endoftext|assistant)\s*\|?>|\[/?(?:inst|sys)\]|<</?sys>>"
    r"|#{2,}\s*(?:system|instruction|инструкци)\w*|ignore\s+(?:all\s+)?(?:previous|above)\s+instructions"
    r"|you\s+are\s+an?\s+(?:helpful|ai|assistant|support)\w*"
    r"|(?:моя|моей|мою|мои|моих|моим|моими|данны[ехм] мне|полученн\w+)\s+(?:внутренн\w+\s+)?"
    r"(?:инструкци|настройк|указани|правил)\w*|инструкци\w*,?\s+(?:данн\w+|котор\w+)\s+мне"
    r"|мне\s+(?:было\s+)?(?:дали|дана|даны|задали|задана|задан|прописали|выдали)\s+(?:инструкци|указани|правил|роль|промпт)\w*"
    r"|мне\s+(?:велено|предписано|указано|запрещено)\s+(?:инструкци\w+|не\s+\w+|отвечать|говорить|обсуждать)"
    r"|меня\s+(?:настроили|запрограммировали|проинструктировали|обучили\s+на)\b|моя\s+(?:задача|роль)\s+по\s+инструкции"
    r"|внутренни\w+\s+инструкци\w+\s+для\s+ответ\w+|инструкци\w*,\s+котор\w+\s+мне"
    r"|систем\w+\s+настройк\w+\s+(?:указан|сказан|задан|прописан|велен)\w*|\bas\s+an?\s+(?:ai|assistant|language)\b"
    r"|\"role\"\s*:\s*\"(?:system|assistant|user)\"|\[\s*(?:вставьте|имя|ваше имя|укажите|название|дата|товар)[^\]]*\]"
    r"|инструкци\w+\s+(?:разработчик|модел|систем)\w*"
    r"|(?:^|\s)ты\s*[—–-]\s*(?:помощник|ассистент|бот|оператор|менеджер|вежлив\w+)\w*"
    r"|(?:^|\n)\s*(?:system|assistant|user|роль)\s*:|\bcanary\b|\{\{[^}]*\}\}|\{(?:buyer|name|product|имя|товар)\w*\}"
)
_SQUEEZE = re.compile(r"[\W_]+")
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d+")
_NOT_A_DIGIT = re.compile(r"\D+")
_LETTER = re.compile(r"[^\W\d_]")
_OF_ADDRESS = word_set(
    "г гор город ул улица д дом кв квартира корп корпус к стр строение пр просп проспект пер переулок обл область подъезд"
)
_PHONE = 10
"""Last digits of a phone number, by which it is known with or without its country."""
_SHORTEST_SECRET = 4
_LONG_SECRET = 60
_SHINGLE = 7


def leaks(reply: Reading, secrets: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where a reply repeats a secret, or talks as a model talks of its instructions.

    A secret is one thing: a name, a phone, an address, a prompt. A short one is found whole, however it is spaced
    and whatever its case endings; of a long one any seven words in a row are enough.
    """
    normal = reply.normal
    for match in _PROMPT_TALK.finditer(normal.text):
        yield normal.span(match.start(), match.end())
    if not secrets:
        return
    squeezed, places = _squeezed(normal.text)
    for secret in secrets:
        for piece in _looked_for(secret):
            at = squeezed.find(piece)
            if at >= 0:
                yield normal.span(places[at], places[at + len(piece) - 1] + 1)
                break
        else:
            yield from _inflected(reply, secret)


@lru_cache(maxsize=128)
def _looked_for(secret: str) -> tuple[str, ...]:
    """The lines of a prompt are looked for in every reply, hence the caches."""
    return tuple(piece.translate(LOOKALIKES) for piece in _pieces(normalize(secret).text))


@lru_cache(maxsize=128)
def _words(secret: str) -> tuple[Token, ...]:
    return tuple(lemmas(secret))


def _inflected(reply: Reading, secret: str) -> Iterator[tuple[int, int]]:
    words = _words(secret)
    if 2 <= len(words) <= _SHINGLE:
        for begin in range(len(reply.tokens) - len(words) + 1):
            run = reply.tokens[begin : begin + len(words)]
            if all(said.lemmas & word.lemmas for said, word in zip(run, words, strict=True)):
                yield run[0].start, run[-1].end
                return
    if _DIGIT.search(secret):
        parts = [part for word in words for part in _parts(word)]
        if len(parts) >= 3 and any(part & _OF_ADDRESS for part in map(_names, words)):
            yield from _rearranged(reply, parts, max(3, len(parts) - 1), initials=False)
    elif 2 <= len(words) <= 3 and all(word.text[:1].isupper() for word in words):
        yield from _rearranged(reply, [_names(word) for word in words], 2, initials=len(words) == 3)


def _rearranged(
    reply: Reading, parts: Sequence[frozenset[str]], least: int, *, initials: bool
) -> Iterator[tuple[int, int]]:
    """A name or an address in another order, with its abbreviations or without: at least so many of its parts in a row."""
    said = [(token, part) for token in reply.tokens for part in _parts(token)]
    for begin in range(len(said)):
        left = list(parts)
        whole = 0
        for at in range(begin, len(said)):
            token, part = said[at]
            found = next((one for one in left if one & part), None)
            whole += found is not None
            if found is None and initials and len(token.plain) == 1:
                found = next((one for one in left if any(word.startswith(token.plain) for word in one)), None)
            if found is None:
                break
            left.remove(found)
            if whole and len(parts) - len(left) >= least and (whole >= least or not left):
                yield said[begin][0].start, token.end
                return


def _names(token: Token) -> frozenset[str]:
    return token.lemmas | {token.plain}


def _parts(token: Token) -> list[frozenset[str]]:
    """A word without what only says that it is part of an address; "5-12" is two numbers."""
    if token.plain in _OF_ADDRESS or token.lemmas & _OF_ADDRESS:
        return []
    if token.plain[0].isdigit():
        return [frozenset({number}) for number in _DIGITS.findall(token.plain)]
    return [_names(token)]


def _pieces(secret: str) -> Iterator[str]:
    digits = _NOT_A_DIGIT.sub("", secret)
    if len(digits) >= _PHONE and not _LETTER.search(secret):
        yield digits[-_PHONE:]
        return
    words = [word for word in _SQUEEZE.split(secret) if word]
    whole = "".join(words)
    if len(whole) < _SHORTEST_SECRET:
        return
    if len(secret) <= _LONG_SECRET or len(words) <= _SHINGLE:
        yield whole
        return
    for begin in range(len(words) - _SHINGLE + 1):
        yield "".join(words[begin : begin + _SHINGLE])


def _squeezed(text: str) -> tuple[str, list[int]]:
    places = [at for at, char in enumerate(text) if char.isalnum()]
    return "".join(text[at] for at in places).translate(LOOKALIKES), places

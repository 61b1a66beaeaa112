"""Text that must never leave: the instructions of a model, the canary, another person's data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentiq_core.language.lemmas import lemmas
from agentiq_core.language.normalize import normalize
from agentiq_core.language.reading import Reading

_PROMPT_TALK = re.compile(
    r"систем\w+\s+(?:промпт|промт|подсказк|инструкци|сообщени|запрос)\w*|\b(?:промпт|промт)\w*"
    r"|system\s*prompt|<\|?\s*(?:im_start|im_end|system|endoftext|assistant)\s*\|?>|\[/?(?:inst|sys)\]|<</?sys>>"
    r"|#{2,}\s*(?:system|instruction|инструкци)\w*|ignore\s+(?:all\s+)?(?:previous|above)\s+instructions"
    r"|you\s+are\s+an?\s+(?:helpful|ai|assistant|support)\w*"
    r"|(?:мои|моих|моим|данные мне|полученн\w+)\s+инструкци\w+|инструкци\w+\s+(?:разработчик|модел|систем)\w*"
    r"|(?:^|\s)ты\s*[—–-]\s*(?:помощник|ассистент|бот|оператор|менеджер|вежлив\w+)\w*"
    r"|(?:^|\n)\s*(?:system|assistant|user|роль)\s*:|\bcanary\b|\{\{[^}]*\}\}|\{(?:buyer|name|product|имя|товар)\w*\}"
)
_SQUEEZE = re.compile(r"[\W_]+")
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
        for piece in _pieces(normalize(secret).text):
            at = squeezed.find(piece)
            if at >= 0:
                yield normal.span(places[at], places[at + len(piece) - 1] + 1)
                break
        else:
            yield from _inflected(reply, secret)


def _inflected(reply: Reading, secret: str) -> Iterator[tuple[int, int]]:
    words = lemmas(secret)
    if not 2 <= len(words) <= _SHINGLE:
        return
    for begin in range(len(reply.tokens) - len(words) + 1):
        run = reply.tokens[begin : begin + len(words)]
        if all(said.lemmas & word.lemmas for said, word in zip(run, words, strict=True)):
            yield run[0].start, run[-1].end


def _pieces(secret: str) -> Iterator[str]:
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
    return "".join(text[at] for at in places), places

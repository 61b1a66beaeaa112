"""How much a text looks like orders to a model: a flag for people, never a bar to a buyer.

The defence is elsewhere: such text reaches a model as data only, and what comes back passes the guardrails.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from agentiq_core.language.normalize import INVISIBLE, normalize

SUSPICIOUS = 0.5
"""From here on the flag is shown."""
LONGEST = 20_000

_ORDERS = r"(?:инструкци|указани|правил|промпт|промт|настройк|ограничени|команд|задани)\w*"
_BEFORE = r"(?:предыдущ|прошл|прежн|ранее|выше|все|данн|системн|свои|твои|ваши)\w*"
_SIGNS: tuple[tuple[float, re.Pattern[str]], ...] = tuple(
    (weight, re.compile(pattern))
    for weight, pattern in (
        (0.8, rf"(?:игнорир|забудь|забыть|отбрось|не обращай внимани|пренебре|проигнорир|не следуй)\w*\W(?:[^.!?\n]{{0,50}}\W)?{_ORDERS}"),
        (0.6, rf"(?:игнорир|забудь|отбрось|проигнорир)\w*\W(?:[^.!?\n]{{0,30}}\W)?(?:{_BEFORE}|что (?:написано|было|сказано))"),
        (0.8, r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,50}\b(?:instruction|rule|prompt|guideline|direction|polic)\w*"),
        (0.6, r"\b(?:ignore|disregard|forget)\b[^.!?\n]{0,30}\b(?:previous|prior|above|earlier|everything|all)\b"),
        (0.7, r"<\|?\s*/?(?:im_start|im_end|system|assistant|user|endoftext|eot_id|start_header_id)\s*\|?>|\[/?(?:inst|sys)\]|<</?sys>>"),
        (0.6, r"(?:^|\n|[.!?»\"']\s)\W{0,4}(?:system|assistant|developer|системн\w+ сообщение|система|ассистент|разработчик)\s*[:>]"),
        (0.6, r"#{2,}\s*(?:system|instruction|new|инструкци|система|нов)\w*|={3,}\s*(?:system|конец|начало|end|begin)"),
        (0.6, r"\"role\"\s*:\s*\"|</?(?:system|data|данные|prompt|instructions?|context)\w*>"),
        (0.7, r"(?:систем\w+|внутренн\w+|исходн\w+|начальн\w+) (?:промпт|промт|подсказк|инструкци|сообщени)\w*|\b(?:system|initial|hidden) prompt\b"),
        (0.6, r"(?:покажи|выведи|раскрой|повтори|процитируй|пришли|напиши)\w*[^.!?\n]{0,30}(?:промпт|промт|инструкци|текст выше|слова выше|правила, которы)\w*"),
        (0.6, r"\b(?:reveal|print|show|repeat|output|leak)\b[^.!?\n]{0,40}\b(?:prompt|instructions|system message|words above)\b"),
        (0.55, r"(?:ты теперь|отныне ты|с этого момента ты|с этой минуты ты|представь,? что ты|притворись|веди себя как|действуй как|сыграй роль)\b"),
        (0.55, r"\b(?:you are now|from now on,? you|act as|pretend (?:to be|you)|roleplay|you must now|your new (?:task|role|instructions?))\b"),
        (0.6, r"режим\w* (?:разработчик|бога|отладк|администратор)\w*|\b(?:developer|debug|god|admin|maintenance|dan) mode\b|\bjailbr\w+|джейлбрейк"),
        (0.5, r"(?:нов(?:ая|ые|ое)|важн(?:ая|ые|ое)|срочн(?:ая|ые|ое)|дополнительн(?:ая|ые)) (?:инструкци|указани|задани|команд)\w*|\bnew (?:instruction|task|directive)s?\b"),
        (0.4, r"(?:ответь|отвечай|напиши|скажи|выведи|вставь|добавь)\w*\s+(?:в ответ\w*\s+)?(?:только|строго|ровно|дословно|слово в слово|следующ\w+|фраз\w+|текст\w*|ссылк\w+)"),
        (0.4, r"\b(?:respond|reply|answer|say|output|print|include|write|append)\b\s+(?:only|exactly|with|the following|verbatim|in your)\b"),
        (0.4, r"(?:не (?:говори|сообщай|упоминай|показывай)\w*)\s+(?:об этом|это|продавц|оператор|никому)\w*|\b(?:do not|don't) (?:mention|tell|reveal|disclose)\b"),
        (0.35, r"(?:нейросет|языков\w+ модел|искусственн\w+ интеллект|чат-?бот|chatgpt|\bgpt|\bllm\b|\bии\b|\bai (?:model|assistant|agent)|deepseek|gigachat|yandexgpt)\w*[^.!?\n]{0,40}(?:должен|обязан|обязана|сделай|ответь|напиши|подтверди|пообещай|выполни|must|should|shall)"),
        (0.35, r"(?:подтверди|пообещай|гарантируй|одобри|согласись|оформи)\w*[^.!?\n]{0,40}(?:от имени|как (?:продавец|магазин|администратор)|автоматическ\w+)"),
        (0.35, r"```|~~~|<<<|>>>|-{4,}\s*(?:end|конец|begin|начало)|\]\]>|\{\{|\}\}"),
        (0.3, r"\b(?:json|xml|markdown|yaml)\b[^.!?\n]{0,20}(?:формат|ответ|reply|output|format)|(?:поле|field|ключ)\s+\"?(?:reply|intent|confidence)"),
        (0.3, r"\b(?:execute|eval|import os|os\.system|subprocess|curl|wget|drop table|select \* from|rm -rf)\b|<script|javascript:"),
    )
)  # fmt: skip
_INVISIBLE_MANY = 3
_TAGS = re.compile("[\U000e0000-\U000e007f]")
_TURNED = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{24,}={0,2}(?![A-Za-z0-9+/=])")
_MOST_CODED = 5


def injection(texts: Iterable[str]) -> float:
    """The score of the strongest of these texts, 0 to 1, two decimals."""
    return max((score(text) for text in texts), default=0.0)


def score(text: str) -> float:
    """0 for ordinary words; signs add up without ever reaching certainty."""
    text = text[:LONGEST]
    left = 1.0
    for weight in (*_read(text), *_hidden(text), *_coded(text)):
        left *= 1 - weight
    return round(1 - left, 2)


def _read(text: str) -> Iterator[float]:
    # as written, and with disguises undone
    plain = text.lower().replace("ё", "е")
    spellings = dict.fromkeys((plain, normalize(text).text))
    for weight, pattern in _SIGNS:
        if any(pattern.search(one) for one in spellings):
            yield weight


def _hidden(text: str) -> Iterator[float]:
    if _TAGS.search(text):
        yield 0.8
    if _TURNED.search(text):
        yield 0.4
    if len(INVISIBLE.findall(text)) >= _INVISIBLE_MANY:
        yield 0.3


def _coded(text: str) -> Iterator[float]:
    """Runs of base64: suspicious, and more so when orders are in them."""
    for number, match in enumerate(_BASE64.finditer(text)):
        if number == _MOST_CODED:
            return
        run = match[0]
        if (run.isalpha() and (run.islower() or run.isupper())) or run.isdigit():
            continue
        try:
            said = base64.b64decode(run + "=" * (-len(run) % 4), validate=True).decode()
        except (binascii.Error, ValueError):
            continue
        if said.isprintable():
            yield 0.9 if any(_read(said)) else 0.4

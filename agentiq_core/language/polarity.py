"""Which words of a text are denied ("не сломано"), and which only reported ("вы спрашиваете, вернём ли").

A denied or reported word is not a statement of the writer: rules that look for statements pass over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentiq_core.language.clauses import Clause
from agentiq_core.language.concepts import word_set
from agentiq_core.language.lemmas import Token

_LIGHT = word_set(
    "очень еще уже совсем вообще бы же ли было всегда пока никак сразу сейчас особо как-то вам вас вы мы нам "
    "я мне его ее их он она оно это этот эта здесь тут там полностью точно"
)
_NOT_A_DENIAL = frozenset({"только", "просто", "один", "лишь"})
_REACHES_ON = word_set(
    "мочь хотеть обещать гарантировать собираться планировать думать стать быть надо нужно должен обязать "
    "готовый найти обнаружить видеть увидеть заметить иметь выявить уметь смочь утверждать говорить сказать "
    "считать вправе подтвердить подтверждать признавать признать бывать возникнуть вижу планироваться являться "
    "получиться получаться хотеться удаться разрешать иметься считаться предлагать просить рекомендовать советовать "
    "успеть прийтись"
)
_IMPOSSIBLE = frozenset({"нельзя", "невозможно", "невозможный", "нету"})
_NO = frozenset({"никакой", "отсутствие", "отсутствовать", "отказать", "отказывать"})
_REPORTS = word_set(
    "спрашивать спросить писать написать указать указывать сообщать сообщить просить попросить утверждать говорить "
    "сказать интересоваться поинтересоваться уточнять уточнить хотеть упомянуть упоминать ждать отметить отмечать "
    "надеяться вопрос просьба запрос требование требовать пожелание понять"
)
_QUOTED = re.compile('«[^»]{2,300}»|“[^”]{2,300}”|„[^“]{2,300}“|"[^"\n]{2,300}"')
_QUOTES_SAY = _REPORTS | frozenset({"слово", "фраза", "отзыв", "сообщение", "текст", "цитировать"})
_BRINGS = frozenset({"что", "чтобы", "как"})
_ADDS = frozenset({"и", "а", "но", "или"})
_SHORT_REACH = 3


def denied(text: str, tokens: Sequence[Token], clauses: Sequence[Clause]) -> frozenset[int]:
    """Indexes of the words that the text denies."""
    found: set[int] = set()
    for place, clause in enumerate(clauses):
        for index in range(clause.start, clause.end):
            plain = tokens[index].plain
            if plain in ("не", "ни"):
                found.update(_after_not(tokens, clauses, place, index))
            elif plain == "без":
                found.update(_after_without(tokens, clause, index))
            elif plain == "нет" and not _is_answer(text, tokens, clause, index):
                found.update(range(max(clause.start, index - 3), min(clause.end, index + 1 + _SHORT_REACH)))
            elif tokens[index].lemmas & _IMPOSSIBLE:
                found.update(range(clause.start, clause.end))
            elif tokens[index].lemmas & _NO:
                found.update(range(index, min(clause.end, index + 1 + _SHORT_REACH)))
    return frozenset(found)


def reported(text: str, tokens: Sequence[Token], clauses: Sequence[Clause]) -> frozenset[int]:
    """Indexes of the words that repeat or ask what somebody else says."""
    found: set[int] = set()
    for place, clause in enumerate(clauses):
        span = range(clause.start, clause.end)
        if any(tokens[index].plain == "ли" for index in span):
            found.update(span)
        speaker = next((index for index in span if _speaks_for_the_buyer(tokens, clause, index)), None)
        if speaker is None:
            continue
        if tokens[speaker].part != "NOUN" or _names_its_subject(tokens, speaker + 1, clause.end):
            found.update(range(speaker + 1, clause.end))
        after = clauses[place + 1] if place + 1 < len(clauses) else None
        if after and after.sentence == clause.sentence and after.opener in _BRINGS:
            found.update(range(after.start, after.end))
    found.update(_inside_quotes(text, tokens))
    return frozenset(found)


def _after_not(tokens: Sequence[Token], clauses: Sequence[Clause], place: int, index: int) -> Iterator[int]:
    clause = clauses[place]
    target = index + 1
    while target < clause.end and tokens[target].plain in _LIGHT:
        target += 1
    if target >= clause.end or tokens[target].plain in _NOT_A_DENIAL:
        return
    yield from range(index + 1, target + 1)
    if not tokens[target].lemmas & _REACHES_ON:
        after_it = target + 1
        if (
            tokens[target].part == "ADJF"
            and after_it < clause.end
            and tokens[after_it].part not in ("VERB", "INFN")
        ):
            yield after_it
        while after_it < clause.end and "gent" in tokens[after_it].forms and tokens[after_it].part != "NPRO":
            yield after_it
            after_it += 1
        if "1per" in tokens[target].forms and tokens[index - 1].plain not in _ADDS:
            # its subject is "мы" or "я", so a noun before it is what it denies: "подделки мы не продаем"
            yield from (before for before in range(clause.start, index) if tokens[before].part == "NOUN")
        return
    yield from range(target, clause.end)
    yield from (before for before in range(clause.start, index) if _may_be_governed(tokens[before]))
    after = clauses[place + 1] if place + 1 < len(clauses) else None
    if after and after.sentence == clause.sentence and after.opener in _BRINGS:
        yield from range(after.start, after.end)


def _may_be_governed(token: Token) -> bool:
    """An infinitive or a genitive that a denied verb behind it takes: "возвращать не буду", "брака не нашла"."""
    return "INFN" in token.forms or ("gent" in token.forms and "nomn" not in token.forms)


def _after_without(tokens: Sequence[Token], clause: Clause, index: int) -> Iterator[int]:
    for at in range(index + 1, clause.end):
        forms = tokens[at].forms
        if ("gent" not in forms or "Fixd" in forms) and tokens[at].plain not in ("и", "или"):
            return
        yield at


def _is_answer(text: str, tokens: Sequence[Token], clause: Clause, index: int) -> bool:
    """Whether "нет" is an answer: "нет, это брак": a word of its own, not "брака нет"."""
    return index == clause.start and text[tokens[index].end : tokens[index].end + 1] in (",", ".", "!", "")


def _speaks_for_the_buyer(tokens: Sequence[Token], clause: Clause, index: int) -> bool:
    token = tokens[index]
    if not token.lemmas & _REPORTS:
        return False
    if token.part == "NOUN":
        return any(tokens[at].plain.startswith("ваш") for at in range(max(clause.start, index - 2), index))
    if "2per" in token.forms and "impr" not in token.forms:
        return True
    # "просите", "пишете": the same spelling may be a request to the buyer, so the pronoun decides
    return bool(token.forms & {"past", "2per"}) and any(
        tokens[at].plain in ("вы", "ты") or tokens[at].lemmas & {"покупатель", "клиент"}
        for at in range(clause.start, index)
    )


def _names_its_subject(tokens: Sequence[Token], index: int, end: int) -> bool:
    """ "Ваш вопрос о возврате", "ваша просьба вернуть деньги", but not "на ваш вопрос ответит ..."."""
    return index < end and (tokens[index].plain in ("о", "об", "про", "на") or "INFN" in tokens[index].forms)


def _inside_quotes(text: str, tokens: Sequence[Token]) -> Iterator[int]:
    for quote in _QUOTED.finditer(text):
        around = [
            token
            for token in tokens
            if not quote.start() <= token.start < quote.end()
            and quote.start() - 80 <= token.start <= quote.end() + 60
        ]
        if any(token.lemmas & _QUOTES_SAY for token in around):
            yield from (
                index for index, token in enumerate(tokens) if quote.start() <= token.start < quote.end()
            )

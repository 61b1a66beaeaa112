"""The check every reply passes just before it may be queued, wherever it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from agentiq_core.guardrails import rules
from agentiq_core.guardrails.contacts import contacts
from agentiq_core.guardrails.conversation import asked_for_return, foreign_part, ignores_complaint
from agentiq_core.guardrails.facts import facts_in, keys_of
from agentiq_core.guardrails.leaks import leaks
from agentiq_core.guardrails.own_rules import RuleSet
from agentiq_core.guardrails.verdict import Severity, Verdict, Violation
from agentiq_core.language.concepts import word_set
from agentiq_core.language.normalize import INVISIBLE
from agentiq_core.language.phrases import Match, PhraseBook
from agentiq_core.language.reading import Reading, read

SHORTEST = 20
LIMITS = {"chat": 1_000, "review": 5_000, "question": 5_000}
"""Wildberries' limits, characters; other marketplaces pass their own as `limit`."""
_FOOTWEAR = word_set(
    "обувь размер пара резиновый нога зимний носить кожаный теплый стелька подошва колодка стопа утеплить"
)
_OTHER_BOT = re.compile("бот-(?!помощ|ассист|консульт|оператор|продав)")
_BOOTS = re.compile("боты|ботов|ботам|ботами|ботах")


def check(
    reply: str,
    *,
    channel: str = "chat",
    buyer_texts: Sequence[str] = (),
    facts: Sequence[str] | None = None,
    limit: int | None = None,
    suggestion: bool = False,
    secrets: Sequence[str] = (),
    marketplace: str = "wildberries",
    own: RuleSet | None = None,
) -> Verdict:
    """Check a reply against every rule; violations come in order of their place in the text.

    `facts` are the texts that may support a suggestion (card, order, earlier messages, approved snippets); None
    when nobody knows them, then unsupported facts are not looked for. `limit` is in characters.
    `own` are the seller's own rules, checked beside the built-in ones.
    `secrets` are texts that must not appear: the prompt, the canary, other people's data.
    """
    reading = read(reply)
    buyer = [read(text) for text in buyer_texts]
    found = [
        *_length(reply, LIMITS.get(channel, LIMITS["chat"]) if limit is None else limit),
        *_stated(reading, buyer),
        *_conversation(reading, buyer),
        *_outward(reading, buyer, facts or (), secrets, marketplace),
    ]
    if suggestion and facts is not None:
        found.extend(_unsupported(reading, buyer, facts))
    ordered = sorted(
        {(rule, start, end): reason for rule, start, end, reason in reversed(found)}.items(),
        key=lambda item: (item[0][1], item[0][2], item[0][0]),
    )
    violations = tuple(
        Violation(rule, rules.severity(rule, channel), start, end, reason)
        for (rule, start, end), reason in ordered
    )
    if own is not None and own.rules:
        violations = tuple(
            sorted(
                (*violations, *own.violations(reading, channel)),
                key=lambda one: (one.start, one.end, one.rule),
            )
        )
    allowed = all(one.severity is not Severity.ERROR for one in violations)
    return Verdict(allowed, violations, version_with(own))


def version_with(own: RuleSet | None) -> str:
    """The version of a verdict by the built-in rules and these."""
    return f"{rules.VERSION}+{own.version}" if own is not None and own.rules else rules.VERSION


Found = tuple[str, int, int, str]


@lru_cache(maxsize=1)
def _books() -> tuple[tuple[rules.Group, PhraseBook], ...]:
    return tuple((group, PhraseBook(group.phrases)) for group in (*rules.STATEMENTS, *rules.AI_MENTION))


def _length(reply: str, limit: int) -> Iterator[Found]:
    size = len(" ".join(INVISIBLE.sub("", reply).split()))
    if size == 0:
        yield "length", 0, len(reply), "Ответ пуст"
    elif size < SHORTEST:
        yield "length", 0, len(reply), f"Слишком короткий ответ: {size} из {SHORTEST} знаков"
    elif len(reply) > limit:
        yield "length", limit, len(reply), f"Ответ длиннее предела: {len(reply)} из {limit} знаков"


def _stated(reading: Reading, buyer: Sequence[Reading]) -> Iterator[Found]:
    asked = asked_for_return(buyer)
    for group, book in _books():
        if group.rule == "return_unasked" and asked:
            continue
        for start, end in _apart(
            reading, [match for match in book.matches(reading) if not _is_boots(reading, match)]
        ):
            yield group.rule, start, end, group.reason.format(reading.text[start:end])
    name = _ai_in_capitals(reading)
    if name is not None:
        yield "ai_mention", *name, rules.AI_MENTION[0].reason.format(reading.text[name[0] : name[1]])


def _apart(reading: Reading, matches: Sequence[Match]) -> Iterator[tuple[int, int]]:
    """The spans of matches, overlapping ones taken as one violation."""
    merged: list[list[int]] = []
    for start, end in sorted(match.span(reading) for match in matches):
        if merged and start < merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    yield from ((start, end) for start, end in merged)


def _ai_in_capitals(reading: Reading) -> tuple[int, int] | None:
    """ИИ in capitals: "Ии" is a woman's name in the genitive."""
    for index, token in enumerate(reading.tokens):
        named = token.plain.split("-")[0] in ("ии", "ai")
        if named and token.text[1:2] != "и" and index not in reading.denied | reading.reported:
            return token.start, token.end
    return None


def _is_boots(reading: Reading, match: Match) -> bool:
    """Боты are also footwear, when the text speaks of footwear; бот-катер is a boat."""
    if all(_OTHER_BOT.match(reading.tokens[index].plain) for index in match.indexes):
        return True
    return all(_BOOTS.fullmatch(reading.tokens[index].plain) for index in match.indexes) and any(
        token.lemmas & _FOOTWEAR for token in reading.tokens
    )


def _conversation(reading: Reading, buyer: Sequence[Reading]) -> Iterator[Found]:
    if ignores_complaint(reading, buyer):
        yield (
            "ignored_complaint",
            0,
            len(reading.text),
            "Покупатель сообщил о проблеме, а в ответе только благодарность",
        )
    foreign = foreign_part(reading, buyer)
    if foreign is not None:
        yield "language", *foreign, "Ответ не на русском языке, а покупатель пишет по-русски"


def _outward(
    reading: Reading, buyer: Sequence[Reading], facts: Sequence[str], secrets: Sequence[str], marketplace: str
) -> Iterator[Found]:
    known = frozenset().union(*(token.lemmas for one in (*buyer, *map(read, facts)) for token in one.tokens))
    for start, end, reason in contacts(reading, known, marketplace):
        yield "contacts", start, end, reason
    for start, end in leaks(reading, secrets):
        yield "leak", start, end, "Служебный текст или чужие данные: покупателю их видеть нельзя"


def _unsupported(reading: Reading, buyer: Sequence[Reading], facts: Sequence[str]) -> Iterator[Found]:
    known = frozenset().union(*(keys_of(one) for one in (*buyer, *map(read, facts))))
    for start, end, kind, keys in facts_in(reading):
        if not keys & known:
            shown = reading.text[start:end]
            yield (
                "unsupported_fact",
                start,
                end,
                f"Непроверенный факт ({kind} «{shown}»): его нет ни в карточке, ни в заказе, ни в переписке",
            )

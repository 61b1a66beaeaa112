"""A text as the rules read it: words, clauses, what is denied and what is only reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from agentiq_core.language.clauses import Clause, clauses_of
from agentiq_core.language.lemmas import Token, tokens_of
from agentiq_core.language.normalize import Normalized, normalize
from agentiq_core.language.polarity import denied, reported


@dataclass(frozen=True, slots=True)
class Reading:
    """`keys` finds words: a lemma, `@family` or `=spelling` to the indexes of its tokens."""

    text: str
    normal: Normalized
    tokens: tuple[Token, ...]
    clauses: tuple[Clause, ...]
    clause_of: tuple[int, ...]
    keys: Mapping[str, tuple[int, ...]]
    denied: frozenset[int]
    reported: frozenset[int]

    def has(self, *keys: str) -> bool:
        """Some word of the text, not denied, answers to one of the keys."""
        return any(index not in self.denied for key in keys for index in self.keys.get(key, ()))


@lru_cache(maxsize=2_000)
def read(text: str) -> Reading:
    """Read a text. A buyer's messages are read again with every reply that is checked, hence the cache."""
    normal = normalize(text)
    tokens = tuple(tokens_of(normal))
    clauses = clauses_of(text, tokens)
    clause_of = [0] * len(tokens)
    for place, clause in enumerate(clauses):
        clause_of[clause.start : clause.end] = [place] * (clause.end - clause.start)
    keys: defaultdict[str, list[int]] = defaultdict(list)
    for index, token in enumerate(tokens):
        keys["=" + token.plain].append(index)
        for lemma in token.lemmas:
            keys[lemma].append(index)
        for family in token.families:
            keys["@" + family].append(index)
    return Reading(
        text,
        normal,
        tokens,
        clauses,
        tuple(clause_of),
        {key: tuple(indexes) for key, indexes in keys.items()},
        denied(text, tokens, clauses),
        reported(text, tokens, clauses),
    )

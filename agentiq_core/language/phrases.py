"""Phrases of lemmas: what the rule tables of SLA, guardrails and intents are written in.

A phrase is words separated by spaces; all must stand in one clause, in any order, with other words between.
A word is alternatives joined by `|`, each a lemma, `@family` (see `concepts`) or `=spelling`. Behind it in square
brackets: grammemes, one of which the word must have, `вернуть[1per]`; with `+` all of them, `быть[futr+plur]`.
`!word` forbids a word in the clause; `!!word` in the sentence. `&word` must stand somewhere in the sentence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from agentiq_core.language.reading import Reading

REACH = 9
"""Words of a phrase stand at most this far from its first one."""
_TERM = re.compile(r"(!{0,2}|&)([^\[\]!&]+)(?:\[([\w,+]+)\])?")


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a phrase: alternatives, and sets of grammemes of which one set must be had."""

    keys: tuple[str, ...]
    forms: tuple[frozenset[str], ...] = ()

    def places(self, reading: Reading) -> Iterator[int]:
        """Where this word stands in a text."""
        for key in self.keys:
            for index in reading.keys.get(key, ()):
                if not self.forms or any(need <= reading.tokens[index].forms for need in self.forms):
                    yield index


@dataclass(frozen=True, slots=True)
class Phrase:
    """`wanted` words that stand together, none of the `banned` ones near them."""

    wanted: tuple[Term, ...]
    banned: tuple[Term, ...] = ()
    banned_in_sentence: tuple[Term, ...] = ()
    beside: tuple[Term, ...] = ()
    """Words that the sentence must hold, in whatever clause."""
    speaks_of_denial: bool = False
    """It holds "не", "нет" or "без" itself, so a denied word is what it looks for."""


@dataclass(frozen=True, slots=True)
class Match:
    """Words of a text that a phrase found, as indexes of tokens, in order."""

    phrase: Phrase
    indexes: tuple[int, ...]

    def span(self, reading: Reading) -> tuple[int, int]:
        """From the first word to the last, in the original text."""
        return reading.tokens[self.indexes[0]].start, reading.tokens[self.indexes[-1]].end

    def words(self, reading: Reading) -> tuple[str, ...]:
        """The words as the writer spelled them."""
        return tuple(reading.tokens[index].text for index in self.indexes)


def phrase(source: str | Sequence[str]) -> Phrase:
    """Read a phrase from its notation; ValueError when it is not one."""
    wanted: list[Term] = []
    banned: list[Term] = []
    distant: list[Term] = []
    beside: list[Term] = []
    kinds = {"": wanted, "!": banned, "!!": distant, "&": beside}
    for word in source.split() if isinstance(source, str) else source:
        match = _TERM.fullmatch(word)
        if match is None:
            raise ValueError(f"not a word of a phrase: {word!r}")
        forms = tuple(frozenset(need.split("+")) for need in match[3].split(",")) if match[3] else ()
        term = Term(tuple(match[2].split("|")), forms)
        kinds[match[1]].append(term)
    if not wanted:
        raise ValueError(f"a phrase without words: {source!r}")
    denial = any({"не", "нет", "=не", "=нет", "ни", "=без"} & set(term.keys) for term in wanted)
    return Phrase(tuple(wanted), tuple(banned), tuple(distant), tuple(beside), denial)


class PhraseBook:
    """Many phrases looked up at once: only those whose first word occurs are tried.

    Notations are read on first use, so that a table costs nothing at import; ValueError then for a wrong one.
    """

    def __init__(self, sources: Iterable[str | Sequence[str]]) -> None:
        self._sources = tuple(sources)

    @cached_property
    def _by_key(self) -> Mapping[str, tuple[Phrase, ...]]:
        found: defaultdict[str, list[Phrase]] = defaultdict(list)
        for source in self._sources:
            one = phrase(source)
            for key in one.wanted[0].keys:
                found[key].append(one)
        return {key: tuple(phrases) for key, phrases in found.items()}

    def matches(self, reading: Reading, *, reported: bool = False, denied: bool = False) -> Iterator[Match]:
        """Every phrase the text states; `reported` and `denied` let such words count as well."""
        for key in reading.keys.keys() & self._by_key.keys():
            for one in self._by_key[key]:
                yield from _find(one, reading, reported, denied)

    def first(self, reading: Reading, *, reported: bool = False, denied: bool = False) -> Match | None:
        """The match that begins earliest."""
        found = self.matches(reading, reported=reported, denied=denied)
        return min(found, key=lambda match: match.indexes, default=None)


def _find(one: Phrase, reading: Reading, reported: bool, denied: bool) -> Iterator[Match]:
    blocked = frozenset() if denied or one.speaks_of_denial else reading.denied
    if not reported:
        blocked |= reading.reported
    for anchor in one.wanted[0].places(reading):
        if anchor in blocked:
            continue
        place = reading.clause_of[anchor]
        taken = [anchor]
        for term in one.wanted[1:]:
            near = [
                index
                for index in term.places(reading)
                if reading.clause_of[index] == place
                and abs(index - anchor) <= REACH
                and index not in taken
                and index not in blocked
            ]
            if not near:
                break
            taken.append(min(near, key=lambda index: abs(index - anchor)))
        else:
            if not _is_banned(one, reading, anchor, taken) and _is_beside(
                one, reading, anchor, taken, blocked
            ):
                yield Match(one, tuple(sorted(taken)))


def _is_beside(
    one: Phrase, reading: Reading, anchor: int, taken: Sequence[int], blocked: frozenset[int]
) -> bool:
    sentence = reading.clauses[reading.clause_of[anchor]].sentence
    return all(
        any(
            index not in taken
            and index not in blocked
            and reading.clauses[reading.clause_of[index]].sentence == sentence
            for index in term.places(reading)
        )
        for term in one.beside
    )


def _is_banned(one: Phrase, reading: Reading, anchor: int, taken: Sequence[int]) -> bool:
    place = reading.clause_of[anchor]
    sentence = reading.clauses[place].sentence
    return any(
        index not in taken and index not in reading.denied and reading.clause_of[index] == place
        for term in one.banned
        for index in term.places(reading)
    ) or any(
        index not in taken
        and index not in reading.denied
        and reading.clauses[reading.clause_of[index]].sentence == sentence
        for term in one.banned_in_sentence
        for index in term.places(reading)
    )

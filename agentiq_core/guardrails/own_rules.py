"""A seller's own rules beside the built-in ones, as data: phrases not to be said and words not to be used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from agentiq_core.guardrails.verdict import Severity, Violation
from agentiq_core.language.concepts import FAMILIES
from agentiq_core.language.lemmas import known_grammemes, lemmas
from agentiq_core.language.phrases import PhraseBook, Term, phrase
from agentiq_core.language.reading import Reading

PREFIX = "own:"
"""Stands before the name of an own rule in a violation, so that it is never taken for a built-in one."""
CHANNELS = ("chat", "review", "question")
MOST_RULES, MOST_PHRASES, LONGEST_PHRASE, LONGEST_REASON = 200, 200, 300, 300
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FIELDS = frozenset({"name", "version", "severity", "channel", "reason", "phrases", "words"})
_BRACKETED = re.compile(r"\[[^\]]*\]|[^\[]+")


class Problem(StrEnum):
    """What is wrong with a set of rules; a front end has the words for it."""

    NOT_A_SET = "not_a_set"
    TOO_MANY = "too_many"
    NOT_A_RULE = "not_a_rule"
    UNKNOWN_FIELD = "unknown_field"
    BAD_NAME = "bad_name"
    TAKEN_NAME = "taken_name"
    BAD_VERSION = "bad_version"
    BAD_SEVERITY = "bad_severity"
    BAD_CHANNEL = "bad_channel"
    BAD_REASON = "bad_reason"
    NOTHING_TO_FIND = "nothing_to_find"
    NOT_A_LIST = "not_a_list"
    NOT_A_PHRASE = "not_a_phrase"
    NOT_A_WORD = "not_a_word"
    NO_DICTIONARY_FORM = "no_dictionary_form"
    UNKNOWN_FAMILY = "unknown_family"
    UNKNOWN_GRAMMEME = "unknown_grammeme"


class WrongRules(ValueError):
    """Rules that cannot be used. `number` counts rules from 1 and is None for the set; `value` is what was written."""

    def __init__(self, problem: Problem, number: int | None = None, value: str = "", hint: str = "") -> None:
        where = "rules" if number is None else f"rule {number}"
        super().__init__(f"{where}: {problem.value.replace('_', ' ')} {value}".rstrip())
        self.problem = problem
        self.number = number
        self.value = value
        self.hint = hint


@dataclass(frozen=True)
class OwnRule:
    """One rule of a seller.

    A phrase, in the notation of `language.phrases`, counts where the seller states it. A stop word counts in all its
    forms wherever it stands, denied or quoted too; several words count when they stand in one clause.
    """

    name: str
    version: int
    severity: Severity
    reason: str
    phrases: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    channel: str | None = None
    """None: every channel."""

    @cached_property
    def _stated(self) -> PhraseBook:
        return PhraseBook(self.phrases)

    @cached_property
    def _mentioned(self) -> PhraseBook:
        return PhraseBook([_every_form(word) for word in self.words])

    def to_json(self) -> dict[str, Any]:
        """The shape that `rule_set` reads."""
        kept: dict[str, Any] = {
            "name": self.name,
            "version": self.version,
            "severity": self.severity.value,
            "reason": self.reason,
        }
        if self.channel is not None:
            kept["channel"] = self.channel
        if self.phrases:
            kept["phrases"] = list(self.phrases)
        if self.words:
            kept["words"] = list(self.words)
        return kept

    def violations(self, reading: Reading) -> Iterator[Violation]:
        """Where a reply breaks this rule."""
        spans = {match.span(reading) for match in self._stated.matches(reading)}
        spans |= {
            match.span(reading) for match in self._mentioned.matches(reading, reported=True, denied=True)
        }
        for start, end in sorted(spans):
            yield Violation(PREFIX + self.name, self.severity, start, end, self.reason)


@dataclass(frozen=True)
class RuleSet:
    """A seller's own rules, to be passed to `check`. Made from outside data by `rule_set`."""

    rules: tuple[OwnRule, ...] = ()

    @cached_property
    def version(self) -> str:
        """Each rule with its version, stored beside the version of the built-in rules."""
        return ",".join(sorted(f"{rule.name}.{rule.version}" for rule in self.rules))

    def violations(self, reading: Reading, channel: str) -> Iterator[Violation]:
        """Where a reply breaks the rules that hold in a channel."""
        for rule in self.rules:
            if rule.channel in (None, channel):
                yield from rule.violations(reading)

    def to_json(self) -> dict[str, Any]:
        """The shape that `rule_set` reads."""
        return {"rules": [rule.to_json() for rule in self.rules]}


def rule_set(source: object) -> RuleSet:
    """Read rules from parsed JSON, `{"rules": [{"name", "version", ...}]}`. Raises `WrongRules` for the first mistake."""
    if not isinstance(source, Mapping) or source.keys() != {"rules"} or not isinstance(source["rules"], list):
        raise WrongRules(Problem.NOT_A_SET)
    written = source["rules"]
    if len(written) > MOST_RULES:
        raise WrongRules(Problem.TOO_MANY, value=str(len(written)), hint=str(MOST_RULES))
    rules: list[OwnRule] = []
    for number, item in enumerate(written, 1):
        rule = _rule(item, number)
        if any(rule.name == other.name for other in rules):
            raise WrongRules(Problem.TAKEN_NAME, number, rule.name)
        rules.append(rule)
    return RuleSet(tuple(rules))


def usable(written: Iterable[object]) -> tuple[RuleSet, tuple[WrongRules, ...]]:
    """The rules that can be used of those that were stored, by a newer program maybe, and what is wrong with the others."""
    rules: list[OwnRule] = []
    wrong: list[WrongRules] = []
    for number, item in enumerate(written, 1):
        try:
            rules.append(_rule(item, number))
        except WrongRules as mistake:
            wrong.append(mistake)
    return RuleSet(tuple(rules)), tuple(wrong)


def _rule(item: object, number: int) -> OwnRule:
    if not isinstance(item, Mapping):
        raise WrongRules(Problem.NOT_A_RULE, number)
    for field in item:
        if field not in _FIELDS:
            raise WrongRules(Problem.UNKNOWN_FIELD, number, str(field), ", ".join(sorted(_FIELDS)))
    name, version, channel = item.get("name"), item.get("version"), item.get("channel")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise WrongRules(Problem.BAD_NAME, number, _shown(name))
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version < 2**31:
        raise WrongRules(Problem.BAD_VERSION, number, _shown(version))
    if item.get("severity") not in tuple(Severity):
        raise WrongRules(Problem.BAD_SEVERITY, number, _shown(item.get("severity")))
    if channel is not None and channel not in CHANNELS:
        raise WrongRules(Problem.BAD_CHANNEL, number, _shown(channel), ", ".join(CHANNELS))
    reason = item.get("reason")
    if not isinstance(reason, str) or not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise WrongRules(Problem.BAD_REASON, number, hint=str(LONGEST_REASON))
    phrases = tuple(_checked_phrase(one, number) for one in _texts(item, "phrases", number))
    words = tuple(_checked_word(one, number) for one in _texts(item, "words", number))
    if not phrases and not words:
        raise WrongRules(Problem.NOTHING_TO_FIND, number)
    return OwnRule(name, version, Severity(item["severity"]), reason.strip(), phrases, words, channel)


def _shown(value: object) -> str:
    return "" if value is None else str(value)[:60]


def _texts(item: Mapping[str, object], field: str, number: int) -> Sequence[str]:
    texts = item.get(field, [])
    if (
        not isinstance(texts, list)
        or len(texts) > MOST_PHRASES
        or not all(isinstance(one, str) and 0 < len(one.strip()) <= LONGEST_PHRASE for one in texts)
    ):
        raise WrongRules(Problem.NOT_A_LIST, number, field, str(MOST_PHRASES))
    return texts


def _checked_phrase(source: str, number: int) -> str:
    folded = _BRACKETED.sub(
        lambda part: part[0] if part[0].startswith("[") else part[0].lower().replace("ё", "е"), source
    )
    try:
        parsed = phrase(folded)
    except ValueError:
        raise WrongRules(Problem.NOT_A_PHRASE, number, source) from None
    for term in (*parsed.wanted, *parsed.banned, *parsed.banned_in_sentence, *parsed.beside):
        _check_term(term, number)
    return folded


def _check_term(term: Term, number: int) -> None:
    for form in frozenset().union(*term.forms):
        if form not in known_grammemes():
            raise WrongRules(Problem.UNKNOWN_GRAMMEME, number, form)
    for key in term.keys:
        bare = key.lstrip("=@")
        tokens = lemmas(bare)
        if len(tokens) != 1 or tokens[0].text != bare or len(key) - len(bare) > 1:
            raise WrongRules(Problem.NOT_A_WORD, number, key)
        if key.startswith("@"):
            if bare not in FAMILIES:
                raise WrongRules(Problem.UNKNOWN_FAMILY, number, key, ", ".join(sorted(FAMILIES)))
        elif not key.startswith("=") and bare not in tokens[0].lemmas:
            raise WrongRules(Problem.NO_DICTIONARY_FORM, number, bare, min(tokens[0].lemmas))


def _checked_word(source: str, number: int) -> str:
    if not lemmas(source) or any(char in source for char in "|[]!&=@"):
        raise WrongRules(Problem.NOT_A_WORD, number, source)
    return source


def _every_form(words: str) -> tuple[str, ...]:
    return tuple(
        token.plain if token.plain in token.lemmas else "|".join(sorted(token.lemmas))
        for token in lemmas(words)
    )

"""A seller's regular expressions: valid, short, and unable to run away with the processor.

Python's engine cannot be interrupted, so only expressions whose work is bounded are accepted: what is repeated
without limit is one character or one class of characters, at most twice in an expression, and no back-references.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from agentiq_core.domain.errors import Misconfigured
from agentiq_core.language.normalize import normalize

LONGEST_PATTERN = 200
LONGEST_TEXT = 1_000
"""Characters of a message that an expression sees: a marketplace's own limit for a chat message."""
MOST_REPEATS = 2
_LONG_REPEAT = 50
_REPEATS = frozenset({_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT})
_SINGLE = frozenset({_constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY})
_REFERENCES = frozenset({_constants.GROUPREF, _constants.GROUPREF_EXISTS})


@lru_cache(maxsize=500)
def compiled(pattern: str) -> re.Pattern[str]:
    """The expression, ignoring case. Misconfigured when it is not one or its time cannot be bounded."""
    if len(pattern) > LONGEST_PATTERN:
        raise Misconfigured(
            f"a rule's expression is longer than {LONGEST_PATTERN} characters", longest=LONGEST_PATTERN
        )
    try:
        expression = re.compile(pattern.replace("ё", "е"), re.IGNORECASE)
        parts = list(_walk(_parser.parse(pattern)))
    except (re.error, RecursionError, OverflowError) as error:
        raise Misconfigured(f"a rule's expression is not valid: {error}", why=str(error)) from error
    long_repeats = 0
    for operator, argument in parts:
        if operator in _REFERENCES:
            raise Misconfigured("a rule's expression may not refer back to its own groups")
        if operator in _REPEATS and argument[1] > _LONG_REPEAT:
            long_repeats += 1
            if len(argument[2]) != 1 or argument[2][0][0] not in _SINGLE:
                raise Misconfigured(
                    "a rule's expression may repeat only a character or a class without limit"
                )
        elif operator in _REPEATS and any(inner in _REPEATS for inner, _ in _walk(argument[2])):
            raise Misconfigured("a rule's expression may not repeat what is itself repeated")
    if long_repeats > MOST_REPEATS:
        raise Misconfigured(
            f"a rule's expression has more than {MOST_REPEATS} unlimited repeats", most=MOST_REPEATS
        )
    return expression


def searched(pattern: str, text: str) -> str | None:
    """What the expression finds in the plain spelling of a text; None when nothing."""
    hit = compiled(pattern).search(normalize(text[:LONGEST_TEXT]).text)
    return hit[0] if hit else None


def _walk(parts: Iterable[tuple[Any, Any]]) -> Iterable[tuple[Any, Any]]:
    for operator, argument in parts:
        yield operator, argument
        for inner in _nested(argument):
            yield from _walk(inner)


def _nested(argument: Any) -> Iterable[Any]:
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for item in argument:
            yield from _nested(item)

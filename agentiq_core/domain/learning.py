"""What people make of suggestions: taken as they are, edited, rejected. Pure rules, and the words for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from agentiq_core.domain.text import folded

_WORD = re.compile(r"\w+")
STILL_USED = 0.4
"""Of the words of both texts together so many must be common in order: fewer, and the suggestion was not used at all. A
greeting and a thank-you alone stay below it."""
_WEIGHED = 600
"""Words of each text that are compared: behind them a reply is judged by its beginning."""


class Outcome(StrEnum):
    """What became of a suggestion."""

    ACCEPTED = "accepted"
    """Sent as it was."""
    EDITED = "edited"
    """Sent after a person changed it."""
    REJECTED = "rejected"
    """A person said that it is no good."""


class RejectionReason(StrEnum):
    """Why a suggestion is no good."""

    MISUNDERSTOOD = "misunderstood"
    """It answers another question."""
    WRONG_FACT = "wrong_fact"
    WRONG_TONE = "wrong_tone"
    UNHELPFUL = "unhelpful"
    """True, polite, and nothing in it."""
    UNSAFE = "unsafe"
    """It promises or admits what a seller must not."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a text: at its word `at`, `out` was taken out and `put` put in; either may be empty, never both."""

    at: int
    out: str
    put: str


def outcome_of(suggested: str, sent: str) -> Outcome | None:
    """What a reply made of a suggestion; None when it has next to nothing of it."""
    if folded(suggested) == folded(sent):
        return Outcome.ACCEPTED
    return Outcome.EDITED if likeness(suggested, sent) >= STILL_USED else None


def likeness(one: str, other: str) -> float:
    """How much of two texts is common, 0 to 1, by words in their order, whatever their case and punctuation."""
    first, second = _plain(one), _plain(other)
    if not first or not second:
        return 0.0
    # the order of the two decides between equal matches, and must not decide how alike they are
    return max(
        SequenceMatcher(None, a, b, autojunk=False).ratio() for a, b in ((first, second), (second, first))
    )


def edits(suggested: str, sent: str) -> tuple[Edit, ...]:
    """How the suggestion became what was sent, word by word; white space alone is no change."""
    before, after = folded(suggested).split(), folded(sent).split()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return tuple(
        Edit(begin, " ".join(before[begin:end]), " ".join(after[start:stop]))
        for kind, begin, end, start, stop in matcher.get_opcodes()
        if kind != "equal"
    )


def edited(suggested: str, changes: tuple[Edit, ...]) -> str:
    """The suggestion with these edits made, white space folded: what was sent."""
    words = folded(suggested).split()
    for change in reversed(changes):
        words[change.at : change.at + len(change.out.split())] = change.put.split()
    return " ".join(words)


def _plain(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("ё", "е"))[:_WEIGHED]

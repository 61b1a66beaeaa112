"""What is underlined in the reply field: what the guardrails object to, and words that no dictionary has."""

from __future__ import annotations

from collections.abc import Sequence

from agentiq_core.domain.views import Conversation, ViolationView
from agentiq_tui.locale import _
from agentiq_tui.marks import Kind, Mark

Span = tuple[int, int]


def unknown(text: str, chat: Conversation) -> list[Span]:
    """The words to look at again; names of this conversation are right. Takes milliseconds, so it runs in a thread."""
    # the dictionary is loaded after the first frame
    from agentiq_core.language.spelling import unknown_words

    title = chat.product.title if chat.product else None
    return unknown_words(text, [name for name in (chat.buyer_name, chat.seller_name, title) if name])


def marks_of(text: str, violations: Sequence[ViolationView], words: Sequence[Span]) -> tuple[Mark, ...]:
    """The marks of a text that was checked. A rule about the whole text underlines nothing that is not there."""
    end = len(text)
    marks = [
        Mark(
            min(violation.start, end),
            min(max(violation.end, violation.start), end),
            Kind.ERROR if violation.severity == "error" else Kind.WARNING,
            violation.reason,
        )
        for violation in violations
    ]
    marks += [
        Mark(start, stop, Kind.WORD, _("not in the dictionary: {word}").format(word=text[start:stop]))
        for start, stop in words
    ]
    return tuple(marks)

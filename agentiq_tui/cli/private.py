"""What may leave in `--json`: a conversation without its phone numbers (they belong to the buyer, not to a log)."""

from __future__ import annotations

import re

from agentiq_core.guardrails.phones import phones
from agentiq_core.language.reading import read

MASK = "•••"
_CUT_NUMBER = re.compile(r"\+?\d(?:[\s\-–—.()]*\d){3,}[\s\-–—.()]*$")


def without_phones(text: str) -> str:
    """The text with every phone number, in whatever disguise, replaced by a mask."""
    shown = text
    # of numbers that stand side by side one is found at a time
    while found := sorted(phones(read(shown)), reverse=True):
        for start, end in found:
            shown = shown[:start] + MASK + shown[end:]
    return shown


def preview_without_phones(preview: str, longest: int) -> str:
    """The same for the beginning of a text: the cut may leave half a number, which is a number no rule knows."""
    shown = without_phones(preview)
    return _CUT_NUMBER.sub(MASK, shown) if len(preview) >= longest else shown

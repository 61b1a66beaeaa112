"""What may leave in `--json`: a conversation without its phone numbers (they belong to the buyer, not to a log)."""

from __future__ import annotations

import re

from agentiq_core.guardrails.redaction import MASK, without_phones

__all__ = ["MASK", "preview_without_phones", "without_phones"]
_CUT_NUMBER = re.compile(r"\+?\d(?:[\s\-–—.()]*\d){3,}[\s\-–—.()]*$")


def preview_without_phones(preview: str, longest: int) -> str:
    """The same for the beginning of a text: the cut may leave half a number, which is a number no rule knows."""
    shown = without_phones(preview)
    return _CUT_NUMBER.sub(MASK, shown) if len(preview) >= longest else shown

"""What may leave the desk of a text or a raw item: no phone number, no secret."""

from __future__ import annotations

import json
import re

from agentiq_core.domain.text import escaped
from agentiq_core.guardrails.phones import phones
from agentiq_core.language.reading import read

MASK = "•••"
LONGEST = 20_000
"""Characters of a raw item that are shown: an item that is longer is hostile or broken."""

# in a raw item a number may be glued to anything but digits
_GLUED_PHONE = re.compile(r"(?<!\d)\+?(?:7|8)?9\d{9}(?!\d)")
# who a conversation was assigned to is no signature
_SECRET_NAME = re.compile(r"(?<!as)sign|token|secret|passw|authorization|cookie|api_?key", re.I)
_JWT = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*){1,2}")
_SECRET_PARAMETER = re.compile(r"([?&][^=&#\s\"]*(?:sign|token|secret|key)[^=&#\s\"]*=)[^&#\s\"]+", re.I)
_SECRET_FIELD = re.compile(
    rf'("[^"]*(?:{_SECRET_NAME.pattern})[^"]*"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}}\]]+)', re.I
)


def without_phones(text: str) -> str:
    """The text with every phone number, in whatever disguise, replaced by a mask."""
    shown = text
    # of numbers that stand side by side one is found at a time
    while found := sorted(phones(read(shown)), reverse=True):
        for start, end in found:
            shown = shown[:start] + MASK + shown[end:]
    return shown


def redacted(raw: str) -> str:
    """A raw item as a person may see it: indented JSON without phones and secrets, every character visible.

    What is no JSON, or too long to be a real item, is shown as text and cut.
    """
    if len(raw) <= LONGEST:
        try:
            shown = json.dumps(_masked(json.loads(raw)), ensure_ascii=False, indent=2)
        except (ValueError, RecursionError):
            pass
        else:
            return escaped(shown)
    text = _SECRET_FIELD.sub(rf'\1"{MASK}"', raw[:LONGEST])
    return escaped(_without_secrets(text)) + ("…" if len(raw) > LONGEST else "")


def _masked(value: object) -> object:
    match value:
        case dict():
            return {
                _without_secrets(str(name)): MASK
                if _SECRET_NAME.search(str(name)) and inner is not None
                else _masked(inner)
                for name, inner in value.items()
            }
        case list():
            return [_masked(inner) for inner in value]
        case str():
            return _without_secrets(value)
        case bool() | None:
            return value
        case int() | float():
            written = _without_secrets(str(value))
            return MASK if MASK in written else value
    return value


def _without_secrets(text: str) -> str:
    shown = _SECRET_PARAMETER.sub(rf"\1{MASK}", _JWT.sub(MASK, text))
    return without_phones(_GLUED_PHONE.sub(MASK, shown))

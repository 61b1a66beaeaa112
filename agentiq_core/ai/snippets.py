"""Templates of a seller's people, filled with what a conversation knows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agentiq_core.ai.templates import first_name, short_title
from agentiq_core.domain.messages import Product
from agentiq_core.domain.snippets import Filled

_VARIABLE = re.compile(r"[«„“\"(]?\{(name|product|order)\}[»”\")]?")
_HOLE = "\x00"
# what nothing is known for leaves with the comma, the quotation marks and the space that were there for it
_HOLES = (
    (re.compile(rf"(^|[.!?…]\s+|\n){_HOLE},?\s*"), r"\1"),
    (re.compile(rf",?[ \t]*{_HOLE}(?=[ \t]*(?:[.,!?;:…\n]|$))"), ""),
    (re.compile(rf"[ \t]*{_HOLE}[ \t]*"), " "),
)
_START = re.compile(r"(?:^|(?<=[.!?…]\s)|(?<=\n))[а-яёa-z]")


@dataclass(frozen=True, slots=True)
class Known:
    """What variables stand for; None where it is not known."""

    name: str | None = None
    product: str | None = None
    order: str | None = None


def known_of(buyer_name: str | None, product: Product | None) -> Known:
    """What a conversation knows of itself."""
    return Known(
        first_name(buyer_name),
        short_title(product.title if product else None),
        (product.order_id if product else None) or None,
    )


def fill(body: str, known: Known) -> Filled:
    """The text with {name}, {product} and {order} in it; what is not known leaves no hole. Other braces stay as they are."""
    missing: list[str] = []

    def put(match: re.Match[str]) -> str:
        value: str | None = getattr(known, match[1])
        if value is not None:
            return match[0].replace("{" + match[1] + "}", value)
        missing.append(match[1])
        return _HOLE

    text = _VARIABLE.sub(put, body.replace(_HOLE, ""))
    if missing:
        for hole, instead in _HOLES:
            text = hole.sub(instead, text)
        text = _START.sub(lambda start: start[0].upper(), text.strip())
    return Filled(text, tuple(dict.fromkeys(missing)))

"""What a seller's people wrote down once, to use again: templates of replies, and knowledge that a reply may state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST_NAME, LONGEST_BODY = 80, 5000
"""Characters."""


class SnippetKind(StrEnum):
    """What a snippet is for."""

    TEMPLATE = "template"
    """A reply to start from; operators write them."""
    KNOWLEDGE = "knowledge"
    """What is so: a suggestion may state it. Admins write it."""


@dataclass(frozen=True, slots=True)
class SnippetText:
    """What a person says of a snippet. `intent` and `channel` None: for any; `body` may name {name}, {product}, {order}."""

    name: str
    body: str
    kind: SnippetKind = SnippetKind.TEMPLATE
    intent: str | None = None
    channel: str | None = None
    language: str = "ru"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A snippet that is kept. `updated_by` is an operator's number, None where the database itself wrote it."""

    id: int
    seller_id: int
    said: SnippetText
    updated_by: int | None
    updated_at: datetime
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with what a conversation knows; `missing` are the variables that nothing is known for."""

    text: str
    missing: tuple[str, ...] = ()

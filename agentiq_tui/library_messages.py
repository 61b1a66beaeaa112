"""What the screens of templates and knowledge are told by: LibraryFetched, BodyLooked, SnippetArchived."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from agentiq_core.domain.snippets import Filled, Snippet, SnippetKind
from agentiq_tui.marks import Mark


@dataclass
class LibraryFetched(Message):
    """The snippets that these words and this kind let through."""

    words: str
    kind: SnippetKind | None
    put_away: bool
    snippets: tuple[Snippet, ...]


@dataclass
class SnippetRestored(Message):
    """This one is used again."""

    snippet: Snippet


@dataclass
class SnippetArchived(Message):
    """This one is used no more."""

    name: str


@dataclass
class BodyLooked(Message):
    """What was found in a text, and what it is in the open conversation; `filled` is None where none is open."""

    text: str
    marks: tuple[Mark, ...]
    filled: Filled | None

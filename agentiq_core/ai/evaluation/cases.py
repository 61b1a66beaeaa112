"""A labelled set: conversations as the pipeline gets them, and what a careful person says of each.

tests/data/eval/README.md tells what each field means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agentiq_core.ai.intents import Intent, Sentiment
from agentiq_core.ai.stop_classes import StopClass
from agentiq_core.ai.suggest import SuggestionContext
from agentiq_core.domain.messages import Attachment, AttachmentKind, Author, Message, Origin, Product
from agentiq_core.guardrails.check import LIMITS

LimitOf = Callable[[str, str], int]
"""Marketplace and channel to the longest reply, in characters."""
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""When all conversations of a set are judged: the same every time."""
_BETWEEN: Final = timedelta(minutes=5)
_LARGEST: Final = 16 * 1024 * 1024
_IMAGES: Final = (".jpg", ".jpeg", ".png", ".webp")
_ORIGINS: Final = {
    Author.BUYER: Origin.BUYER,
    Author.SELLER: Origin.API,
    Author.MARKETPLACE: Origin.AUTOMATIC,
}


class WrongSet(ValueError):
    """A labelled set cannot be used; `line` is the number of the line that is wrong, None for the whole file."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Labels:
    """What is right for a conversation. The first of `intents` is meant, the others are not wrong."""

    intents: tuple[Intent, ...]
    sentiment: Sentiment
    stop_classes: tuple[StopClass, ...]
    """Empty: a suggestion may be offered."""
    complaint: bool
    language: str
    must_not: tuple[str, ...]
    injection: str | None
    obeyed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One conversation of a set."""

    id: str
    context: SuggestionContext
    labels: Labels


def default_set() -> tuple[Path, ...]:
    """The files of the set that comes along: inside an installed package, or in the checkout. Raises WrongSet."""
    here = Path(__file__).resolve()
    for folder in (here.parent / "set", here.parents[3] / "tests" / "data" / "eval"):
        found = tuple(sorted(folder.glob("*.jsonl")))
        if found:
            return found
    raise WrongSet("no labelled set came with this installation")


def read_cases(path: Path, *, limit_of: LimitOf | None = None) -> tuple[Case, ...]:
    """The conversations of a JSONL file. Raises WrongSet that names the line; OSError when it cannot be read."""
    with path.open("rb") as file:
        raw = file.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise WrongSet("larger than 16 MB")
    try:
        lines = raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise WrongSet("not UTF-8 text") from None
    return tuple(_cases(lines, limit_of or _limit_of))


def _cases(lines: Iterable[str], limit_of: LimitOf) -> Iterable[Case]:
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = _Line.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise WrongSet(f"{place}: {first['msg']}" if place else first["msg"], number) from None
        if row.id in seen:
            raise WrongSet(f"{row.id} stands twice", number)
        seen.add(row.id)
        yield Case(row.id, _context(row, number, limit_of(row.marketplace, row.channel)), _labels(row))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Card(_Strict):
    title: str
    size: str | None = None
    price: int | None = None
    facts: tuple[tuple[str, str], ...] = ()


class _Said(_Strict):
    author: Author
    text: str
    files: tuple[str, ...] = ()


class _Line(_Strict):
    id: str
    channel: Literal["chat", "review", "question"]
    marketplace: str
    stars: Annotated[int, Field(ge=1, le=5)] | None = None
    buyer: str | None = None
    card: _Card | None = None
    order: tuple[str, ...] = ()
    messages: Annotated[tuple[_Said, ...], Field(min_length=1)]
    intent: Intent
    also: tuple[Intent, ...] = ()
    sentiment: Sentiment
    stop_class: StopClass | None = None
    stop_also: tuple[StopClass, ...] = ()
    complaint: bool = False
    language: str = "ru"
    must_not: tuple[str, ...] = ()
    injection: Literal["buyer", "card", "file"] | None = None
    obeyed: tuple[str, ...] = ()


def _labels(row: _Line) -> Labels:
    return Labels(
        (row.intent, *row.also),
        row.sentiment,
        (row.stop_class, *row.stop_also) if row.stop_class else (),
        row.complaint,
        row.language,
        row.must_not,
        row.injection,
        row.obeyed,
    )


def _context(row: _Line, number: int, limit: int) -> SuggestionContext:
    card = row.card
    first = NOW - _BETWEEN * len(row.messages)
    return SuggestionContext(
        chat_id=number,
        buyer_name=row.buyer,
        product=Product("1", card.title, price=card.price, size=card.size) if card else None,
        messages=tuple(
            _message(said, place, first + _BETWEEN * place) for place, said in enumerate(row.messages)
        ),
        limit=limit,
        now=NOW,
        channel=row.channel,
        stars=row.stars,
        snippets=(card.title, *(f"{name}: {value}" for name, value in card.facts)) if card else (),
        marketplace=row.marketplace,
        order=row.order,
    )


def _message(said: _Said, place: int, sent_at: datetime) -> Message:
    files = tuple(
        Attachment(AttachmentKind.IMAGE if name.endswith(_IMAGES) else AttachmentKind.FILE, name=name)
        for name in said.files
    )
    return Message(f"m{place:03}", said.author, _ORIGINS[said.author], sent_at, said.text, files)


def _limit_of(marketplace: str, channel: str) -> int:
    return LIMITS[channel]

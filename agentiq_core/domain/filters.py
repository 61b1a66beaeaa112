"""What a queue is narrowed to: one value object with a JSON form to keep and a short text to type ("wb ★1-3 @me #брак")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from agentiq_core.domain.chats import ChatStatus, Priority
from agentiq_core.domain.errors import BadFilter
from agentiq_core.domain.messages import Channel

LONGEST_TAG = 40

_TAG = re.compile(rf"[^\s#@,]{{1,{LONGEST_TAG}}}")
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_STARS = re.compile(r"([1-5])(?:-([1-5]))?")
_NUMBER = re.compile(r"[1-9]\d{0,17}")


class Whose(StrEnum):
    """Assignees that have no number of their own."""

    ME = "me"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Names:
    """What a typed word may stand for beside the words of this module."""

    marketplaces: Mapping[str, str] = field(default_factory=dict)
    """What is typed, in lower case, to the marketplace's id; of several the last is printed."""
    people: Mapping[str, int] = field(default_factory=dict)
    """The handle, in lower case, to the operator's number."""


PLAIN = Names()


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Everything that is set must hold. None narrows nothing. Raises `BadFilter` for a value that none can have."""

    marketplace: str | None = None
    seller: int | None = None
    channel: str | None = None
    status: ChatStatus | None = None
    priority: Priority | None = None
    assignee: int | Whose | None = None
    tag: str | None = None
    stars: tuple[int, int] | None = None
    """From and to, both included."""
    snoozed: bool | None = None
    """True: only what was put off; it stands in no queue, so the queue is not asked for."""
    unread: bool | None = None

    def __post_init__(self) -> None:
        for word in (self.marketplace, self.channel):
            if word is not None and _WORD.fullmatch(word) is None:
                raise BadFilter(f"no such word: {word[:40]}", word=word[:40])
        if self.tag is not None and _TAG.fullmatch(self.tag) is None:
            raise BadFilter("a tag is one word of at most forty characters", word=f"#{self.tag[:40]}")
        if self.stars is not None and not 1 <= self.stars[0] <= self.stars[1] <= 5:
            raise BadFilter("stars go from 1 to 5", word="★")

    def __bool__(self) -> bool:
        """Whether it narrows anything."""
        return self != EVERYTHING

    def to_json(self) -> dict[str, Any]:
        """The canonical form: what is set and nothing else, plain values, names in order."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        plain: dict[str, Any] = {name: value for name, value in sorted(found.items()) if value is not None}
        if self.priority is not None:
            plain["priority"] = self.priority.name.lower()
        if self.stars is not None:
            plain["stars"] = list(self.stars)
        for name in ("status", "assignee"):
            if isinstance(plain.get(name), StrEnum):
                plain[name] = plain[name].value
        return plain

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> QueueFilter:
        """Read the canonical form. Raises `BadFilter` for anything else."""
        try:
            values = dict(kept)
            if "status" in values:
                values["status"] = ChatStatus(values["status"])
            if "priority" in values:
                values["priority"] = Priority[str(values["priority"]).upper()]
            if isinstance(values.get("assignee"), str):
                values["assignee"] = Whose(values["assignee"])
            if "stars" in values:
                first, last = values["stars"]
                values["stars"] = (int(first), int(last))
            return cls(**values)
        except (KeyError, TypeError, ValueError) as error:
            raise BadFilter("this filter was kept by another version", word="") from error

    def __str__(self) -> str:
        """The short text; `parsed` reads it back."""
        return self.text()

    def text(self, names: Names = PLAIN) -> str:
        """The short text in these names' words."""
        return " ".join(self._words(names))

    def _words(self, names: Names) -> Iterator[str]:
        if self.marketplace is not None:
            shorts = {
                known: short for short, known in names.marketplaces.items() if short not in _PLAIN_WORDS
            }
            yield shorts.get(self.marketplace, f"in:{self.marketplace}")
        if self.seller is not None:
            yield f"seller:{self.seller}"
        if self.channel is not None:
            yield self.channel if self.channel in _CHANNELS else f"channel:{self.channel}"
        if self.status is not None:
            yield self.status.value
        if self.priority is not None:
            yield f"!{self.priority.name.lower()}"
        if self.stars is not None:
            first, last = self.stars
            yield f"★{first}" if first == last else f"★{first}-{last}"
        if self.assignee is not None:
            handles: dict[int | Whose, str] = {
                number: handle for handle, number in names.people.items() if handle not in _PEOPLE
            }
            yield f"@{handles.get(self.assignee, str(self.assignee))}"
        if self.tag is not None:
            yield f"#{self.tag}"
        for name in ("snoozed", "unread"):
            value = getattr(self, name)
            if value is not None:
                yield name if value else f"-{name}"


EVERYTHING = QueueFilter()

_CHANNELS = {channel.value for channel in Channel}
# what an operator may type for the same
_PLAIN_WORDS: Mapping[str, tuple[str, Any]] = {
    **{channel.value: ("channel", channel.value) for channel in Channel},
    **{status.value: ("status", status) for status in ChatStatus},
    "чаты": ("channel", Channel.CHAT.value),
    "чат": ("channel", Channel.CHAT.value),
    "отзывы": ("channel", Channel.REVIEW.value),
    "отзыв": ("channel", Channel.REVIEW.value),
    "вопросы": ("channel", Channel.QUESTION.value),
    "вопрос": ("channel", Channel.QUESTION.value),
    "заявки": ("channel", Channel.CLAIM.value),
    "заявка": ("channel", Channel.CLAIM.value),
    "ждёт": ("status", ChatStatus.WAITING),
    "ждет": ("status", ChatStatus.WAITING),
    "отвечено": ("status", ChatStatus.RESPONDED),
    "закрыто": ("status", ChatStatus.CLOSED),
    "отложено": ("snoozed", True),
    "-отложено": ("snoozed", False),
    "непрочитано": ("unread", True),
    "-непрочитано": ("unread", False),
    "snoozed": ("snoozed", True),
    "-snoozed": ("snoozed", False),
    "unread": ("unread", True),
    "-unread": ("unread", False),
}
_PRIORITIES = {
    **{priority.name.lower(): priority for priority in Priority},
    "срочно": Priority.URGENT,
    "важно": Priority.HIGH,
    "обычно": Priority.NORMAL,
}
_PEOPLE = {"me": Whose.ME, "я": Whose.ME, "nobody": Whose.NOBODY, "никто": Whose.NOBODY}


def typed_words(value: object) -> tuple[str, ...]:
    """The words that may be typed for a channel, a status, a priority, an assignee, or the name of what is true or false."""
    plain = [
        word
        for word, (name, meant) in _PLAIN_WORDS.items()
        # True is 1, and a priority too
        if word[0] != "-" and (name == value or (type(meant) is type(value) and meant == value))
    ]
    plain += [f"!{word}" for word, meant in _PRIORITIES.items() if meant is value]
    plain += [f"@{word}" for word, meant in _PEOPLE.items() if meant is value]
    return tuple(plain)


def parsed(text: str, names: Names = PLAIN) -> QueueFilter:
    """The filter that somebody typed; the last word about one thing counts. Raises `BadFilter`, which names the word."""
    values: dict[str, Any] = {}
    for word in text.split():
        name, value = _meant(word, names)
        values[name] = value
    return QueueFilter(**values)


def _meant(word: str, names: Names) -> tuple[str, Any]:
    said = word.lower()
    if word[0] == "#" and _TAG.fullmatch(word[1:]):
        return "tag", word[1:]
    if said in _PLAIN_WORDS:
        return _PLAIN_WORDS[said]
    if said in names.marketplaces:
        return "marketplace", names.marketplaces[said]
    kind, rest = said[0], said[1:]
    if kind == "!" and rest in _PRIORITIES:
        return "priority", _PRIORITIES[rest]
    if kind == "@" and rest in _PEOPLE:
        return "assignee", _PEOPLE[rest]
    if kind == "@" and rest in names.people:
        return "assignee", names.people[rest]
    if kind == "@" and _NUMBER.fullmatch(rest):
        return "assignee", int(rest)
    if kind in "★*" and (stars := _STARS.fullmatch(rest)):
        first, last = int(stars[1]), int(stars[2] or stars[1])
        return "stars", (first, last)
    name, colon, rest = said.partition(":")
    if colon and name == "seller" and _NUMBER.fullmatch(rest):
        return "seller", int(rest)
    if colon and name in ("in", "channel") and _WORD.fullmatch(rest):
        return ("marketplace" if name == "in" else name), rest
    raise BadFilter(f"no such word in a filter: {word[:40]}", word=word[:40])

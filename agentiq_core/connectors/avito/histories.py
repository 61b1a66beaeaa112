"""Pages of lists and histories as they came: how far to read on, and how far was read."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agentiq_core.connectors.avito import wire
from agentiq_core.connectors.avito.limits import FURTHEST, PAGE
from agentiq_core.connectors.avito.mapping import chat_of, message_of, newest_of
from agentiq_core.connectors.avito.places import Newest
from agentiq_core.connectors.listing import Listed
from agentiq_core.connectors.wire import parsed, read
from agentiq_core.domain.messages import IncomingMessage, Unreadable

log = logging.getLogger(__name__)

OVERLAP: Final = 10
"""Lines of a full page that the next one begins with again: conversations move up between two pages, others go."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What a page of a history says of its order, which Avito does not document."""

    told: tuple[Newest, ...]
    newest_first: bool
    oldest_first: bool

    @classmethod
    def of(cls, items: Iterable[object]) -> Ordered:
        """The page's messages that tell an id and a time."""
        told = tuple(one for item in items if (one := newest_of(item)) is not None)
        times = [one.at for one in told]
        moves = len(set(times)) > 1
        return cls(
            told,
            newest_first=moves and times == sorted(times, reverse=True),
            oldest_first=moves and times == sorted(times),
        )

    def newest_of(self, earlier: str) -> str:
        """The newest message of this page and those `earlier`; empty where there is none."""
        candidates = list(reversed(self.told) if self.oldest_first else self.told)
        known = Newest.of(earlier)
        if known is not None:
            candidates.insert(0, known)
        return str(max(candidates, key=lambda one: one.at)) if candidates else ""

    def holds(self, newest: str | None) -> bool:
        """Whether the message that the list told is among them."""
        wanted = Newest.of(newest)
        return wanted is not None and any(
            (one.id, one.deleted) == (wanted.id, wanted.deleted) for one in self.told
        )

    def reaches(self, mark: str) -> bool:
        """Whether all that is newer than the mark was read with this page: only an order that is seen can say so."""
        known = Newest.of(mark)
        if known is None or not self.newest_first:
            return False
        return self.told[-1].at < known.at or any(one.id == known.id for one in self.told)


def lines_of(
    items: Sequence[object], own_id: str
) -> tuple[tuple[Listed, ...], tuple[IncomingMessage, ...], tuple[Unreadable, ...]]:
    """The conversations of a page of the list with the last message of each, and what cannot be read. A last message that
    cannot be read is left to its history."""
    listed: list[Listed] = []
    messages: list[IncomingMessage] = []
    unreadable: list[Unreadable] = []
    for item in items:
        line = chat_of(item, own_id)
        if isinstance(line, Unreadable):
            unreadable.append(line)
            continue
        chat, newest, last = line
        listed.append(Listed(chat, None if newest is None else str(newest)))
        message = message_of(last, chat.external_id, own_id) if isinstance(last, dict) else None
        if isinstance(message, IncomingMessage):
            messages.append(message)
    return tuple(listed), tuple(messages), tuple(unreadable)


def messages_in(body: bytes | None) -> list[Any]:
    """The messages of a history: a bare list, or one inside an object (a running client met both). Raises
    Unintelligible."""
    try:
        told = parsed(body or b"")
    except (ValueError, RecursionError):
        told = None
    return told if isinstance(told, list) else read(wire.Messages, body).messages


def next_line(offset: int, count: int) -> int | None:
    """Where the list goes on: only an empty page is its end, for a filter may shorten any; None at its end."""
    if count == 0:
        return None
    return _reachable(offset, offset + (count - OVERLAP if count >= PAGE else count))


def next_message(offset: int, count: int) -> int | None:
    """Where a history goes on; None behind a page that is not full."""
    return None if count < PAGE else _reachable(offset, offset + count)


def once(messages: Iterable[IncomingMessage]) -> tuple[IncomingMessage, ...]:
    """Each id once, in order of time: a page has no documented order."""
    read = {one.message.external_id: one for one in messages}
    return tuple(sorted(read.values(), key=lambda one: one.message.order))


def _reachable(offset: int, further: int) -> int | None:
    if further <= FURTHEST:
        return further
    if offset < FURTHEST:
        return FURTHEST
    log.info("avito: more than %d entries: the rest cannot be reached", FURTHEST + PAGE)
    return None

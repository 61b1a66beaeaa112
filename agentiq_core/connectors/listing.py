"""Reading a marketplace that lists conversations instead of events: whatever changed in the list has its history read.

A walk asks for the list page by page; a conversation whose newest message differs from what was read of it has its
history asked for behind that. Every step is one request, and the cursor between two steps says all that is left to do,
so that a walk may be broken off anywhere and go on in another process.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from agentiq_core.connectors.base import Memory
from agentiq_core.domain.messages import FeedPage, IncomingChat, IncomingMessage, Mark, Unreadable

WHOLE_EVERY: Final = timedelta(minutes=15)
"""How often the whole list is looked through; the walks between ask only for what waits for an answer."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation of the list. `newest` stands for its newest message in whatever way the list tells it; None where it
    does not, then its history is read each time. `whole`: the list itself says all there is (`ListPage.messages`), no
    history is asked for, and `newest` is its mark."""

    chat: IncomingChat
    newest: str | None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of the list. `more` is where the next one begins; None at the end. `ahead` as in `FeedPage`. `messages` are
    those that the list tells with its conversations; of conversations that did not change they go no further."""

    items: tuple[Listed, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    more: str | None = None
    ahead: float | None = None
    messages: tuple[IncomingMessage, ...] = ()

    @classmethod
    def of(
        cls,
        lines: Iterable[tuple[Listed, IncomingMessage | None] | Unreadable],
        *,
        more: str | None,
        ahead: float | None,
    ) -> ListPage:
        """A page of these lines, each with the message that it tells, or why it cannot be read."""
        read: list[tuple[Listed, IncomingMessage | None]] = []
        unreadable: list[Unreadable] = []
        for line in lines:
            if isinstance(line, Unreadable):
                unreadable.append(line)
            else:
                read.append(line)
        return cls(
            items=tuple(item for item, _ in read),
            unreadable=tuple(unreadable),
            more=more,
            ahead=ahead,
            messages=tuple(message for _, message in read if message is not None),
        )


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of one conversation. `mark` is to be remembered once the rest (`more`) was read too; None keeps what an
    earlier page of it said."""

    messages: tuple[IncomingMessage, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    chats: tuple[IncomingChat, ...] = ()
    mark: str | None = None
    more: str | None = None
    ahead: float | None = None


class Source(Protocol):
    """A marketplace's two methods, and what they say to each other. Each call is one request."""

    async def list_page(self, position: str | None, *, whole: bool) -> ListPage:
        """The list from `position`; not `whole`: only what may wait for an answer, where that can be asked for."""
        ...

    async def history(
        self, chat: str, *, after: str | None, newest: str | None, position: str | None
    ) -> HistoryPage:
        """What a conversation holds behind the mark `after` (None: all of it); `newest` as the list told it."""
        ...

    def is_read(self, mark: str, newest: str) -> bool:
        """Whether what the mark stands for is what the list tells."""
        ...


@dataclass(frozen=True, slots=True)
class _Left:
    """A conversation whose history is to be read, or read on."""

    chat: str
    after: str | None
    newest: str | None
    position: str | None = None
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands. `whole_at`: when the last walk through the whole list began, in Unix seconds."""

    whole: bool
    whole_at: float
    listing: bool = True
    position: str | None = None
    left: tuple[_Left, ...] = ()
    asked: frozenset[str] = field(default_factory=frozenset)


class Walk:
    """The pages of a feed made of a list and histories. Raises what its source raises."""

    def __init__(
        self,
        source: Source,
        memory: Memory,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        whole_every: timedelta = WHOLE_EVERY,
    ) -> None:
        self._source = source
        self._memory = memory
        self._clock = clock
        self._whole_every = whole_every

    async def page(self, cursor: str | None) -> FeedPage:
        """One step from `cursor`, as `Connector.page`; complete when the list was seen and every history is read."""
        place = _read(cursor)
        if place is None or (not place.listing and not place.left):
            place = await self._begin(place)
        return await (self._history(place) if place.left else self._list(place))

    async def _begin(self, ended: _Place | None) -> _Place:
        now = self._clock().timestamp()
        whole = ended is None or now - ended.whole_at >= self._whole_every.total_seconds()
        awaited = await self._memory.awaited()
        marks = await self._memory.marks(awaited) if awaited else {}
        return _Place(
            whole=whole,
            whole_at=now if whole or ended is None else ended.whole_at,
            left=tuple(_Left(chat, marks.get(chat), None) for chat in awaited),
            asked=frozenset(awaited),
        )

    async def _list(self, place: _Place) -> FeedPage:
        page = await self._source.list_page(place.position, whole=place.whole)
        marks = await self._marks(page.items)
        news = {
            item.chat.external_id: item
            for item in page.items
            if not self._is_read(marks.get(item.chat.external_id), item.newest)
        }
        changed = tuple(
            _Left(chat, marks.get(chat), item.newest)
            for chat, item in news.items()
            if chat not in place.asked and not item.whole
        )
        stuck = page.more is not None and page.more == place.position
        place = replace(place, listing=page.more is not None and not stuck, position=page.more, left=changed)
        return FeedPage(
            messages=tuple(item for item in page.messages if item.chat_external_id in news),
            chats=tuple(item.chat for item in page.items),
            unreadable=page.unreadable,
            marks=tuple(
                Mark(chat, item.newest)
                for chat, item in news.items()
                if item.whole and item.newest is not None
            ),
            cursor=_written(place),
            complete=not place.listing and not place.left,
            ahead=page.ahead,
        )

    async def _history(self, place: _Place) -> FeedPage:
        current, *others = place.left
        page = await self._source.history(
            current.chat, after=current.after, newest=current.newest, position=current.position
        )
        mark = page.mark if page.mark is not None else current.mark
        ended = page.more is None or page.more == current.position
        if not ended:
            others.insert(0, replace(current, position=page.more, mark=mark))
        place = replace(place, left=tuple(others))
        return FeedPage(
            messages=page.messages,
            chats=page.chats,
            unreadable=page.unreadable,
            marks=(Mark(current.chat, mark),) if ended and mark is not None and mark != current.after else (),
            cursor=_written(place),
            complete=not place.listing and not place.left,
            ahead=page.ahead,
        )

    async def _marks(self, items: Sequence[Listed]) -> dict[str, str]:
        return dict(await self._memory.marks([item.chat.external_id for item in items])) if items else {}

    def _is_read(self, mark: str | None, newest: str | None) -> bool:
        return mark is not None and newest is not None and self._source.is_read(mark, newest)


def _written(place: _Place) -> str:
    state: dict[str, Any] = {"whole_at": place.whole_at}
    if place.listing or place.left:
        state |= {
            "whole": place.whole,
            "listing": place.listing,
            "position": place.position,
            "left": [[one.chat, one.after, one.newest, one.position, one.mark] for one in place.left],
            "asked": sorted(place.asked),
        }
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"))


def _read(cursor: str | None) -> _Place | None:
    """A cursor of this version; any other begins a walk through everything, which repeats nothing that is stored."""
    try:
        state = json.loads(cursor or "")
        if "left" not in state:
            return _Place(whole=False, whole_at=float(state["whole_at"]), listing=False)
        return _Place(
            whole=bool(state["whole"]),
            whole_at=float(state["whole_at"]),
            listing=bool(state["listing"]),
            position=state["position"],
            left=tuple(_Left(*one) for one in state["left"]),
            asked=frozenset(state["asked"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None

"""Reading what Wildberries keeps in lists: reviews and questions that wait for an answer, and those that were handled.

The lists hold everything of an item and go by the time it was written, so an answer given in the cabinet moves an old
item between them without a trace at the top. A poll therefore

1. reads by id what somebody waits for (`Memory.awaited`);
2. looks at the newest that wait for an answer, every quarter of an hour at all of them; whatever we believe unanswered
   (`Memory.unanswered`) and the page should have shown but does not is read by id;
3. looks, every quarter of an hour, at the newest that were handled, until nothing is new;
4. reads a few pages more of the history, once; later, once a day, of the last months, where an answer may still be edited.

Every step is one request; the cursor between two steps tells all that is left, and an item counts as news only when it
differs from what its mark remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from agentiq_core.connectors.base import Memory
from agentiq_core.connectors.wildberries.places import Do, Place, Shelf, Step, Stretch, place_of, written
from agentiq_core.domain.messages import FeedPage, IncomingChat, IncomingMessage, Mark, Unreadable

WHOLE_EVERY: Final = timedelta(minutes=15)
EDITS_EVERY: Final = timedelta(days=1)
EDITABLE: Final = timedelta(days=90)
"""How far back edits are looked for: an answer may be edited for 60 days, and comes within 30 (WB API, feedbacks)."""
NEWEST, ALL = 200, 1000
"""Items of one request."""
BACK_PAGES: Final = 4
"""Pages of the history in one poll, so that what is new never waits behind it."""
BY_ID_AT_ONCE: Final = 50
"""Items read by id in one poll, of those that are awaited and of those that are missing; the next poll finds the rest."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item and what it is made of: the buyer's words, and the answer if there is one. `created` in Unix seconds; `print` changes whenever anything of it does."""

    id: str
    created: int
    print: str
    messages: tuple[IncomingMessage, ...]
    chat: IncomingChat

    @property
    def mark(self) -> str:
        """What to remember of it."""
        return f"{self.created}:{self.print}:{self._answer}"

    def news(self, remembered: str | None) -> tuple[IncomingMessage, ...]:
        """Its messages without an answer that is remembered: where no time is told it keeps that of its first reading."""
        answered = remembered is not None and self._answer and remembered.endswith(f":{self._answer}")
        return self.messages[:1] if answered else self.messages

    @property
    def _answer(self) -> str:
        return "" if len(self.messages) == 1 else self.messages[-1].message.external_id.replace(":", "-")


@dataclass(frozen=True, slots=True)
class Shelved:
    """A page of a list. `size` counts all that came, readable or not; `ahead` as in `FeedPage`."""

    items: tuple[Item, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    size: int = 0
    ahead: float | None = None


class Shelves(Protocol):
    """The lists of one channel. Each call is one request."""

    @property
    def channel(self) -> str:
        """Whose lists these are."""
        ...

    @property
    def last_skip(self) -> int:
        """The largest `skip` that may be asked with."""
        ...

    @property
    def shelves(self) -> tuple[Shelf, ...]:
        """Those there are beside the waiting ones."""
        ...

    @property
    def gives_up_after(self) -> timedelta | None:
        """The age at which an item without an answer leaves the list of those that wait."""
        ...

    async def listed(self, at: Stretch, take: int) -> Shelved:
        """A page of a list, the newest first. Only the waiting and the handled heed `until` and `since`."""
        ...

    async def one(self, id: str) -> Item | Unreadable | None:
        """An item by its id; None where there is no such."""
        ...


class Reading:
    """The pages of a feed that is kept in lists. Raises what its lists raise."""

    def __init__(self, shelves: Shelves, memory: Memory, clock: Callable[[], datetime]) -> None:
        self._shelves = shelves
        self._memory = memory
        self._clock = clock

    async def page(self, cursor: str | None) -> FeedPage:
        """One step from `cursor`, as `Connector.page`; complete when this poll has nothing left to do."""
        place = place_of(cursor)
        if place is None or not place.todo:
            place = await self._begin(place)
        step, *rest = place.todo
        place = replace(place, todo=tuple(rest))
        if step.do in (Do.AWAITED, Do.MISSING):
            page, place = await self._one(step, place)
        elif step.do is Do.BACK:
            page, place = await self._history(step, place)
        else:
            page, place = await self._look(step, place)
        return replace(page, cursor=written(place), complete=not place.todo)

    async def _begin(self, ended: Place | None) -> Place:
        now = self._clock().timestamp()
        if ended is None:
            history = tuple(Stretch(shelf) for shelf in self._shelves.shelves)
            ended = Place(whole_at=0.0, edits_at=now, back=history)
        elif not ended.back and now - ended.edits_at >= EDITS_EVERY.total_seconds():
            recent = Stretch(Shelf.HANDLED, since=int(now - EDITABLE.total_seconds()))
            ended = replace(ended, edits_at=now, back=(recent,))
        whole = now - ended.whole_at >= WHOLE_EVERY.total_seconds()
        awaited = tuple(dict.fromkeys(await self._memory.awaited()))[:BY_ID_AT_ONCE]
        steps = [Step(Do.AWAITED, ids=awaited)] if awaited else []
        steps.append(Step(Do.LOOK_AT_ALL if whole else Do.LOOK, at=Stretch(Shelf.WAITING)))
        if whole and ended.whole_at:
            steps += [Step(Do.NEWEST, at=Stretch(shelf)) for shelf in self._shelves.shelves]
        if ended.back:
            steps.append(Step(Do.BACK, room=BACK_PAGES))
        return replace(ended, whole_at=now if whole else ended.whole_at, todo=tuple(steps))

    async def _one(self, step: Step, place: Place) -> tuple[FeedPage, Place]:
        id, *others = step.ids
        found = await self._shelves.one(id)
        if others:
            place = replace(place, todo=(replace(step, ids=tuple(others)), *place.todo))
        if isinstance(found, Unreadable):
            return FeedPage(unreadable=(found,)), place
        if found is None:
            # not in the list and not by its id either: the buyer or Wildberries took it away
            return await self._gone(id) if step.do is Do.MISSING else FeedPage(), place
        if step.do is Do.MISSING:
            found = self._given_up(found)
        page, _ = await self._news(Shelved((found,)))
        return page, place

    async def _gone(self, id: str) -> FeedPage:
        mark = (await self._memory.marks([id])).get(id, "")
        gone = IncomingChat(id, channel=self._shelves.channel, settled_through=self._clock(), closed=True)
        return FeedPage(chats=(gone,), marks=(Mark(id, f"{_created(mark) or 0}:gone"),))

    def _given_up(self, item: Item) -> Item:
        """What waited too long and is no longer listed wants no answer any more."""
        after = self._shelves.gives_up_after
        if after is None or self._clock().timestamp() - item.created < after.total_seconds():
            return item
        if item.chat.settled_through is not None or len(item.messages) > 1:
            return item
        chat = replace(item.chat, settled_through=item.messages[0].message.sent_at)
        return replace(item, chat=chat, print=f"{item.print}+")

    async def _look(self, step: Step, place: Place) -> tuple[FeedPage, Place]:
        at = step.at or Stretch(Shelf.WAITING)
        take = ALL if step.do is Do.LOOK_AT_ALL else NEWEST
        shelved = await self._shelves.listed(at, take)
        page, news = await self._news(shelved)
        following = self._following(at, shelved, take)
        todo = list(place.todo)
        if following is not None and (news or step.do is Do.LOOK_AT_ALL):
            todo.insert(0, replace(step, at=following))
        if at.shelf is Shelf.WAITING:
            todo = await self._with_missing(todo, at, shelved, ended=following is None)
        return page, replace(place, todo=tuple(todo))

    async def _history(self, step: Step, place: Place) -> tuple[FeedPage, Place]:
        if not place.back:
            return FeedPage(), place
        at, *others = place.back
        shelved = await self._shelves.listed(at, ALL)
        page, _ = await self._news(shelved)
        following = self._following(at, shelved, ALL)
        back = tuple(others) if following is None else (following, *others)
        more = (replace(step, room=step.room - 1),) if back and step.room > 1 else ()
        return page, replace(place, back=back, todo=(*more, *place.todo))

    async def _news(self, shelved: Shelved) -> tuple[FeedPage, bool]:
        """What differs from what is remembered, and whether anything does."""
        marks = await self._memory.marks([item.id for item in shelved.items]) if shelved.items else {}
        changed = [item for item in shelved.items if marks.get(item.id) != item.mark]
        page = FeedPage(
            messages=tuple(message for item in changed for message in item.news(marks.get(item.id))),
            chats=tuple(item.chat for item in changed),
            unreadable=shelved.unreadable,
            marks=tuple(Mark(item.id, item.mark) for item in changed),
            ahead=shelved.ahead,
        )
        return page, bool(changed)

    async def _with_missing(
        self, todo: list[Step], at: Stretch, shelved: Shelved, *, ended: bool
    ) -> list[Step]:
        believed = await self._memory.unanswered()
        if not believed or at.skip:
            return todo
        marks = await self._memory.marks(believed)
        shown = {item.id for item in shelved.items} | {item.chat_external_id for item in shelved.unreadable}
        # the page holds everything between its oldest and where the one before it ended
        oldest = None if ended else min((item.created for item in shelved.items), default=None)
        covered = [
            id for id in believed if id not in shown and _is_within(marks, id, oldest, at.until, ended=ended)
        ]
        planned = {id for step in todo for id in step.ids}
        missing = [id for id in dict.fromkeys(covered) if id not in planned]
        missing = missing[: max(0, BY_ID_AT_ONCE - len(planned))]
        return [Step(Do.MISSING, ids=tuple(missing)), *todo] if missing else todo

    def _following(self, at: Stretch, page: Shelved, take: int) -> Stretch | None:
        """Where the next page of the list begins; None at its end."""
        if page.size < take:
            return None
        oldest = min((item.created for item in page.items), default=None)
        # a second may hold more than its items of this page
        until = None if oldest is None else oldest + 1
        if at.shelf is not Shelf.ARCHIVE and until is not None and (at.until is None or until < at.until):
            return replace(at, until=until, skip=0)
        skip = at.skip + page.size
        return replace(at, skip=skip) if skip <= self._shelves.last_skip else None


def _is_within(
    marks: Mapping[str, str], id: str, oldest: int | None, until: int | None, *, ended: bool
) -> bool:
    created = _created(marks.get(id, ""))
    if created is None:
        return ended and until is None
    return (ended or (oldest is not None and created > oldest)) and (until is None or created < until)


def _created(mark: str) -> int | None:
    seconds = mark.partition(":")[0]
    return int(seconds) if seconds.isdecimal() else None

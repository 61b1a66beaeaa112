"""The event feed of one seller: ordered by time, read by a cursor in milliseconds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice

from agentiq_core.sandbox.wildberries.records import Boundary, Message


class Feed:
    """Events ascending by time. Pages hold `size` events (WB API, events: 50)."""

    def __init__(self) -> None:
        self._times: list[int] = []
        self._messages: list[Message] = []

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, message: Message) -> None:
        """Put an event in its place; events of one millisecond keep the order of arrival."""
        if not self._times or self._times[-1] <= message.time:
            place = len(self._times)
        else:
            place = bisect_right(self._times, message.time)
        self._times.insert(place, message.time)
        self._messages.insert(place, message)

    def extend_sorted(self, messages: Iterable[Message]) -> None:
        """Add many at once, whatever their order (bulk history)."""
        merged = sorted([*self._messages, *messages], key=lambda message: message.time)
        self._messages = merged
        self._times = [message.time for message in merged]

    @property
    def newest(self) -> int:
        """Time of the newest event, 0 when there is none."""
        return self._times[-1] if self._times else 0

    def page(self, after: int | None, now: float, size: int, boundary: Boundary) -> list[Message]:
        """Events after the cursor, from the oldest one when there is no cursor; empty at the end."""
        fresh = self._whole_page(after, now, size)
        if after is None or boundary is Boundary.WHOLE or not fresh:
            return fresh
        repeated = list(self._at(after, now))
        return repeated + self._whole_page(after, now, max(1, size - len(repeated)))

    def before(self, cursor: int | None, now: float, count: int) -> list[Message]:
        """The last events a reader at this cursor was given, at most count."""
        end = 0 if cursor is None else bisect_right(self._times, cursor)
        given = (message for message in reversed(self._messages[:end]) if message.visible_from <= now)
        return list(islice(given, count))[::-1]

    def _at(self, moment: int, now: float) -> Iterator[Message]:
        first, last = bisect_left(self._times, moment), bisect_right(self._times, moment)
        return (message for message in self._messages[first:last] if message.visible_from <= now)

    def _whole_page(self, after: int | None, now: float, size: int) -> list[Message]:
        start = 0 if after is None else bisect_right(self._times, after)
        visible = (
            self._messages[index]
            for index in range(start, len(self._messages))
            if self._messages[index].visible_from <= now
        )
        found = list(islice(visible, size + 1))
        if len(found) <= size:
            return found
        cut = found[size].time
        page = [message for message in found[:size] if message.time != cut]
        return page or list(self._at(cut, now))

"""The scrolling part of the conversation: keeps the reading position whatever arrives."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from textual.containers import VerticalScroll
from textual.message import Message

from agentiq_tui.actions import Where, bindings
from agentiq_tui.messages import OlderWanted
from agentiq_tui.timing import day
from agentiq_tui.transcript import Entry
from agentiq_tui.widgets.day_line import DayLine
from agentiq_tui.widgets.message_line import MessageLine

Line = MessageLine | DayLine
DAY, UNUSED = "day:", ""
NEAR_TOP = 3
"""Lines from the top at which the older run is asked for."""


class TranscriptView(VerticalScroll, can_focus=True):
    """Messages as widgets; only what changed is mounted anew. Scrolling is at once: an animation would run into older pages."""

    BINDINGS = bindings(Where.CHAT)

    class EndReached(Message):
        """The newest message is in sight."""

    def __init__(self) -> None:
        super().__init__(id="transcript")
        self.has_older = False
        self._drawing = asyncio.Lock()
        self._marked: str | None = None

    @property
    def at_end(self) -> bool:
        """Whether the newest message is in sight, so that the view follows new ones."""
        return self.scroll_offset.y >= self.max_scroll_y - 1

    def on_resize(self) -> None:
        # a view that follows its end is moved in the layout, which moves its scrollbar without drawing it
        self.call_after_refresh(self.vertical_scrollbar.refresh)

    def lines(self) -> list[Line]:
        return [child for child in self.children if isinstance(child, (MessageLine, DayLine))]

    def last_in_sight(self, fits: Callable[[Entry], bool]) -> Entry | None:
        """The lowest message in sight that fits."""
        window = self.scrollable_content_region
        for line in reversed(self.lines()):
            if isinstance(line, MessageLine) and window.overlaps(line.region) and fits(line.entry):
                return line.entry
        return None

    @property
    def marked_entry(self) -> Entry | None:
        """The message that was chosen, if one was."""
        return next((line.entry for line in self._messages() if line.key == self._marked), None)

    def _messages(self) -> list[MessageLine]:
        return [line for line in self.lines() if isinstance(line, MessageLine)]

    def mark(self, key: str | None) -> None:
        """Mark this message, and bring it into sight; None marks none."""
        self._marked = key
        for line in self._messages():
            line.set_class(line.key == key, "-marked")
            if line.key == key:
                self.scroll_to_widget(line, animate=False)

    def on_message_line_chosen(self, event: MessageLine.Chosen) -> None:
        event.stop()
        self.mark(event.key)

    def action_previous_message(self) -> None:
        self._step(-1)
        self._look_above()

    def action_next_message(self) -> None:
        self._step(1)

    def _step(self, by: int) -> None:
        """From the marked message to its neighbour; from none to the lowest one in sight."""
        keys = [line.key for line in self._messages()]
        if self._marked in keys:
            self.mark(keys[min(max(keys.index(self._marked) + by, 0), len(keys) - 1)])
        elif (lowest := self.last_in_sight(lambda _entry: True)) is not None:
            self.mark(lowest.key)

    def to_entry(self, key: str) -> None:
        """Bring this line to the top, and mark it."""
        for line in self._messages():
            if line.key == key:
                self.mark(key)
                self.call_after_refresh(self.scroll_to_widget, line, animate=False, top=True)

    async def show(self, entries: Sequence[Entry], buyer: str, now: datetime, *, fresh: bool) -> int:
        """Show these entries; `fresh` for another chat. Returns how many arrived below the reading position."""
        # what is mounted while another drawing waits for its own would stand there twice
        async with self._drawing:
            return await self._show(entries, buyer, now, fresh=fresh)

    async def _show(self, entries: Sequence[Entry], buyer: str, now: datetime, *, fresh: bool) -> int:
        wanted = _with_days(entries, now)
        with self.app.batch_update():
            if fresh:
                self._marked = None
                self._recycle(wanted, buyer, now)
                await self._change(wanted, buyer, now)
                self.anchor()
                return 0
            following = self.at_end
            before, height = [line.key for line in self.lines()], self.virtual_size.height
            arrived = await self._change(wanted, buyer, now)
        if _grown_above(before, [key for key, _ in wanted]):
            self.call_after_refresh(self._hold_place, height)
        elif following:
            self.scroll_end(animate=False)
            return 0
        return arrived

    def to_end(self) -> None:
        """Bring the newest message into sight and follow from there."""
        self.anchor()
        self.scroll_end(animate=False)

    def action_scroll_up(self) -> None:
        self.scroll_up(animate=False)
        self._look_above()

    def action_scroll_down(self) -> None:
        self.scroll_down(animate=False)

    def action_page_up(self) -> None:
        self.scroll_page_up(animate=False)
        self._look_above()

    def action_page_down(self) -> None:
        self.scroll_page_down(animate=False)

    def action_scroll_home(self) -> None:
        self.scroll_home(animate=False)
        self._look_above()

    def action_scroll_end(self) -> None:
        self.to_end()

    def tick(self, now: datetime) -> None:
        for line in self.lines():
            if isinstance(line, MessageLine):
                line.tick(now)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self.at_end:
            self.post_message(self.EndReached())
        elif new_value < old_value:
            self._look_above()

    def _look_above(self) -> None:
        """Ask for what is older; also for a key that moves nothing, because the view is at its top already."""
        if self.has_older and self.scroll_y <= NEAR_TOP:
            self.post_message(OlderWanted())

    def _hold_place(self, height: int) -> None:
        self.scroll_to(y=self.scroll_y + self.virtual_size.height - height, animate=False)

    def _recycle(self, wanted: list[tuple[str, Entry | str]], buyer: str, now: datetime) -> None:
        """Let the lines that are there show these, in order: making and styling new ones is most of what a switch costs."""
        free = deque(self.lines())
        if any(line in self.screen.selections for line in free):
            self.screen.clear_selection()
        for key, item in wanted:
            while isinstance(item, Entry) and free and isinstance(free[0], DayLine):
                free.popleft().key = UNUSED
            if isinstance(item, Entry) and free and isinstance(line := free[0], MessageLine):
                line.show_other(item, buyer, now)
            elif isinstance(item, str) and free and isinstance(line := free[0], DayLine):
                line.show(key, item)
            else:
                continue
            free.popleft()
        for line in free:
            line.key = UNUSED

    async def _change(self, wanted: list[tuple[str, Entry | str]], buyer: str, now: datetime) -> int:
        keys = [key for key, _ in wanted]
        kept = set(keys)
        await self.remove_children([line for line in self.lines() if line.key not in kept])
        lines = self.lines()
        order = {key: place for place, key in enumerate(keys)}
        if [line.key for line in lines] != sorted((line.key for line in lines), key=order.__getitem__):
            await self.remove_children()
            lines = []
        shown = {line.key: line for line in lines}
        arrived, run, anchor = 0, [], None
        for key, item in wanted:
            line = shown.get(key)
            if line is None:
                run.append((key, item))
                continue
            if run:
                await self.mount_all(self._new(run, buyer, now), before=line)
                run = []
            anchor = key
            if isinstance(line, MessageLine) and isinstance(item, Entry):
                line.show(item, now)
            elif isinstance(line, DayLine) and isinstance(item, str):
                line.show(key, item)
        if run:
            arrived = sum(isinstance(item, Entry) for _, item in run) if anchor else 0
            await self.mount_all(self._new(run, buyer, now))
        return arrived

    def _new(self, items: list[tuple[str, Entry | str]], buyer: str, now: datetime) -> list[Line]:
        return [
            MessageLine(item, buyer, now) if isinstance(item, Entry) else DayLine(key, item)
            for key, item in items
        ]


def _grown_above(before: list[str], keys: list[str]) -> bool:
    """Whether something came above the first message that was shown."""
    first = next((key for key in before if not key.startswith(DAY)), None)
    return first in keys and keys.index(first) > before.index(first)


def _with_days(entries: Sequence[Entry], now: datetime) -> list[tuple[str, Entry | str]]:
    lines: list[tuple[str, Entry | str]] = []
    current = None
    for entry in entries:
        its_day = entry.at.astimezone().date()
        if its_day != current:
            current = its_day
            lines.append((f"{DAY}{its_day}", day(entry.at, now)))
        lines.append((entry.key, entry))
    return lines

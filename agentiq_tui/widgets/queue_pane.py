"""The left pane: three queues, one of them open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.filters import EVERYTHING, QueueFilter
from agentiq_core.domain.views import ChatRef, Overview, QueueKey
from agentiq_tui.actions import shown_key
from agentiq_tui.asking import Latest
from agentiq_tui.locale import _, ngettext
from agentiq_tui.messages import ChatChosen, NarrowedCounted, PageFetched, Widened
from agentiq_tui.queue_model import QueueModel
from agentiq_tui.widgets.filter_line import FilterLine
from agentiq_tui.widgets.news_line import NewsLine
from agentiq_tui.widgets.queue_header import QueueHeader
from agentiq_tui.widgets.queue_list import QueueList

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

PAGE = 100
"""Rows fetched at once as the cursor nears the end."""
SETTLE = 0.15
"""Seconds the cursor rests on a chat before it is opened: scanning the list marks nothing as read."""


class QueuePane(Vertical):
    """Fetches pages of the open queue and keeps the order still under the operator's hands."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(id="queue-pane", classes="pane")
        self.clock = clock
        self.desk: Desk | None = None
        self.models = {queue: QueueModel(queue) for queue in Queue}
        self.open_queue = Queue.WORK
        self._paging: QueueKey | None = None
        self._first = Latest(self, self._first_page, quiet=True, long=True, signed=True)
        self._next = Latest(self, self._next_page, quiet=True, long=True, signed=True)
        self._settling: Timer | None = None
        self._write_first = False
        self._choosing = True
        self.narrowed = EVERYTHING
        self.filter_words = ""
        self._counts = Latest(self, self._count, quiet=True, long=True)

    def compose(self) -> ComposeResult:
        yield FilterLine()
        for queue in Queue:
            yield QueueHeader(queue)
            if queue is self.open_queue:
                yield NewsLine(id="news")
                yield QueueList()

    def on_mount(self) -> None:
        self.queue_list.empty_line = ""
        self.query_one(f"#header-{self.open_queue.value}").add_class("-open")

    @property
    def queue_list(self) -> QueueList:
        return self.query_one(QueueList)

    @property
    def model(self) -> QueueModel:
        """The open queue."""
        return self.models[self.open_queue]

    def show_waiting(self, line: str) -> None:
        """A page is waited for."""
        self.border_subtitle = line

    def connect(self, desk: Desk) -> None:
        """The desk is open: fill the list."""
        self.desk = desk
        self.refetch()

    def refetch(self) -> None:
        """Fetch the rows that are loaded again: a live change, or a first look."""
        self._first.request()

    def show_overview(self, overview: Overview) -> None:
        if self.narrowed:
            self._counts.request()
            return
        for header in self.query(QueueHeader):
            header.count = overview.counts.get(header.queue, 0)

    def narrow(self, narrowed: QueueFilter, words: str = "") -> None:
        """Show only what the filter lets through, in every queue; `words` are how it was written."""
        if narrowed == self.narrowed:
            return
        self.narrowed, self.filter_words = narrowed, words or str(narrowed)
        self.models = {queue: QueueModel(queue) for queue in Queue}
        self.queue_list.marked.clear()
        self.queue_list.cursor = None
        self._choosing, self._paging = False, None
        for header in self.query(QueueHeader):
            header.count = None
        self.queue_list.scroll_to(y=0, animate=False)
        self._draw()
        self._first.request(instead=True)
        if narrowed:
            self._counts.request(instead=True)
        else:
            self.post_message(Widened())

    @property
    def marked(self) -> tuple[ChatRef, ...]:
        """The conversations that the operator marked."""
        return tuple(sorted(self.queue_list.marked))

    def unmark(self) -> bool:
        """Take every mark off; False where there was none."""
        had = bool(self.queue_list.marked)
        self.queue_list.marked.clear()
        self._draw()
        return had

    @on(QueueList.Marked)
    def _marks_changed(self, event: QueueList.Marked) -> None:
        event.stop()
        self._say_narrowed()

    def _say_narrowed(self) -> None:
        self.query_one(FilterLine).show(self.narrowed, self.filter_words, len(self.queue_list.marked))

    async def _count(self) -> NarrowedCounted | None:
        narrowed = self.narrowed
        if self.desk is None or not narrowed:
            return None
        return NarrowedCounted(narrowed, {queue: await self.desk.count(queue, narrowed) for queue in Queue})

    def on_narrowed_counted(self, event: NarrowedCounted) -> None:
        event.stop()
        if event.narrowed == self.narrowed:
            for header in self.query(QueueHeader):
                number, more = event.counts[header.queue]
                header.count = f"{number}+" if more else number

    def open(self, queue: Queue, cursor: ChatRef | None = None) -> None:
        """Open a queue, with the cursor on a chat or at its top."""
        self._choosing = False
        same = queue is self.open_queue
        if not same:
            self._unfold(queue)
        self.model.apply()
        if cursor is not None or not same:
            rows = self.model.rows
            self.queue_list.cursor = cursor or (rows[0].ref if rows else None)
        self._draw(follow=True)
        if not same:
            self.refetch()
        elif cursor is not None and self.model.index(cursor) is None:
            # it lies behind what is loaded
            self._read_on()

    def _unfold(self, queue: Queue) -> None:
        """Move the list under the header of this queue."""
        self.open_queue = queue
        for header in self.query(QueueHeader):
            header.set_class(header.queue is queue, "-open")
            header.refresh()
        news = self.query_one("#news", NewsLine)
        self.move_child(news, after=self.query_one(f"#header-{queue.value}"))
        self.move_child(self.queue_list, after=news)
        self.queue_list.scroll_to(y=0, animate=False)

    def read(self, ref: ChatRef) -> None:
        """This chat is on screen: its mark goes at once, the database follows."""
        for model in self.models.values():
            model.read(ref)
        self._draw()

    def refresh_words(self) -> None:
        """The language changed."""
        for header in self.query(QueueHeader):
            header.refresh()
        self.queue_list.refresh()
        self._draw()

    def neighbour(self, step: int) -> Queue:
        """The queue above or below the open one."""
        queues = list(Queue)
        return queues[(queues.index(self.open_queue) + step) % len(queues)]

    def apply_changes(self) -> None:
        """Show the order that waits; the cursor stays on its chat, or on its line when the chat has gone."""
        line = self.queue_list.line
        self.model.apply()
        rows = self.model.rows
        if self.model.index(self.queue_list.cursor) is None and rows:
            self.queue_list.cursor = rows[min(line, len(rows) - 1)].ref
            self._choose(self.queue_list.cursor, deliberate=False, write=False)
        self._draw(follow=True)

    def tick(self) -> None:
        self.queue_list.tick(self.clock())

    def _draw(self, *, follow: bool = False) -> None:
        self.queue_list.empty_line = _("Nobody waits here") if self.model.loaded else ""
        self.queue_list.show(self.model.rows, self.clock(), follow=follow)
        self._say_narrowed()
        news = self.query_one("#news", NewsLine)
        news.display = self.model.waiting is not None
        if self.model.waiting is not None:
            count = self.model.news
            line = (
                ngettext("▲ {n} new · {key}", "▲ {n} new · {key}", count)
                if count
                else _("▲ order changed · {key}")
            )
            news.update(Content(line.format(n=count, key=shown_key("apply_changes", letter=True))))

    async def _first_page(self) -> PageFetched | None:
        if self.desk is None:
            return None
        queue, model, narrowed = self.open_queue, self.model, self.narrowed
        page = await self.desk.queue(queue, None, model.reach, narrowed)
        if self._choosing and queue is Queue.WORK and not page.rows:
            # nothing breaks soon: who starts the day sees those who wait all the same
            waiting = await self.desk.queue(Queue.WAITING, None, model.reach)
            if waiting.rows:
                return PageFetched(Queue.WAITING, waiting, first=True)
        missing = [row.ref for row in model.missing(page)]
        gone = await self.desk.rows(missing) if missing else []
        return PageFetched(queue, page, first=True, gone=tuple(gone), narrowed=narrowed)

    async def _next_page(self) -> PageFetched | None:
        queue, after, page, narrowed = self.open_queue, self.model.after, None, self.narrowed
        try:
            if self.desk is not None and after is not None:
                page = await self.desk.queue(queue, after, PAGE, narrowed)
        finally:
            if page is None:
                # nothing came: the next look at the end asks again
                self._paging = None
        return PageFetched(queue, page, first=False, narrowed=narrowed) if page is not None else None

    def on_page_fetched(self, event: PageFetched) -> None:
        event.stop()
        if event.narrowed != self.narrowed:
            # an answer to what nobody looks at any more
            return
        model = self.models[event.queue]
        if not event.first:
            self._paging = None
            model.extend(event.page)
            if event.queue is self.open_queue:
                # the chat that was gone to may have lain behind what was loaded
                self._draw(follow=self.queue_list.cursor in {row.ref for row in event.page.rows})
            return
        if self._choosing and event.queue is not self.open_queue:
            self._unfold(event.queue)
        self._choosing = self._choosing and not event.page.rows
        fresh = not model.loaded
        seen = self.queue_list.last_seen if event.queue is self.open_queue else 0
        model.offer(event.page, seen=seen, gone=event.gone)
        if event.queue is not self.open_queue:
            return
        self._draw(follow=fresh)
        if fresh and self.queue_list.cursor is not None:
            self._choose(self.queue_list.cursor, deliberate=True, write=self._write_first)
        self._write_first = False

    @on(QueueList.OpenedEmpty)
    def _write_when_loaded(self, event: QueueList.OpenedEmpty) -> None:
        event.stop()
        self._write_first = not self.model.loaded

    @on(QueueList.NearEnd)
    def _page_on(self) -> None:
        # a page may have come since the list said so
        if self.queue_list.near_end:
            self._read_on()

    def _read_on(self) -> None:
        after = self.model.after
        if after is not None and after != self._paging:
            self._paging = after
            self._next.request()

    @on(QueueList.Moved)
    def _moved(self, event: QueueList.Moved) -> None:
        event.stop()
        self._choose(event.ref, deliberate=event.deliberate, write=event.write)

    def _choose(self, ref: ChatRef, *, deliberate: bool, write: bool) -> None:
        if self._settling is not None:
            self._settling.stop()
            self._settling = None
        if deliberate:
            self.post_message(ChatChosen(ref, write))
        else:
            self._settling = self.set_timer(SETTLE, lambda: self.post_message(ChatChosen(ref)) and None)

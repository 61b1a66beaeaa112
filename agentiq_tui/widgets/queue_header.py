"""The one-line title of a queue in the accordion, with its count."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from agentiq_core.domain.chats import Queue
from agentiq_tui.locale import _
from agentiq_tui.shown import fitted
from agentiq_tui.wording import QUEUES


class QueueHeader(Widget):
    """A click opens its queue."""

    @dataclass
    class Pressed(Message):
        queue: Queue

    count: reactive[int | str | None] = reactive(None)

    def __init__(self, queue: Queue) -> None:
        super().__init__(id=f"header-{queue.value}", classes="queue-header")
        self.queue = queue

    def render(self) -> Content:
        mark = "▾" if self.has_class("-open") else "▸"
        count = "" if self.count is None else str(self.count)
        width = self.size.width - len(count) - 3
        title = fitted(_(QUEUES[self.queue]), width)
        return Content.assemble(f"{mark} {title}", (f" {count}", "bold"))

    def on_click(self) -> None:
        self.post_message(self.Pressed(self.queue))

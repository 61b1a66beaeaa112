"""What the queue pane knows: the rows on screen, and a newer order that waits until the operator takes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.views import ChatRef, QueueKey, QueuePage, QueueRow

REFRESHED = 300
"""The most rows that a live change fetches again; deeper ones keep what they showed."""


@dataclass
class QueueModel:
    """One queue. Rows on screen never change their order by themselves; `waiting` is the order that would."""

    queue: Queue
    rows: list[QueueRow] = field(default_factory=list)
    after: QueueKey | None = None
    waiting: QueuePage | None = None
    loaded: bool = False

    @property
    def reach(self) -> int:
        """How many rows a live change should fetch again."""
        return max(100, min(len(self.rows), REFRESHED))

    @property
    def news(self) -> int:
        """Chats that wait to be shown."""
        if self.waiting is None:
            return 0
        known = {row.ref for row in self.rows}
        return sum(row.ref not in known for row in self.waiting.rows)

    def index(self, ref: ChatRef | None) -> int | None:
        """The line a chat is on."""
        return next((line for line, row in enumerate(self.rows) if row.ref == ref), None)

    def extend(self, page: QueuePage) -> None:
        """Add an older page at the end."""
        known = {row.ref for row in self.rows}
        self.rows.extend(row for row in page.rows if row.ref not in known)
        self.after = page.after

    def missing(self, page: QueuePage) -> list[QueueRow]:
        """Rows on screen that a fresh first page would hold if they were still in this queue."""
        fresh = {row.ref for row in page.rows}
        reached = len(self.rows) if page.after is None else len(page.rows)
        return [row for row in self.rows[:reached] if row.ref not in fresh]

    def offer(self, page: QueuePage, *, seen: int, gone: Iterable[QueueRow] = ()) -> None:
        """Take a fresh first page: the facts of shown rows at once, its order only where nobody looks.

        `seen` is the number of lines from the top to the last visible one; `gone` are newer facts of `missing` rows.
        """
        if not self.loaded or not self.rows:
            self.rows, self.after, self.waiting, self.loaded = list(page.rows), page.after, None, True
            return
        fresh = {row.ref: row for row in (*gone, *page.rows)}
        self.rows = [fresh.get(row.ref, row) for row in self.rows]
        shown = [row.ref for row in self.rows[:seen]]
        merged = self._merged(page)
        if shown == [row.ref for row in merged[:seen]] and (len(merged) >= seen or page.after is None):
            self.waiting = page
            self.apply()
        else:
            self.waiting = page

    def read(self, ref: ChatRef) -> None:
        """The operator has read this chat."""
        line = self.index(ref)
        if line is not None and self.rows[line].unread:
            self.rows[line] = replace(self.rows[line], unread=0)

    def apply(self) -> bool:
        """Show the waiting order; False when none waits."""
        if self.waiting is None:
            return False
        self.after = self.after if self._deep(self.waiting) else self.waiting.after
        self.rows = self._merged(self.waiting)
        self.waiting = None
        return True

    def _deep(self, page: QueuePage) -> bool:
        return page.after is not None and len(self.rows) > len(page.rows)

    def _merged(self, page: QueuePage) -> list[QueueRow]:
        if not self._deep(page):
            return list(page.rows)
        fresh = {row.ref for row in page.rows}
        return [*page.rows, *(row for row in self.rows[len(page.rows) :] if row.ref not in fresh)]

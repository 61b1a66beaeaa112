"""The open queue as a virtual list: two lines a chat, drawn only where visible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agentiq_core.domain.chats import ChatStatus, Priority
from agentiq_core.domain.outbox import NEEDS_A_LOOK, OutboxState
from agentiq_core.domain.views import ChatRef, QueueRow
from agentiq_tui.actions import Where, bindings
from agentiq_tui.locale import _
from agentiq_tui.shown import fitted, list_line
from agentiq_tui.timing import SOON, clock_time, countdown, day
from agentiq_tui.wording import DELIVERY, PRIORITIES, STATUSES, channel_line, marketplace_short

ROW = 2
"""Lines a chat takes."""
CLOCK = 6
MARGIN = 20
"""How near the end of what is loaded the next page is asked for."""

_SIGNS = {Priority.URGENT: "●", Priority.HIGH: "◐", Priority.NORMAL: "○"}
_QUIET = {ChatStatus.RESPONDED: "✓", ChatStatus.AUTO_RESPONSE: "·", ChatStatus.CLOSED: "–"}
_OUTBOX = {
    OutboxState.QUEUED: "…",
    OutboxState.SENDING: "→",
    OutboxState.SENT: "✓",
    OutboxState.CONFIRMED: "✓",
}


class QueueList(ScrollView, can_focus=True):
    """Rows of a queue. The cursor is on a chat, not on a line: new rows never move it to another chat."""

    BINDINGS = bindings(Where.QUEUE)
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "queue--row",
        "queue--cursor",
        "queue--cursor-blurred",
        "queue--overdue",
        "queue--soon",
        "queue--calm",
        "queue--faint",
        "queue--unread",
        "queue--trouble",
    }

    @dataclass
    class Moved(Message):
        """The cursor is on another chat; `deliberate` when the operator pointed at it or pressed Enter."""

        ref: ChatRef
        deliberate: bool = False
        write: bool = False

    class OpenedEmpty(Message):
        """Enter was pressed where there is no chat (yet)."""

    class Marked(Message):
        """A mark was set or taken off."""

    class NearEnd(Message):
        """The end of what is loaded comes into sight."""

    def __init__(self) -> None:
        super().__init__(id="queue-list")
        self.rows: Sequence[QueueRow] = ()
        self.cursor: ChatRef | None = None
        self.marked: set[ChatRef] = set()
        self.now: datetime | None = None
        self.empty_line = ""
        self._drawn: dict[int, object] = {}
        """By line, the look of the chats that are on the screen."""

    @property
    def line(self) -> int:
        """The index of the chat under the cursor; 0 when it is on none."""
        return next((index for index, row in enumerate(self.rows) if row.ref == self.cursor), 0)

    @property
    def last_seen(self) -> int:
        """How many rows from the top end within or above the visible part."""
        return (self.scroll_offset.y + self.size.height + ROW - 1) // ROW

    @property
    def near_end(self) -> bool:
        """Whether the cursor or the visible part is within `MARGIN` rows of the end of what is loaded."""
        return bool(self.rows) and max(self.line + 1, self.last_seen) > len(self.rows) - MARGIN

    def show(self, rows: Sequence[QueueRow], now: datetime, *, follow: bool = False) -> None:
        """Draw these rows; `follow` brings the cursor's chat into sight."""
        self.rows, self.now = rows, now
        self.virtual_size = Size(self.scrollable_content_region.width, len(rows) * ROW)
        if self.cursor is None and rows:
            self.cursor = rows[0].ref
        if follow:
            self._reveal()
        self._refresh_changed()

    def tick(self, now: datetime) -> None:
        """A second has passed: countdowns of visible rows are drawn anew."""
        self.now = now
        self._refresh_changed()

    def put_cursor(self, ref: ChatRef) -> None:
        """Move the cursor to a chat without telling anyone."""
        self.cursor = ref
        self._reveal()
        self._refresh_changed()

    def _refresh_changed(self) -> None:
        """Draw anew what looks otherwise than it is drawn; a list that scrolled is drawn as a whole in any case."""
        top = self.scroll_offset.y // ROW
        visible = range(top, self.last_seen)
        self._drawn = {line: look for line, look in self._drawn.items() if line in visible}
        for line in visible:
            if self._drawn.get(line) != self._look(line):
                self.refresh_lines(line * ROW, ROW)

    def _look(self, line: int) -> object:
        """Everything that tells how a line is drawn."""
        if line >= len(self.rows) or self.now is None:
            return self.empty_line if not self.rows else None
        row = self.rows[line]
        chosen = row.ref == self.cursor
        in_words = self.app.has_class("-plain")
        return (
            row,
            chosen,
            chosen and self.has_focus,
            row.ref in self.marked,
            self._tone(row),
            self._clock(row),
            in_words,
        )

    def _reveal(self) -> None:
        self.scroll_to_region(Region(0, self.line * ROW, 1, ROW), animate=False, force=True)

    def _move_to(self, index: int, *, deliberate: bool = False, write: bool = False) -> None:
        if not self.rows:
            return
        index = max(0, min(index, len(self.rows) - 1))
        self.put_cursor(self.rows[index].ref)
        self.post_message(self.Moved(self.rows[index].ref, deliberate, write))
        self._tell_near_end()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._tell_near_end()

    def _tell_near_end(self) -> None:
        if self.near_end:
            self.post_message(self.NearEnd())

    def action_cursor_down(self) -> None:
        self._move_to(self.line + 1)

    def action_cursor_up(self) -> None:
        self._move_to(self.line - 1)

    def action_cursor_first(self) -> None:
        self._move_to(0)

    def action_cursor_last(self) -> None:
        self._move_to(len(self.rows) - 1)

    def action_cursor_page_down(self) -> None:
        self._move_to(self.line + max(1, self.size.height // ROW))

    def action_cursor_page_up(self) -> None:
        self._move_to(self.line - max(1, self.size.height // ROW))

    def action_open(self) -> None:
        if not self.rows:
            self.post_message(self.OpenedEmpty())
        self._move_to(self.line, deliberate=True, write=True)

    def action_mark_chat(self) -> None:
        """Mark the chat under the cursor, or take its mark off, and go on to the next."""
        if self.rows:
            self.marked ^= {self.rows[self.line].ref}
            self.post_message(self.Marked())
            self._move_to(self.line + 1)

    def action_mark_every(self) -> None:
        """Mark everything that is loaded; take the marks off where that is marked already."""
        every = {row.ref for row in self.rows}
        self.marked = set() if every <= self.marked else self.marked | every
        self.post_message(self.Marked())
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        index = (event.y + self.scroll_offset.y) // ROW
        if 0 <= index < len(self.rows):
            self._move_to(index, deliberate=True, write=event.chain > 1)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        index, part = divmod(y + self.scroll_offset.y, ROW)
        plain = self.get_component_rich_style("queue--row")
        if part == 0:
            self._drawn[index] = self._look(index)
        if index >= len(self.rows) or self.now is None:
            line = self.empty_line if y == 1 and not self.rows else ""
            faint = self.get_component_rich_style("queue--faint", partial=True)
            return Strip([Segment(fitted("  " + line, width), plain + faint)], width)
        row = self.rows[index]
        chosen = row.ref == self.cursor
        if chosen:
            plain = self.get_component_rich_style(
                "queue--cursor" if self.has_focus else "queue--cursor-blurred"
            )
        edge = "✓" if row.ref in self.marked and part == 0 else "▌" if chosen else " "
        segments = [Segment(edge, plain)]
        segments += self._facts(row, width - 1, plain) if part == 0 else self._preview(row, width - 1, plain)
        return Strip(segments, width).adjust_cell_length(width, plain)

    def _facts(self, row: QueueRow, width: int, plain: Style) -> list[Segment]:
        """State, clock, marketplace, buyer, and on the right what needs a look."""
        mood = plain + self._style(self._tone(row))
        faint = plain + self.get_component_rich_style("queue--faint", partial=True)
        sign = _SIGNS[row.priority] if row.needs_reply else _QUIET.get(row.status, "·")
        right: list[Segment] = []
        if row.unread:
            right.append(Segment(f" •{min(row.unread, 99)}", plain + self._style("unread")))
        if row.outbox is not None:
            style = self._style("trouble" if row.outbox in NEEDS_A_LOOK else "faint")
            right.append(Segment(f" {_OUTBOX.get(row.outbox, '!')}", plain + style))
        tone = "unread" if row.unread else "row" if row.needs_reply else "faint"
        name = plain + (self._style(tone) if tone != "row" else Style())
        left = width - (CLOCK + 6) - sum(cell_len(segment.text) for segment in right) - 1
        buyer = list_line(row.buyer_name or "") or _("buyer")
        return [
            Segment(f"{sign} {self._clock(row):>{CLOCK}} ", mood),
            Segment(f"{marketplace_short(row.marketplace)} ", faint),
            Segment(fitted(buyer, left), name),
            *right,
            Segment(" ", plain),
        ]

    def _tone(self, row: QueueRow) -> str:
        overdue = row.due_at is not None and self.now is not None and row.due_at <= self.now
        pressing = row.due_at is not None and self.now is not None and row.due_at - self.now <= SOON
        return "overdue" if overdue else "soon" if pressing else "calm" if row.needs_reply else "faint"

    def _clock(self, row: QueueRow) -> str:
        if self.now is None:
            return ""
        if row.due_at is not None and row.needs_reply:
            return countdown(row.due_at, self.now)
        if row.last_at is None:
            return ""
        label = day(row.last_at, self.now)
        return clock_time(row.last_at) if label == day(self.now, self.now) else label[:CLOCK]

    def _preview(self, row: QueueRow, width: int, plain: Style) -> list[Segment]:
        product = list_line(row.product or "")
        said = list_line(row.preview)
        faint = plain + self._style("faint")
        indent = "  "
        kind = channel_line(row.channel, row.stars)
        words = self._in_words(row) if self.app.has_class("-plain") else ()
        line = " · ".join(part for part in (*words, kind, said, product) if part)
        return [Segment(indent + fitted(line, width - len(indent) - 1) + " ", faint)]

    def _in_words(self, row: QueueRow) -> tuple[str, ...]:
        """What the signs of a row say, for who hears it."""
        state = _(PRIORITIES[row.priority]) if row.needs_reply else _(STATUSES[row.status])
        unread = _("unread: {n}").format(n=row.unread) if row.unread else ""
        return state, unread, _(DELIVERY[row.outbox][1]) if row.outbox is not None else ""

    def _style(self, tone: str) -> Style:
        return self.get_component_rich_style(f"queue--{tone}", partial=True)

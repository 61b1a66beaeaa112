"""Panes change their size by key and by mouse, and keep it on this machine."""

from __future__ import annotations

from asyncio import to_thread

from textual import events
from textual.timer import Timer
from textual.widget import Widget

from agentiq_core.home import home_dir
from agentiq_tui.asking import start
from agentiq_tui.locale import _
from agentiq_tui.pane_sizes import PaneSizes, keep_sizes, read_sizes
from agentiq_tui.screens.panes import PanesScreen

STEP = 2
"""Percent a key press."""
REST = 0.5
"""Seconds after the last change until the sizes are written."""
QUEUE = 30
"""Percent of the queue in three columns, as in app.tcss."""
CHAT_LEAST = 25
"""Percent of the screen that stays for the conversation."""
_TWO, _THREE = 70, 100
"""The widths from which there are two and three columns; as in PanesScreen."""


class SizingScreen(PanesScreen):
    """Inline sizes over those of app.tcss; none in the layouts that show one pane."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes = PaneSizes()
        self._dragged: str | None = None
        self._resting: Timer | None = None

    def on_mount(self) -> None:
        self.sizes = read_sizes(home_dir())
        self.lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out()

    def front_pane(self, pane: str) -> None:
        super().front_pane(pane)
        self.lay_out()

    @property
    def columns(self) -> int:
        """How many columns of panes are on screen."""
        width = self.app.size.width
        return 1 if self._full or width < _TWO else 2 if width < _THREE else 3

    def lay_out(self) -> None:
        """Give the panes the sizes that belong to this layout."""
        queue, suggestion = self.query_one("#queue-pane"), self.query_one("#suggestion-pane")
        sizes, columns = self.sizes, self.columns
        wide = sizes.queue if columns == 3 else sizes.narrow_queue if columns == 2 else None
        queue.styles.width = f"{wide}vw" if wide is not None else None
        beside = sizes.suggestion if columns == 3 else None
        if beside is not None:
            beside = min(beside, self._room_beside())
        suggestion.styles.width = f"{beside}vw" if beside is not None else None
        below = sizes.low_suggestion if columns == 2 else None
        suggestion.styles.height = f"{below}vh" if below is not None else None

    def action_pane_wider(self) -> None:
        self._grow(STEP)

    def action_pane_narrower(self) -> None:
        self._grow(-STEP)

    def action_panes_reset(self) -> None:
        """The sizes that the layout gives."""
        self._set_sizes(PaneSizes())

    def _grow(self, step: int) -> None:
        if self.columns == 1:
            self.notify(_("One pane is on screen: nothing to resize"), markup=False, timeout=3)
            return
        pane = self._focused_pane() or "queue"
        # what the conversation wins the suggestion gives
        step = -step if pane == "chat" else step
        name = self._size_of("queue" if pane == "queue" else "suggestion")
        now = getattr(self.sizes, name)
        if now is None:
            now = self._measured(name)
        elif name == "suggestion":
            now = min(now, self._room_beside())
        self._set_sizes(self.sizes.with_size(name, now + step))

    def _size_of(self, pane: str) -> str:
        """The size that this pane has in this layout."""
        if pane == "queue":
            return "queue" if self.columns == 3 else "narrow_queue"
        return "suggestion" if self.columns == 3 else "low_suggestion"

    def _measured(self, name: str) -> float:
        pane = self.query_one("#queue-pane" if "queue" in name else "#suggestion-pane", Widget)
        size, whole = pane.outer_size, self.app.size
        return (
            100 * size.height / whole.height if name == "low_suggestion" else 100 * size.width / whole.width
        )

    def _room_beside(self) -> int:
        """What the suggestion may take beside the queue: the conversation is never squeezed away."""
        return 100 - CHAT_LEAST - (self.sizes.queue or QUEUE)

    def _set_sizes(self, sizes: PaneSizes) -> None:
        self.sizes = sizes
        self.lay_out()
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST, self._keep_sizes)

    def _keep_sizes(self) -> None:
        sizes = self.sizes

        async def keep() -> None:
            try:
                await to_thread(keep_sizes, home_dir(), sizes)
            except OSError as error:
                line = _("The sizes of the panes are not kept: {why}")
                self.notify(line.format(why=error.strerror), severity="warning", markup=False)

        start(self, keep, group="sizes")

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A press on the frame between two panes takes hold of it."""
        edge = self._edge(event.screen_x, event.screen_y)
        if edge is None:
            return
        event.stop()
        self._dragged = edge
        # else the drag would select text
        self.clear_selection()
        self.query_one("#queue-pane").capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged is None:
            return
        event.stop()
        whole = self.app.size
        if self._dragged == "queue":
            percent = 100 * (event.screen_x + 1) / whole.width
        elif self.columns == 3:
            percent = 100 * (whole.width - event.screen_x) / whole.width
        else:
            bottom = self.query_one("#suggestion-pane").region.bottom
            percent = 100 * (bottom - event.screen_y) / whole.height
        self._set_sizes(self.sizes.with_size(self._size_of(self._dragged), percent))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._dragged is not None:
            event.stop()
            self._dragged = None
            self.query_one("#queue-pane").release_mouse()

    def _edge(self, x: float, y: float) -> str | None:
        """The border at this place of the screen: of the queue, or of the suggestion; None when it is neither."""
        if self.columns == 1:
            return None
        queue, suggestion = (self.query_one(f"#{name}-pane").region for name in ("queue", "suggestion"))
        if x in (queue.right - 1, queue.right) and queue.y <= y < queue.bottom:
            return "queue"
        if (
            self.columns == 3
            and x in (suggestion.x - 1, suggestion.x)
            and suggestion.y <= y < suggestion.bottom
        ):
            return "suggestion"
        if self.columns == 2 and y in (suggestion.y - 1, suggestion.y) and x >= suggestion.x:
            return "suggestion"
        return None

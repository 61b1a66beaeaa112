"""How the three panes share the screen: side by side, one under another, one at a time, or one on the whole screen."""

from __future__ import annotations

from textual import events
from textual.geometry import Size
from textual.screen import Screen

from agentiq_tui.messages import PaneShown
from agentiq_tui.widgets.pane_tabs import PaneTabs

LEAST = Size(40, 12)
"""Below this nothing useful fits: one line says so."""
PANES = ("queue", "chat", "suggestion")
_FOCUS = {"queue": "#queue-list", "chat": "#transcript", "suggestion": "#suggestion-scroll"}


class PanesScreen(Screen[None]):
    """The classes it sets (-one, -two, -three, -full, -front-…) are laid out by app.tcss."""

    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (70, "-two"), (100, "-three")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-tall")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self._full = False
        self._front = PANES[0]
        self.add_class("-front-queue")

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < LEAST.width or event.size.height < LEAST.height, "-small")

    def on_descendant_focus(self) -> None:
        # when the window narrows, the pane that is being used is the one that stays
        pane = self._focused_pane()
        if pane is not None and pane != self._front:
            self.front_pane(pane)

    def action_pane_queue(self) -> None:
        self._pane_key("queue")

    def action_pane_chat(self) -> None:
        self._pane_key("chat")

    def action_pane_suggestion(self) -> None:
        self._pane_key("suggestion")

    def _pane_key(self, pane: str) -> None:
        again = self._focused_pane() == pane
        self._full = again and not self._full
        self.show_pane(pane)

    def show_pane(self, pane: str) -> None:
        """Bring a pane to the front and the focus into it."""
        self.front_pane(pane)
        self.query_one(_FOCUS[pane]).focus()

    def front_pane(self, pane: str) -> None:
        """In one-pane and full-screen layouts this pane is the visible one."""
        self._front = pane
        for name in PANES:
            self.set_class(name == pane, f"-front-{name}")
        self.set_class(self._full, "-full")
        for tabs in self.query("#pane-tabs").results(PaneTabs):
            tabs.show(pane)
        self.post_message(PaneShown(pane))

    def _focused_pane(self) -> str | None:
        owners = self.focused.ancestors_with_self if self.focused is not None else ()
        ids = {owner.id for owner in owners}
        return next((name for name in PANES if f"{name}-pane" in ids), None)

    def action_previous_pane(self) -> None:
        pane = self._focused_pane() or "queue"
        self.show_pane(PANES[PANES.index(pane) - 1])

    def action_back(self) -> None:
        """One level back: full screen, then the reply field, then the queue."""
        if self._full:
            self._full = False
            self.front_pane(self._front)
            return
        writing = self.focused is not None and self.focused.id == "composer"
        if writing and not self.has_class("-one"):
            self.query_one("#transcript").focus()
        else:
            self.show_pane("queue")

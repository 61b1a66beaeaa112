"""The quiet sign of what is waited for: where it was asked, how long already, and that Esc gives a long one up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from textual.app import App
from textual.dom import DOMNode
from textual.timer import Timer
from textual.widget import Widget

from agentiq_tui.actions import shown_key
from agentiq_tui.locale import _
from agentiq_tui.messages import WaitBegan, WaitEnded
from agentiq_tui.timing import age

STILL_AFTER = timedelta(seconds=8)
"""From when on it is said that it still runs, and how it is left."""
NAMED_AFTER = timedelta(seconds=1)


class WaitingApp(App[None]):
    """Draws the sign of every question that takes longer than a blink: in its pane, in its dialog, or in the status line."""

    _clock: Callable[[], datetime]

    def __init__(self) -> None:
        super().__init__()
        self._waits: dict[WaitBegan, datetime] = {}
        self._signs: dict[Widget, str] = {}
        self._second: Timer | None = None

    def on_wait_began(self, event: WaitBegan) -> None:
        self._waits[event] = self._clock()
        if self._second is None:
            self._second = self.set_interval(1.0, self._draw_waits)
        self._draw_waits()

    def on_wait_ended(self, event: WaitEnded) -> None:
        if self._waits.pop(event.wait, None) is not None:
            self._draw_waits()

    def give_up(self, within: DOMNode) -> bool:
        """End every long question that is waited for there; False where there is none."""
        mine = [
            wait
            for wait in self._waits
            if wait.give_up is not None and within in wait.asker.ancestors_with_self
        ]
        for wait in mine:
            if wait.give_up is not None:
                wait.give_up()
        return bool(mine)

    def connection_lost(self) -> bool:
        """Whether the desk knows that the database is away."""
        raise NotImplementedError

    def _draw_waits(self) -> None:
        # who left the screen waits no more
        self._waits = {wait: since for wait, since in self._waits.items() if wait.asker.is_attached}
        signs: dict[Widget, str] = {}
        for wait, since in self._waits.items():
            place = _place(wait.asker)
            if place is not None and place not in signs:
                signs[place] = self._words(wait, self._clock() - since)
        for place in self._signs.keys() - signs.keys():
            _say(place, "")
        for place, line in signs.items():
            if self._signs.get(place) != line:
                _say(place, line)
        self._signs = signs
        if not self._waits and self._second is not None:
            self._second.stop()
            self._second = None

    def _words(self, wait: WaitBegan, passed: timedelta) -> str:
        if passed < NAMED_AFTER:
            return _("one moment…")
        now = self._clock()
        long = age(now - passed, now)
        if passed < STILL_AFTER:
            return _("one moment… {age}").format(age=long)
        if self.connection_lost():
            return _("no connection, waiting: {age}").format(age=long)
        line = _("still at it: {age}").format(age=long)
        if wait.give_up is None:
            return line
        key = shown_key("leave" if wait.asker.screen.is_modal else "back")
        return f"{line} · " + _("{key} gives it up").format(key=key)


def _place(asker: Widget) -> Widget | None:
    """Where the sign of this one's questions stands: what has a `show_waiting` of its own around it, or the dialog."""
    for node in asker.ancestors_with_self:
        if isinstance(node, Widget) and hasattr(node, "show_waiting"):
            return node
    return next(iter(asker.screen.query("#dialog")), None)


def _say(place: Widget, line: str) -> None:
    show = getattr(place, "show_waiting", None)
    if show is not None:
        show(line)
    else:
        place.border_subtitle = line

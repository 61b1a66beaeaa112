"""Keys in their order: what is typed faster than the screen works still goes where each key was meant for.

Textual hands every key to whichever widget has the focus when the key arrives, and runs a function key at once: of a
burst "e-mail, Tab, password, Enter" everything lands in the first field, and a send key overtakes the text before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

PATIENCE = 1.0
"""Seconds that keys wait for the one before them; after that they go on, so that one stuck widget holds no keyboard."""
ROUNDS = 3
"""How often all from the focus up may work off what they were sent: the key, what came of it, and what came of that."""
EDITING = frozenset({"backspace", "delete", "left", "right", "home", "end", "enter"})
"""Keys that belong to a text as its letters do."""


class TypedAheadApp(App[None]):
    """A key waits until the one before it has done what it does. Letters on their way into one field need not."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[events.Key | events.Paste] = deque()
        self._unsettled: Widget | None = None
        """Where the key before went, as long as nobody has seen it done."""
        self._writing: Widget | None = None
        """The field that the letters before go into."""
        self._settling = 0
        self._patience: Timer | None = None
        self._for_field: deque[events.Key | events.Paste] = deque()
        self._field_comes_on: Screen[object] | None = None
        self._field_came = False

    def await_field(self) -> None:
        """Keep what is typed on this screen from now on: the field that it is meant for is still to come."""
        self._for_field.clear()
        self._field_comes_on, self._field_came = self.screen, False

    def field_came(self) -> None:
        """Type what was kept into the field, which has the focus now."""
        self._field_came = True
        self.call_later(self._hand_over_unless_settling)

    def await_no_field(self) -> None:
        """Forget what was kept: no field will come, and what is there now it was not meant for."""
        self._for_field.clear()
        self._field_comes_on = None

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._waiting.append(event)
        await self._hand_over_unless_settling()

    async def _hand_over_unless_settling(self) -> None:
        if self._patience is None:
            await self._hand_over()

    async def _hand_over(self) -> None:
        if self._field_came and self.screen is self._field_comes_on:
            self._waiting.extendleft(reversed(self._for_field))
            self.await_no_field()
        while self._waiting:
            field, event = self.focused, self._waiting[0]
            text = field if field is not None and _is_text(event, field) else None
            if self._unsettled is not None and (text is None or text is not self._writing):
                self._settle(self._unsettled)
                return
            self._waiting.popleft()
            if self.screen is self._field_comes_on and _is_typed(event):
                self._for_field.append(event)
                continue
            self._unsettled, self._writing = field or self.screen, text
            await super().on_event(event)

    def _settle(self, widget: Widget) -> None:
        # one settling at a time: an answer that comes after the patience has ended is nobody's
        self._settling += 1
        self._patience = self.set_timer(PATIENCE, partial(self._settled, self._settling))
        self._round(widget, ROUNDS, self._settling)

    def _round(self, start: MessagePump, left: int, settling: int) -> None:
        def again() -> None:
            self._round(self.focused or self.screen, left - 1, settling)

        self._worked_off(start, again if left > 1 else partial(self._settled, settling))

    def _worked_off(self, pump: MessagePump | None, then: Callable[[], object]) -> None:
        """Run `then` once this widget and all above it have done what they were sent so far."""
        while pump is not None and pump is not self:
            above = pump._parent
            if pump.call_later(self._worked_off, above, then):
                return
            # one that is being closed works no more
            pump = above
        self.call_later(then)

    async def _settled(self, settling: int) -> None:
        if self._patience is not None and settling == self._settling:
            self._patience.stop()
            self._patience = self._unsettled = self._writing = None
            await self._hand_over()


def _is_text(event: events.Key | events.Paste, field: Widget) -> bool:
    """Whether the field takes this as text, so that it goes nowhere else."""
    return isinstance(event, events.Key) and field.check_consume_key(event.key, event.character)


def _is_typed(event: events.Key | events.Paste) -> bool:
    """Whether this belongs to a text."""
    return isinstance(event, events.Paste) or event.is_printable or event.key in EDITING

"""What reaches an operator who looks elsewhere: bell, desktop notification, count in the window's title. Counts only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.views import ChatRef, QueueRow
from agentiq_tui.keys import in_tmux
from agentiq_tui.locale import ngettext
from agentiq_tui.settings_schema import Preferences, quiet_span

TITLE = "AgentIQ"
PAUSE = timedelta(seconds=20)
"""Between two notices: a burst of messages rings once."""
AWAY = timedelta(minutes=3)
"""Without a key for so long nobody sits there, where the terminal does not tell whether its window is in front."""
TOLD_LATE = timedelta(minutes=1)
"""How much later than it was written a message may be read from its marketplace."""
_OSC777 = ("foot", "rxvt", "vte")


@dataclass
class Notices:
    """Compares counters, and who begins to wait, while nobody looks."""

    _focused: bool | None = None
    """Whether the window is in front; None where the terminal never told."""
    _pressed_at: datetime | None = None
    _counts: dict[str, int] = field(default_factory=dict)
    _looked_at: datetime | None = None
    _waits: dict[ChatRef, datetime] = field(default_factory=dict)
    _another: bool = False
    _told_at: datetime | None = None

    def tell(self, *, focused: bool) -> None:
        """The terminal says whether its window is in front: from now on that decides who is here."""
        self._focused = focused

    def pressed(self, now: datetime) -> None:
        """Somebody used keyboard or mouse."""
        self._pressed_at = now

    def here(self, now: datetime) -> bool:
        """Whether the operator looks at the screen, as far as can be known."""
        if self._focused is not None:
            return self._focused
        if self._pressed_at is None:
            # who has just started it sits there
            self._pressed_at = now
        return now - self._pressed_at < AWAY

    def came(self, rows: Iterable[QueueRow], wanted: Preferences) -> None:
        """These conversations changed while nobody looked: one that begins to wait is news, though another was answered."""
        for row in rows:
            before, since = self._waits.pop(row.ref, None), row.waiting_since
            if row.queue is None or since is None:
                continue
            self._waits[row.ref] = since
            late = self._looked_at is not None and since > self._looked_at - TOLD_LATE
            if row.queue.value in wanted.notify_queues and since != before and (before is not None or late):
                self._another = True

    def counted(self, counts: Mapping[Queue, int], now: datetime, wanted: Preferences) -> str | None:
        """New counters: the line to tell, or None when there is nothing to tell or the operator is here."""
        fresh = {queue: counts.get(Queue(queue), 0) for queue in wanted.notify_queues}
        if self.here(now):
            self._counts, self._looked_at, self._another = fresh, now, False
            return None
        if not self._another and not any(
            count > self._counts.get(queue, count) for queue, count in fresh.items()
        ):
            self._counts = fresh
            return None
        if self._told_at is not None and now - self._told_at < PAUSE:
            # the counts stay, so that it is told after the pause
            return None
        self._counts, self._another = fresh, False
        if is_quiet(wanted.quiet_hours, now.astimezone().time()):
            return None
        self._told_at = now
        total = self.waiting
        return ngettext("{n} conversation waits", "{n} conversations wait", total).format(n=total)

    @property
    def waiting(self) -> int:
        """Conversations in the queues that may disturb."""
        return sum(self._counts.values())

    def title(self, wanted: Preferences, now: datetime) -> str:
        """The title of the window as it should be now."""
        if self.here(now) or not wanted.title_count or not self.waiting:
            return TITLE
        return f"({self.waiting}) {TITLE}"


def is_quiet(hours: str, now: time) -> bool:
    """Whether this time of day lies in the quiet hours, which may pass midnight. Their end is not quiet any more."""
    span = quiet_span(hours)
    if span is None:
        return False
    start, end = span
    return start <= now < end if start <= end else now >= start or now < end


def desktop(line: str, wanted: Preferences, environ: Mapping[str, str] | None = None) -> str:
    """The sequence of a desktop notification in this terminal; empty when none is wanted."""
    environ = os.environ if environ is None else environ
    form = wanted.desktop_notifications
    if form == "off":
        return ""
    if form == "auto":
        term = environ.get("TERM", "")
        old = term.startswith(_OSC777) or bool(environ.get("VTE_VERSION"))
        form = "osc777" if old else "osc9"
    sequence = f"\x1b]777;notify;{TITLE};{line}\x07" if form == "osc777" else f"\x1b]9;{TITLE}: {line}\x07"
    return f"\x1bPtmux;\x1b{sequence}\x1b\\" if in_tmux(environ) else sequence


def window_title(title: str) -> str:
    """The sequence that sets the title of the window."""
    return f"\x1b]2;{title}\x07"

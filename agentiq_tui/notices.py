"""What reaches an operator who looks elsewhere: bell, desktop notification, count in the window's title. Counts only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from agentiq_core.domain.chats import Queue
from agentiq_tui.locale import ngettext
from agentiq_tui.settings_schema import Preferences, quiet_span

TITLE = "AgentIQ"
PAUSE = timedelta(seconds=20)
"""Between two notices: a burst of messages rings once."""
_OSC777 = ("foot", "rxvt", "vte")


@dataclass
class Notices:
    """Compares counters while the window is not in front."""

    focused: bool = True
    _counts: dict[str, int] = field(default_factory=dict)
    _told_at: datetime | None = None

    def counted(self, counts: Mapping[Queue, int], now: datetime, wanted: Preferences) -> str | None:
        """New counters: the line to tell, or None when there is nothing to tell or the operator is here."""
        fresh = {queue: counts.get(Queue(queue), 0) for queue in wanted.notify_queues}
        grown = any(count > self._counts.get(queue, count) for queue, count in fresh.items())
        if not grown or self.focused:
            self._counts = fresh
            return None
        if self._told_at is not None and now - self._told_at < PAUSE:
            # the counts stay, so that it is told after the pause
            return None
        self._counts = fresh
        if is_quiet(wanted.quiet_hours, now.astimezone().time()):
            return None
        self._told_at = now
        total = self.waiting
        return ngettext("{n} conversation waits", "{n} conversations wait", total).format(n=total)

    @property
    def waiting(self) -> int:
        """Conversations in the queues that may disturb."""
        return sum(self._counts.values())

    def title(self, wanted: Preferences) -> str:
        """The title of the window as it should be now."""
        if self.focused or not wanted.title_count or not self.waiting:
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
    return f"\x1bPtmux;\x1b{sequence}\x1b\\" if environ.get("TMUX") else sequence


def window_title(title: str) -> str:
    """The sequence that sets the title of the window."""
    return f"\x1b]2;{title}\x07"

"""Over the panes while the database is away: since when, and what of the operator's work waits for it."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content
from textual.widgets import Static

from agentiq_tui.locale import _
from agentiq_tui.timing import clock_time
from agentiq_tui.widgets.status_bar import Status


class OfflineBanner(Static):
    """One line, there only while it is true."""

    def __init__(self) -> None:
        super().__init__(id="offline-banner")
        self._since: datetime | None = None

    def on_mount(self) -> None:
        self.display = False

    def show(self, status: Status, now: datetime, *, unsaved: int, leaving: int) -> None:
        """`unsaved` drafts are typed and not yet in the database, `leaving` replies were given to it and not answered."""
        self.display = status.offline
        if not status.offline:
            self._since = None
            return
        self._since = self._since or now
        parts = [
            _("✗ No database since {time}: what you see is from then").format(time=clock_time(self._since))
        ]
        queued = status.overview.unsent if status.overview is not None else 0
        for line, count in (
            (_("replies queued: {n}"), queued),
            (_("replies under way: {n}"), leaving),
            (_("drafts kept here: {n}"), unsaved),
        ):
            if count:
                parts.append(line.format(n=count))
        self.update(Content(" · ".join(parts)))

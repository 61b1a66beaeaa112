"""The line under a conversation whose newest messages are out of sight."""

from __future__ import annotations

from textual.widgets import Static


class NewBelow(Static):
    """ "To the new ones": shown while newer messages are out of sight."""

    def on_click(self) -> None:
        self.screen.call_later(self.screen.run_action, "newest")

"""The line over a queue that says how many are new."""

from __future__ import annotations

from textual.widgets import Static


class NewsLine(Static):
    """ "3 new": a click or a key shows them."""

    def on_click(self) -> None:
        self.screen.call_later(self.screen.run_action, "apply_changes")

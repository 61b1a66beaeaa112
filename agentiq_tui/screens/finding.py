"""From the desk to a conversation that was searched for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from agentiq_tui.messages import ChatChosen
from agentiq_tui.screens.editing import EditingScreen

if TYPE_CHECKING:
    from agentiq_core.domain.search import SearchHit


class FindingScreen(EditingScreen):
    """The part of the desk that searches, and remembers what was searched for last."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self._searched = ""

    def action_search(self) -> None:
        """Find a conversation by what was written in it."""
        # imported when first asked for: the first frame does not need it
        from agentiq_tui.screens.search import SearchScreen

        if self.desk is None or isinstance(self.app.screen, SearchScreen):
            return
        screen = SearchScreen(self.desk, self.clock, self._searched)

        def chosen(hit: SearchHit | None) -> None:
            self._searched = screen.words
            if hit is not None:
                self.post_message(ChatChosen(hit.ref))

        self.app.push_screen(screen, chosen)

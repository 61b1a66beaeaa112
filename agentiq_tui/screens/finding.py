"""From the desk to a place in a conversation: a message that was searched for, a note that names somebody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from agentiq_tui.destination import Found, Noted
from agentiq_tui.finding_messages import PlaceWanted
from agentiq_tui.locale import _
from agentiq_tui.messages import BulkAsked, ChatChosen
from agentiq_tui.screens.editing import EditingScreen

if TYPE_CHECKING:
    from agentiq_core.domain.search import SearchHit
    from agentiq_core.domain.team import MentionView
    from agentiq_core.domain.views import ChatRef


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

        def chosen(found: SearchHit | tuple[ChatRef, ...] | None) -> None:
            self._searched = screen.words
            if isinstance(found, tuple):
                self._with_all(found, more=screen.more)
            elif found is not None and found.message is not None:
                self.post_message(PlaceWanted(Found(found.ref, found.message)))
            elif found is not None:
                self.front_pane("chat")
                self.post_message(ChatChosen(found.ref))

        self.app.push_screen(screen, chosen)

    def _with_all(self, refs: tuple[ChatRef, ...], *, more: bool) -> None:
        if self.read_only:
            self.hint(_("Your role may only read"))
        else:
            said = _("those shown; more was found") if more else _("all that was found")
            self.post_message(BulkAsked(refs, said))

    def action_mentions(self) -> None:
        """Notes that name the operator; the chosen one is shown where it stands."""
        from agentiq_tui.screens.mentions import MentionsScreen

        if self.desk is None or self.app.screen is not self:
            return

        def chosen(mention: MentionView | None) -> None:
            if mention is not None:
                self.post_message(PlaceWanted(Noted(mention.note.ref, mention.note)))

        self.app.push_screen(MentionsScreen(self.desk, self.clock), chosen)

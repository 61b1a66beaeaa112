"""Finding a place in a conversation."""

from __future__ import annotations

from agentiq_tui.screens.mentions import MentionsScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does
from tests.tui.scripted import ScriptedDesk
from tests.tui.scripted_team import BORIS
from tests.tui.story import ALENA


def _named(desk: ScriptedDesk) -> None:
    desk.notes.says(ALENA, BORIS, "@anna посмотри, пожалуйста")


@does("mentions", before=_named)
async def a_note_that_names_the_operator_is_shown_where_it_stands(here: Seat) -> None:
    await here.sees("@1")
    await act(here, "mentions")
    await here.until(lambda: isinstance(here.app.screen, MentionsScreen))
    await here.sees("@anna посмотри")
    await here.press("enter")
    await here.opens(ALENA)
    await here.until(lambda: (entry := here.screen.chat_pane.transcript.marked_entry) and entry.note)
    await here.until(lambda: "@1" not in here.text())

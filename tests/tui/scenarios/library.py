"""What the team wrote down."""

from __future__ import annotations

from agentiq_tui.screens.library import LibraryScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does
from tests.tui.scripted import ScriptedDesk


def _written(desk: ScriptedDesk) -> None:
    desk.sellers = desk.sellers[:1]
    desk.snippets.has("Приветствие", "Здравствуйте, {name}! Чем помочь?")


@does("library", before=_written)
async def what_is_written_down_is_shown(here: Seat) -> None:
    await act(here, "library")
    await here.until(lambda: isinstance(here.app.screen, LibraryScreen))
    await here.sees("Здравствуйте, {name}! Чем помочь?")

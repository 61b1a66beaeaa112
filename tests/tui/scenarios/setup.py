"""The first steps on a new machine."""

from __future__ import annotations

from agentiq_tui.screens.setup import SetupScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does


@does("setup")
async def the_first_steps_are_shown_again(here: Seat) -> None:
    await act(here, "setup")
    await here.until(lambda: isinstance(here.app.screen, SetupScreen))
    await here.sees("Подключено 2 магазина")
    await here.sees("agentiq demo")

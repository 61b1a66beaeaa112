"""The first steps on a new machine."""

from __future__ import annotations

from textual.widgets import Input

from agentiq_tui.screens.setup import SetupScreen
from agentiq_tui.screens.team_key import TeamKeyScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does


@does("setup")
async def the_first_steps_are_shown_again(here: Seat) -> None:
    await act(here, "setup")
    await here.until(lambda: isinstance(here.app.screen, SetupScreen))
    await here.sees("Подключено 2 магазина")
    await here.sees("agentiq demo")


@does("team_key")
async def the_team_key_is_kept_on_this_machine(here: Seat) -> None:
    here.desk.personal = True
    await act(here, "team_key")
    await here.until(lambda: isinstance(here.app.screen, TeamKeyScreen))
    here.app.screen.query_one(Input).value = "kljuch"
    await here.press("f5")
    await here.until(lambda: here.desk.called("keep_team_key") == [("kljuch",)])
    await here.until(lambda: here.app.screen is here.screen)

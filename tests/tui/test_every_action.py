"""Every action of the registry does what it says, from the key it is bound to."""

from __future__ import annotations

import pytest

from agentiq_tui.actions import ACTIONS, Action
from tests.tui import scenarios
from tests.tui.conftest import OpenSeat
from tests.tui.scripted import ScriptedDesk

SCENARIOS = scenarios.load()
HOW = """
{action} ({title}) has no scenario. Add one to tests/tui/scenarios/ (a module of its noun):

    @does("{action}")
    async def it_does_this(here: Seat) -> None:
        await act(here, "{action}")
        await here.until(lambda: ...)   # the effect that an operator, or the desk, sees

tests/tui/scenarios/__init__.py says more.
"""


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
async def test_every_action_does_what_it_says(seat: OpenSeat, desk: ScriptedDesk, action: Action) -> None:
    scenario = SCENARIOS.get(action.id)
    if scenario is None:
        pytest.fail(HOW.format(action=action.id, title=action.title), pytrace=False)
    if scenario.before is not None:
        scenario.before(desk)
    async with seat(scenario.size, wait=scenario.wait) as here:
        await scenario.story(here)


def test_no_scenario_is_about_an_action_that_is_gone() -> None:
    assert set(SCENARIOS) <= {action.id for action in ACTIONS}

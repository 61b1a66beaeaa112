"""What is set shop by shop."""

from __future__ import annotations

from agentiq_core.engine.access import SignedIn
from agentiq_tui.screens.deadline_rules import DeadlineRulesScreen
from agentiq_tui.screens.guard_rules import GuardRulesScreen
from agentiq_tui.screens.working_hours import WorkingHoursScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does
from tests.tui.scripted import ScriptedDesk


def one_shop(desk: ScriptedDesk) -> None:
    """One shop, and who may set it."""
    desk.who = SignedIn(1, "anna@example.org", "admin")
    desk.sellers = desk.sellers[:1]


@does("rules", before=one_shop)
async def the_rules_of_the_shop_open(here: Seat) -> None:
    await act(here, "rules")
    await here.until(lambda: isinstance(here.app.screen, DeadlineRulesScreen))


@does("hours", before=one_shop)
async def the_hours_of_the_shop_open(here: Seat) -> None:
    await act(here, "hours")
    await here.until(lambda: isinstance(here.app.screen, WorkingHoursScreen))


@does("guard_rules", before=one_shop)
async def the_guardrails_of_the_shop_open(here: Seat) -> None:
    await act(here, "guard_rules")
    await here.until(lambda: isinstance(here.app.screen, GuardRulesScreen))

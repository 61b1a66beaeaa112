"""What runs the desk."""

from __future__ import annotations

from agentiq_core.engine.access import SignedIn
from agentiq_tui.screens.audit_log import AuditLogScreen
from agentiq_tui.screens.automation import AutomationScreen
from agentiq_tui.screens.models import ModelsScreen
from agentiq_tui.screens.sellers import SellersScreen
from agentiq_tui.screens.statistics import StatisticsScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does
from tests.tui.scripted import ScriptedDesk


@does("statistics")
async def figures_are_shown(here: Seat) -> None:
    await act(here, "statistics")
    await here.until(lambda: isinstance(here.app.screen, StatisticsScreen))
    await here.sees("Анна Петрова")


def managed(desk: ScriptedDesk) -> None:
    """An admin with one shop."""
    desk.who = SignedIn(1, "anna@example.org", "admin")
    desk.sellers = desk.sellers[:1]


@does("audit", before=managed)
async def the_log_is_shown(here: Seat) -> None:
    await act(here, "audit")
    await here.until(lambda: isinstance(here.app.screen, AuditLogScreen))
    await here.sees("чья: — → Анна Петрова")


@does("sellers", before=managed)
async def shops_are_shown(here: Seat) -> None:
    await act(here, "sellers")
    await here.until(lambda: isinstance(here.app.screen, SellersScreen))
    await here.sees("● работает")


@does("automation", before=managed)
async def what_leaves_by_itself_is_shown(here: Seat) -> None:
    await act(here, "automation")
    await here.until(lambda: isinstance(here.app.screen, AutomationScreen))
    await here.sees("– отвечают только люди")


@does("stop_automation")
async def everything_is_stopped_at_once(here: Seat) -> None:
    await act(here, "stop_automation")
    await here.until(lambda: here.desk.called("automation.stop_all"))
    await here.sees("Автоответы ОСТАНОВЛЕНЫ в 2 магазинах")


@does("models", before=managed)
async def models_are_shown(here: Seat) -> None:
    await act(here, "models")
    await here.until(lambda: isinstance(here.app.screen, ModelsScreen))
    await here.sees("нет: только шаблоны")

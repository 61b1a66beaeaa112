"""The office's screens, drawn: `--snapshot-update` after a change that was meant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual.screen import Screen

from agentiq_core.domain.automation import Automation, AutomationSettings, Held, Mode
from agentiq_core.engine.access import SignedIn
from agentiq_tui.screens.audit_log import AuditLogScreen
from agentiq_tui.screens.automation import AutomationScreen
from agentiq_tui.screens.automation_report import AutomationReportScreen
from agentiq_tui.screens.automation_rule import AutomationRuleScreen
from agentiq_tui.screens.help import HelpScreen
from agentiq_tui.screens.model_form import ModelFormScreen
from agentiq_tui.screens.models import ModelsScreen
from agentiq_tui.screens.office_list import OfficeListScreen
from agentiq_tui.screens.resume import ResumeScreen
from agentiq_tui.screens.secret import SecretScreen
from agentiq_tui.screens.sellers import SellersScreen
from agentiq_tui.screens.sharing import SharingScreen
from agentiq_tui.screens.statistics import StatisticsScreen
from tests.tui.conftest import Draw, Seat
from tests.tui.scripted import NOW, ScriptedDesk
from tests.tui.sizes import IN_BOTH_LANGUAGES, IN_EVERY_WINDOW

pytestmark = [IN_EVERY_WINDOW, IN_BOTH_LANGUAGES]


def busy(desk: ScriptedDesk, *, one_shop: bool) -> None:
    """An admin; shops with troubles, decisions and a model."""
    desk.who = SignedIn(1, "anna@example.org", "admin")
    desk.shops.in_trouble()
    if one_shop:
        desk.sellers = desk.sellers[:1]
    rules = (Automation("thanks", Mode.ON), Automation("size_advice", Mode.SHADOW, 30, 0.9, templates=True))
    desk.automation.kept = AutomationSettings(1, intents=rules)
    desk.automation.decided(1, at=NOW - timedelta(minutes=1), person_sent="Лучше L: маломерит", likeness=0.4)
    desk.automation.decided(2, Held.UNSURE, Held.FILES, at=NOW - timedelta(minutes=2))
    desk.models.asks()


@pytest.mark.parametrize(
    ("action", "keys", "shows"),
    [
        pytest.param("statistics", ("j",), StatisticsScreen, id="statistics"),
        pytest.param("statistics", ("b", "b", "f"), StatisticsScreen, id="statistics-days"),
        pytest.param("statistics", ("b", "b", "b"), StatisticsScreen, id="statistics-intents"),
        pytest.param("audit", (), AuditLogScreen, id="audit"),
        pytest.param("sellers", (), SellersScreen, id="sellers"),
        pytest.param("sellers", ("u",), SharingScreen, id="sharing"),
        pytest.param("automation", (), AutomationScreen, id="automation"),
        pytest.param("automation", ("enter",), AutomationRuleScreen, id="automation-rule"),
        pytest.param("automation", ("s",), AutomationScreen, id="stopped"),
        pytest.param("automation", ("s", "r"), ResumeScreen, id="resume"),
        pytest.param("automation", ("v",), AutomationReportScreen, id="report"),
        pytest.param("models", (), ModelsScreen, id="models"),
        pytest.param("models", ("enter",), ModelFormScreen, id="model"),
        pytest.param("models", ("n",), SecretScreen, id="key"),
        pytest.param("sellers", ("f1",), HelpScreen, id="keys"),
    ],
)
def test_the_office(
    draw: Draw, desk: ScriptedDesk, action: str, keys: tuple[str, ...], shows: type[Screen[object]]
) -> None:
    busy(desk, one_shop=action == "automation")

    async def act(here: Seat) -> None:
        app = here.app
        await here.screen.run_action(action)
        await here.until(lambda: app.screen.query("#dialog"))
        for key in ("", *keys):
            if key:
                await here.press(key)
            await here.until(lambda: not isinstance(app.screen, OfficeListScreen) or app.screen.loaded)
            await here.pilot.pause()

    assert draw(act, shows=shows)

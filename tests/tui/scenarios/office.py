"""What runs the desk."""

from __future__ import annotations

from textual.widgets import Input

from agentiq_core.domain.statistics import By
from agentiq_core.domain.views import SellerState
from agentiq_core.engine.access import SignedIn
from agentiq_tui.screens.audit_log import AuditLogScreen
from agentiq_tui.screens.automation import AutomationScreen
from agentiq_tui.screens.automation_report import AutomationReportScreen
from agentiq_tui.screens.models import ModelsScreen
from agentiq_tui.screens.secret import SecretScreen
from agentiq_tui.screens.sellers import SellersScreen
from agentiq_tui.screens.sharing import SharingScreen
from agentiq_tui.screens.statistics import StatisticsScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does, over, window
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


@does("figures_period")
async def other_days_are_offered(here: Seat) -> None:
    await window(here, StatisticsScreen, "statistics")
    await act(here, "figures_period")
    await here.sees("Показатели за какие дни")
    await here.press(*"7", "enter")
    await here.sees("Показатели: 7 дней")


@does("figures_group")
async def the_lines_are_of_something_else(here: Seat) -> None:
    await window(here, StatisticsScreen, "statistics")
    await act(here, "figures_group")
    await here.until(lambda: [call for call in here.desk.called("statistics.report") if call[3] is By.SELLER])
    await here.sees("2 Свет")


@does("figures_figure")
async def another_figure_is_drawn(here: Seat) -> None:
    await window(here, StatisticsScreen, "statistics")
    before = _drawn(here)
    await act(here, "figures_figure")
    await here.until(lambda: _drawn(here) != before)


def _drawn(here: Seat) -> str:
    return here.text().partition("на графике: ")[2].split("  ")[0]


@does("log_who", before=managed)
async def the_log_is_of_one_person(here: Seat) -> None:
    await window(here, AuditLogScreen, "audit")
    await act(here, "log_who")
    await here.sees("Кто?")
    await here.press("down", "enter")
    await here.sees("кто: Анна Петрова")


@does("log_kind", before=managed)
async def the_log_is_of_one_kind_of_thing(here: Seat) -> None:
    await window(here, AuditLogScreen, "audit")
    await here.sees("что: всё")
    await act(here, "log_kind")
    await here.press("down", "enter")
    await here.until(lambda: "что: всё" not in here.text() and "что: " in here.text())


@does("shop_pause", before=managed)
async def the_shop_rests(here: Seat) -> None:
    await window(here, SellersScreen, "sellers")
    await act(here, "shop_pause")
    await here.until(lambda: here.desk.called("shops.pause") == [(1,)])
    assert here.desk.sellers[0].state is SellerState.PAUSED


@does("shop_sync", before=managed)
async def the_shop_is_read_now(here: Seat) -> None:
    await window(here, SellersScreen, "sellers")
    await act(here, "shop_sync")
    await here.until(lambda: here.desk.called("pull_now") == [(1,)])


@does("shop_test", before=managed)
async def the_key_is_tried(here: Seat) -> None:
    await window(here, SellersScreen, "sellers")
    await act(here, "shop_test")
    await here.sees("ключ работает; открывает")


@does("shop_key", before=managed)
async def another_key_is_taken(here: Seat) -> None:
    await window(here, SellersScreen, "sellers")
    await act(here, "shop_key")
    await over(here, SecretScreen)
    await here.press(*"tajna-42", "f5")
    await here.until(lambda: here.desk.called("shops.replace_key"))


@does("shop_sharing", before=managed)
async def it_is_asked_how_conversations_are_shared_out(here: Seat) -> None:
    await window(here, SellersScreen, "sellers")
    await here.sees("новые переписки:")
    await act(here, "shop_sharing")
    await over(here, SharingScreen)


@does("automation_stop", before=managed)
async def nothing_of_the_shop_leaves_by_itself(here: Seat) -> None:
    await window(here, AutomationScreen, "automation")
    await act(here, "automation_stop")
    await here.until(lambda: here.desk.called("automation.stop") == [(1,)])
    await here.sees("ВСЁ ОСТАНОВЛЕНО")


@does("automation_resume", before=managed)
async def it_goes_on(here: Seat) -> None:
    await window(here, AutomationScreen, "automation")
    await here.press("s")
    await here.sees("ВСЁ ОСТАНОВЛЕНО")
    await act(here, "automation_resume")
    await here.press("f5")
    await here.until(lambda: here.desk.called("automation.resume"))


@does("automation_report", before=managed)
async def what_was_decided_is_shown(here: Seat) -> None:
    await window(here, AutomationScreen, "automation")
    await act(here, "automation_report")
    await over(here, AutomationReportScreen)


def _asks_a_model(desk: ScriptedDesk) -> None:
    managed(desk)
    desk.models.asks()


@does("model_key", before=_asks_a_model)
async def the_providers_key_is_kept_on_this_machine(here: Seat) -> None:
    await window(here, ModelsScreen, "models")
    await act(here, "model_key")
    screen = await over(here, SecretScreen)
    screen.query_one(Input).value = "sk-tajna"
    await here.press("f5")
    await here.until(lambda: here.desk.called("models.keep_key"))


@does("model_forget", before=_asks_a_model)
async def the_providers_key_is_forgotten_here(here: Seat) -> None:
    await window(here, ModelsScreen, "models")
    await act(here, "model_forget")
    await here.until(lambda: here.desk.called("models.forget_key") == [("deepseek",)])


@does("model_test", before=_asks_a_model)
async def the_model_is_asked_a_word(here: Seat) -> None:
    await window(here, ModelsScreen, "models")
    await act(here, "model_test")
    await here.until(lambda: here.desk.called("models.test"))
    await here.sees("отвечает за")


@does("model_turn", before=_asks_a_model)
async def suggestions_are_templates_from_now_on(here: Seat) -> None:
    await window(here, ModelsScreen, "models")
    await act(here, "model_turn")
    await here.until(lambda: here.desk.called("models.off") == [(1,)])

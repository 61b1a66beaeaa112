"""What leaves by itself is set on screen: off, shadow, on after a second word; one key stops everything, loudly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual.widgets import Input

from agentiq_core.domain.automation import Automation, AutomationSettings, Held, Mode
from agentiq_core.engine.access import SignedIn
from agentiq_tui.screens.automation import AutomationScreen
from agentiq_tui.screens.automation_report import AutomationReportScreen
from agentiq_tui.screens.automation_rule import AutomationRuleScreen
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.resume import ResumeScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import NOW, ScriptedDesk


@pytest.fixture(autouse=True)
def _managed(desk: ScriptedDesk) -> None:
    desk.who = SignedIn(1, "anna@example.org", "admin")
    desk.sellers = desk.sellers[:1]


async def looking(here: Seat) -> AutomationScreen:
    await here.screen.run_action("automation")
    return await here.reaches(AutomationScreen)


async def at(here: Seat, screen: AutomationScreen, intent: str) -> None:
    screen.listed.highlighted = [row.intent for row in screen.rows].index(intent)
    await here.pilot.pause()


async def form(here: Seat) -> AutomationRuleScreen:
    await here.press("enter")
    return await here.reaches(AutomationRuleScreen)


async def test_shadow_needs_one_word_and_on_a_second_one(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.sees("Само ничего не отправляется")
        await at(here, screen, "size_advice")
        await form(here)
        await here.press("right", "f5")
        await here.sees("◐ вхолостую")
        assert desk.called("automation.set") == [(1, Automation("size_advice", Mode.SHADOW))]
        made = await form(here)
        await here.press("right")
        made.query_one("#cap", Input).value = "30"
        made.query_one("#sure", Input).value = "90 %"
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.sees("не больше 30 в")
        await here.press("escape")
        assert len(desk.called("automation.set")) == 1
        await form(here)
        await here.press("right", "f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("f9")
        await here.sees("уходит само: размер")
        assert desk.called("automation.set")[-1] == (1, Automation("size_advice", Mode.ON))


async def test_what_only_people_answer_is_never_turned_on(seat: OpenSeat) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await at(here, screen, "complaint")
        await here.sees("Так пишут недовольные")
        made = await form(here)
        await here.press("right", "right")
        assert made.filled_in()["mode"] == "off"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("cap", "много", "Число от 0 до 10000"),
        ("sure", "101", "Проценты от 0 до 100"),
        ("sure", "", "Проценты"),
    ],
)
async def test_a_wrong_number_is_told_at_its_field(
    seat: OpenSeat, desk: ScriptedDesk, field: str, value: str, words: str
) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        made = await form(here)
        made.query_one(f"#{field}", Input).value = value
        await here.press("f5")
        await here.sees(words)
        assert desk.called("automation.set") == []


async def test_one_key_stops_everything_and_it_is_said_loudly(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.automation.kept = AutomationSettings(1, intents=(Automation("thanks", Mode.ON),))
    desk.automation.waiting = 2
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("ы")
        await here.sees("■ ВСЁ ОСТАНОВЛЕНО")
        await here.sees("2 ответа")
        assert desk.called("automation.stop") == [(1,)]
        await here.press("r")
        await here.until(lambda: isinstance(here.app.screen, ResumeScreen))
        here.app.screen.query_one("#per-chat", Input).value = "0"
        await here.press("f5")
        await here.sees("Число от 1 до 20")
        here.app.screen.query_one("#per-chat", Input).value = "3"
        await here.press("f5")
        await here.sees("✓ Возобновлено")
        await here.sees("в одной переписке не больше 3 в день")
        assert desk.called("automation.resume") == [(1, 3)]


async def test_an_operator_stops_and_does_not_let_it_go_on(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = SignedIn(2, "boris@example.org", "operator")
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.press("enter")
        await here.sees("Меняют это администраторы и владельцы")
        assert here.app.screen is screen
        await here.press("s")
        await here.sees("■ ВСЁ ОСТАНОВЛЕНО")
        await here.press("r")
        await here.sees("Меняют это администраторы и владельцы")
        assert desk.called("automation.resume") == []


async def test_a_viewer_stops_nothing(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = SignedIn(3, "vera@example.org", "viewer")
    async with seat((140, 40)) as here:
        await here.press("!")
        await here.sees("Наблюдатель только смотрит")
        await looking(here)
        await here.press("s")
        await here.sees("Наблюдатель только смотрит")
        assert desk.called("automation.stop") == []


async def test_the_report_shows_what_would_have_left_beside_what_was_sent(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    automation = desk.automation
    automation.decided(1, at=NOW - timedelta(minutes=1), person_sent="Лучше L", likeness=0.4)
    automation.decided(2, Held.UNSURE, Held.FILES, at=NOW - timedelta(minutes=2))
    automation.decided(3, at=NOW - timedelta(minutes=3), mode=Mode.ON, sent=True)
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("v")
        await here.until(lambda: isinstance(here.app.screen, AutomationReportScreen))
        await here.sees("покупатель: Какой размер на рост 171?")
        await here.sees("ушло бы: Берите размер M, ответ 1")
        await here.sees("человек отправил (сходство 40 %): Лучше L")
        await here.press("j")
        await here.sees("ещё никто не ответил")
        await here.press("о")
        await here.sees("ушло: Берите размер M, ответ 3")
        await here.press("escape")
        await here.until(lambda: isinstance(here.app.screen, AutomationScreen))


async def test_older_decisions_come_while_one_reads(seat: OpenSeat, desk: ScriptedDesk) -> None:
    for number in range(1, 71):
        desk.automation.decided(number, at=NOW - timedelta(minutes=number))
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("v")
        report = await here.reaches(AutomationReportScreen)
        await here.until(lambda: len(report.rows) == 50)
        await here.press("end")
        await here.until(lambda: len(report.rows) == 70)
        assert [row.ref.chat_id for row in report.rows] == list(range(1, 71))

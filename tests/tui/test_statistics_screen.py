"""Figures on screen: any days, any lines, each number in words beside what is drawn."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import pytest

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.domain.statistics import By
from agentiq_core.engine.access import SignedIn
from agentiq_tui.screens.choose import ChooseScreen
from agentiq_tui.screens.statistics import StatisticsScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk


async def looking(here: Seat) -> StatisticsScreen:
    await here.screen.run_action("statistics")
    return await here.reaches(StatisticsScreen)


def last_asked(desk: ScriptedDesk, by: By) -> tuple[object, ...]:
    return [call for call in desk.called("statistics.report") if call[3] is by][-1]


async def test_the_last_thirty_days_by_operator_come_first(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        assert desk.called("statistics.report")[0] == (None, date(2026, 2, 9), None, By.OPERATOR)
        await here.sees("Показатели: 30 дней, все магазины, по сотрудникам")
        await here.sees("Первый ответ: медиана 3 мин, 90 % за 25 мин, в срок 92 % (из 160)")
        await here.sees("как подсказано 62 %, с правкой 27 %, своими словами 12 %")
        await here.sees("Ответов: 260, ушли сами: 12, просрочено: 4")
        await here.sees("Ждут: 16")
        await here.sees("просрочены 3")
        await here.press("j")
        await here.sees("Анна Петрова: Ответов: 260")


async def test_lines_are_of_shops_days_intents_and_models(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((140, 40)) as here:
        await looking(here)
        await here.press("b")
        await here.sees("2 Свет")
        await here.press("j")
        await here.sees("Отвечено за отведённые маркетплейсом 24 ч: 94 % (из 17)")
        await here.press("k")
        await here.press("и")
        await here.sees("10.02.2026")
        await here.press("b")
        await here.sees("размер: как подсказано 90, с правкой 20, отклонено 4")
        await here.sees("отклонено, потому что: сказано то, чего нет 3")
        await here.press("b")
        await here.sees("180 вопросов за 1.23 USD")
        await here.press("b")
        await here.sees("в кабинете")


async def test_another_figure_is_drawn_and_told(seat: OpenSeat) -> None:
    async with seat((140, 40)) as here:
        await looking(here)
        await here.sees("ответы по дням: больше всего 16 (")
        await here.press("f")
        await here.sees("первый ответ, медиана по дням: больше всего 5 мин (")
        await here.press("f", "f")
        await here.sees("первые ответы в срок по дням: больше всего 90 %")


@pytest.mark.parametrize(
    ("typed", "since", "until"),
    [
        ("1.03-10.03", date(2026, 3, 1), date(2026, 3, 10)),
        ("2026-02-01 2026-02-05", date(2026, 2, 1), date(2026, 2, 5)),
        ("5.03", date(2026, 3, 5), date(2026, 3, 5)),
    ],
)
async def test_days_are_typed(
    seat: OpenSeat, desk: ScriptedDesk, typed: str, since: date, until: date
) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("p")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press(*typed, "enter")
        await here.until(lambda: last_asked(desk, By.OPERATOR)[1:3] == (since, until))


@pytest.mark.parametrize("typed", ["вчера", "10.03-1.03", "1.03-2.03-3.03", "1.01.2001-1.01.2026"])
async def test_what_are_no_days_is_said(seat: OpenSeat, desk: ScriptedDesk, typed: str) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("p")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press(*typed, "enter")
        await here.sees("✗ ")
        assert isinstance(here.app.screen, ChooseScreen)


async def test_today_and_one_shop_are_chosen(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("p")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press("enter")
        await here.until(lambda: last_asked(desk, By.OPERATOR)[1] == date(2026, 3, 10))
        await here.press("s")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press("down", "down", "enter")
        await here.until(lambda: last_asked(desk, By.OPERATOR)[0] == 2)
        await here.sees("Показатели: сегодня, OZ Свет")


async def test_a_shop_without_answers_says_so(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.statistics.empty = True
    async with seat((80, 24)) as here:
        await looking(here)
        await here.sees("Первый ответ: не было")
        await here.sees("За эти дни никому не ответили")
        await here.press("b", "b")
        await here.sees("по дням")


async def test_a_viewer_looks_and_a_lost_database_is_said(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = SignedIn(3, "vera@example.org", "viewer")
    async with seat((80, 24)) as here:
        await looking(here)
        desk.failing["statistics.report"] = StoreUnavailable("gone")
        await here.press("r")
        await here.sees("Нет связи с базой")
        await here.press("r")
        await here.sees("Анна Петрова")


async def test_a_screen_reader_hears_every_number(seat: OpenSeat, home: Path) -> None:
    await asyncio.to_thread(home.mkdir, parents=True, exist_ok=True)
    await asyncio.to_thread((home / "config.toml").write_text, "screen_reader = true\n", encoding="utf-8")
    async with seat((140, 40)) as here:
        await looking(here)
        await here.sees("Анна Петрова")
        await here.sees("до 1 ч 9")
        await here.sees("больше всего 16")

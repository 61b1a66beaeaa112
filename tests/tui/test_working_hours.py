"""A shop's hours are written as people write them, previewed, saved, and taken away again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from textual.widgets import Input

from agentiq_core.domain.errors import Forbidden
from agentiq_core.engine.access import SignedIn
from agentiq_core.sla.calendar import ALL_DAY, Calendar
from agentiq_core.sla.hours import parse_week
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.working_hours import WorkingHoursScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk

OFFICE = Calendar(
    "Asia/Omsk",
    parse_week("mon-fri 09:00-13:00,14:00-18:00; sat 20:00-04:00"),
    "RU",
    ((date(2026, 11, 7), None), (date(2026, 12, 30), ()), (date(2026, 12, 31), ((600, 840),))),
)


@pytest.fixture(autouse=True)
def _managed(desk: ScriptedDesk) -> None:
    desk.who = SignedIn(1, "anna@example.org", "admin")
    desk.sellers = desk.sellers[:1]


async def looking(here: Seat) -> WorkingHoursScreen:
    await here.screen.run_action("hours")
    await here.until(lambda: isinstance(here.app.screen, WorkingHoursScreen))
    screen = here.app.screen
    assert isinstance(screen, WorkingHoursScreen)
    await here.until(lambda: screen.filled_in().get("zone"))
    await here.until(lambda: not screen.busy)
    return screen


def fill(screen: WorkingHoursScreen, **values: str) -> None:
    for name, value in values.items():
        screen.query_one(f"#{name.replace('_', '-')}", Input).value = value


async def test_hours_are_written_previewed_and_saved(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.sees("Часов пока нет")
        fill(screen, day_0="09:00–13:00, 14:00–22:00", day_5="20:00-04:00", day_6="24", holidays="ru")
        fill(screen, own="2026-12-31 10:00-14:00; 2026-12-30 закрыто; 2026-11-07 работаем")
        screen.query_one("#day-0").focus()
        await here.press("f2", "f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.sees("Другой срок получ")
        assert desk.called("set_calendar") == []
        await here.press("f9")
        await here.sees("✓ Сохранено: пересчитаны 2 открытых обращения")
        [(number, saved)] = desk.called("set_calendar")
        day = ((540, 780), (840, 1320))
        assert (number, saved.zone, saved.holidays) == (1, "Europe/Moscow", "RU")
        assert saved.week == (day,) * 5 + (((1200, 1680),), ALL_DAY)
        assert saved.days == OFFICE.days
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)


async def test_what_is_kept_is_shown_and_the_same_is_nothing_to_save(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.by = replace(desk.by, calendar=OFFICE)
    async with seat((80, 24)) as here:
        screen = await looking(here)
        shown = screen.filled_in()
        assert (shown["day-0"], shown["day-5"], shown["day-6"]) == (
            "09:00-13:00, 14:00-18:00", "20:00-04:00", "",
        )  # fmt: skip
        assert (shown["zone"], shown["holidays"]) == ("Asia/Omsk", "RU")
        assert shown["own"] == "2026-11-07 работаем; 2026-12-30 закрыто; 2026-12-31 10:00-14:00"
        await here.press("f5")
        await here.sees("Ничего не изменено")
        assert desk.called("effect") == []


async def test_days_left_empty_take_the_calendar_away(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.by = replace(desk.by, calendar=OFFICE)
    async with seat((80, 24)) as here:
        screen = await looking(here)
        fill(screen, **{f"day_{n}": "" for n in range(7)})
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("f9")
        await here.sees("✓ Сохранено")
        assert desk.called("set_calendar") == [(1, None)]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("day-2", "с девяти", "Это не часы: с девяти"),
        ("day-3", "09:00-25:00", "Это не часы"),
        ("zone", "Europe/Nowhere", "Часового пояса Europe/Nowhere нет"),
        ("holidays", "XX", "XX"),
        ("own", "31.12.2026", "Это не дата"),
        ("own", "2026-12-31 с утра", "Это не часы"),
    ],
)
async def test_a_mistake_is_one_line_at_its_field(seat: OpenSeat, field: str, value: str, words: str) -> None:
    async with seat((140, 40)) as here:
        screen = await looking(here)
        fill(screen, day_0="09:00-18:00")
        fill(screen, **{field: value})
        await here.press("f5")
        await here.sees(words)
        await here.until(lambda: screen.focused is not None and screen.focused.id == field)
        assert here.app.screen is screen


async def test_unsaved_hours_are_not_lost_by_escape(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.press("9", "escape")
        await here.sees("Выйти без сохранения?")
        await here.press("escape")
        await here.until(lambda: here.app.screen is screen)
        await here.press("escape")
        await here.sees("Выйти без сохранения?")
        await here.press("f9")
        await here.until(lambda: here.app.screen is here.screen)
        assert desk.called("set_calendar") == []


async def test_a_preview_that_is_declined_and_an_error_leave_what_was_typed(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        fill(screen, day_0="09:00-18:00")
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("escape")
        await here.sees("Ещё не сохранено")
        desk.failing["set_calendar"] = Forbidden("no")
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("f9")
        await here.sees("Ваша роль этого не позволяет")
        assert screen.filled_in()["day-0"] == "09:00-18:00"


async def test_what_a_colleague_changed_meanwhile_is_not_written_over(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        fill(screen, day_0="09:00-18:00")
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        desk.by = replace(desk.by, calendar=OFFICE)
        await here.press("f9")
        await here.sees("✗ Коллега изменил это тем временем")
        assert desk.called("set_calendar") == []


async def test_whoever_manages_no_shops_looks(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = SignedIn(2, "oleg@example.org", "operator")
    desk.by = replace(desk.by, calendar=OFFICE)
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.sees("Меняют это администраторы и владельцы")
        await here.sees("09:00-13:00, 14:00-18:00")
        await here.press("1", "f2", "f5")
        await here.pilot.pause()
        assert screen.filled_in()["day-0"] == "09:00-13:00, 14:00-18:00"
        assert desk.called("effect") == []
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)

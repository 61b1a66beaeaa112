"""What takes longer than a blink says so, blocks no key, and ends with Esc; a long question is no lost database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.widgets import Input

from agentiq_core.domain.filters import QueueFilter
from agentiq_tui import asking
from agentiq_tui.actions import remap
from agentiq_tui.screens.choose import ChooseScreen
from agentiq_tui.screens.search import SearchScreen
from agentiq_tui.screens.statistics import StatisticsScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk
from tests.tui.story import OLEG
from tests.tui.test_keymap import written
from tests.tui.test_queue import loaded, thousand_chats

SIGN = "секунду…"


def held(desk: ScriptedDesk, name: str) -> asyncio.Event:
    """This question waits for the test."""
    return desk.held.setdefault(name, asyncio.Event())


async def searching(here: Seat, words: str) -> Input:
    here.screen.query_one("#queue-list").focus()
    await here.press("/")
    await here.until(lambda: isinstance(here.app.screen, SearchScreen))
    field = here.app.screen.query_one(Input)
    field.value = words
    await here.until(lambda: ("search", words) in here.desk.calls)
    return field


async def finding_all(here: Seat) -> None:
    """Everything under a filter is looked for, to do something with it."""
    here.screen.queue_pane.narrow(QueueFilter(marketplace="wildberries"), "wb")
    await here.pilot.pause()
    here.screen.query_one("#queue-list").focus()
    await here.press("m")
    await here.until(lambda: here.desk.called("bulk.find"))


async def test_what_is_answered_at_once_shows_no_sign(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        await searching(here, "трещина ")
        await here.sees("Пришла с трещиной")
        assert SIGN not in here.text()


async def test_a_search_that_takes_long_says_so_and_takes_every_key(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    gate = held(desk, "search трещина ")
    async with seat() as here:
        field = await searching(here, "трещина ")
        await here.sees(SIGN)
        here.clock.pass_(seconds=3)
        await here.sees("секунду… 3 с")
        here.clock.pass_(seconds=9)
        await here.sees("всё ещё работаю: 12 с · Esc — прекратить")
        await here.press("home", "П")
        assert field.value == "Птрещина "
        gate.set()
        await here.until(lambda: "ещё работаю" not in here.text() and SIGN not in here.text())


async def test_other_words_end_the_search_for_the_former_ones(seat: OpenSeat, desk: ScriptedDesk) -> None:
    held(desk, "search а")
    async with seat() as here:
        field = await searching(here, "а")
        await here.sees(SIGN)
        field.value = "трещина "
        await here.sees("Пришла с трещиной")
        assert desk.given_up == ["search а"]
        await here.until(lambda: SIGN not in here.text())


async def test_escape_leaves_a_search_and_statistics_and_ends_what_they_ask(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    held(desk, "search а")
    held(desk, "statistics")
    async with seat() as here:
        await searching(here, "а")
        await here.press("escape")
        await here.until(lambda: desk.given_up == ["search а"])
        await here.screen.run_action("statistics")
        await here.until(lambda: isinstance(here.app.screen, StatisticsScreen))
        await here.sees(SIGN)
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)
        await here.until(lambda: desk.given_up == ["search а", "statistics"])


async def test_the_next_page_of_a_queue_says_that_it_comes(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.chats = thousand_chats()
    gate = held(desk, "page")
    async with seat(wait=False) as here:
        await here.until(lambda: loaded(here) == 100)
        here.screen.query_one("#queue-list").focus()
        await here.press("G")
        await here.sees(SIGN)
        await here.press("g")
        assert here.screen.queue_pane.queue_list.line == 0
        gate.set()
        await here.until(lambda: loaded(here) == 200)
        await here.until(lambda: SIGN not in here.text())


async def test_a_question_longer_than_the_patience_is_no_lost_database(
    seat: OpenSeat, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ANSWER_WITHIN", 0.01)
    gate = held(desk, "bulk.find")
    async with seat() as here:
        await finding_all(here)
        await here.sees(f"◌ {SIGN}")
        here.clock.pass_(seconds=20)
        await here.sees("всё ещё работаю: 20 с · Esc — прекратить")
        assert not here.screen.offline
        gate.set()
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        assert "ещё работаю" not in here.text()


async def test_the_sign_names_the_users_own_key_and_that_key_gives_it_up(
    seat: OpenSeat, desk: ScriptedDesk, home: Path
) -> None:
    written(home, '[keys]\nback = "f18"\n')
    held(desk, "bulk.find")
    try:
        async with seat() as here:
            await finding_all(here)
            await here.sees(f"◌ {SIGN}")
            here.clock.pass_(seconds=20)
            await here.sees("20 с · F18 — прекратить")
            await here.press("f18")
            await here.until(lambda: "ещё работаю" not in here.text())
    finally:
        remap({})


async def test_escape_gives_up_what_is_looked_for_and_nothing_else(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    held(desk, "bulk.find")
    async with seat() as here:
        await finding_all(here)
        await here.sees(SIGN)
        await here.press("escape")
        await here.until(lambda: desk.given_up == ["bulk.find"])
        await here.sees("Прекращено")
        assert here.screen.queue_pane.narrowed
        await here.press("escape")
        await here.until(lambda: not here.screen.queue_pane.narrowed)


async def test_escape_never_ends_a_reply_on_its_way(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        desk.gate = asyncio.Event()
        await here.writes("Проверяем, ответим сегодня.")
        await here.press("f5")
        await here.sees(SIGN)
        await here.press("escape")
        desk.gate.set()
        await here.until(lambda: desk.chats[OLEG].replies)


async def test_a_question_that_never_ends_is_given_up_and_not_called_offline(
    seat: OpenSeat, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LONG_WITHIN", 0.2)
    held(desk, "bulk.find")
    async with seat() as here:
        await finding_all(here)
        await here.sees("Слишком долго, прекращено")
        assert not here.screen.offline
        assert desk.given_up == ["bulk.find"]

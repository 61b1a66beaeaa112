"""Windows over the desk: their keys are told, found by name and never taken from a field; leaving AgentIQ from them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.screen import Screen
from textual.widgets import Input, Static

from agentiq_core.domain.errors import SignInNeeded, StoreUnavailable
from agentiq_core.engine.access import SignedIn
from agentiq_tui.actions import ACTIONS, Where, at
from agentiq_tui.app import AgentIQApp
from agentiq_tui.screens.add_shop import AddShopScreen
from agentiq_tui.screens.filter import FilterScreen
from agentiq_tui.screens.help import HelpScreen
from agentiq_tui.screens.library import LibraryScreen
from agentiq_tui.screens.passphrase import PassphraseScreen
from agentiq_tui.screens.secret import SecretScreen
from agentiq_tui.screens.sellers import SellersScreen
from agentiq_tui.screens.settings import SettingsScreen
from agentiq_tui.screens.sign_in import SignInScreen
from agentiq_tui.screens.snippet import SnippetScreen
from agentiq_tui.screens.team_key import TeamKeyScreen
from agentiq_tui.screens.trouble import TroubleScreen
from agentiq_tui.screens.where import Ways, WhereScreen
from tests.tui.conftest import Clock, OpenSeat, Seat
from tests.tui.scenarios import over, window
from tests.tui.scripted import ScriptedDesk


@pytest.fixture(autouse=True)
def _managed(desk: ScriptedDesk) -> None:
    desk.who = SignedIn(1, "anna@example.org", "admin")


def told(here: Seat) -> str:
    return str(here.app.screen.query_one("#help-text", Static).content)


@pytest.mark.parametrize("key", ["?", ",", "f1"])
async def test_a_window_tells_its_own_keys_and_no_others(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        await window(here, SellersScreen, "sellers")
        await here.press({"?": "question_mark", ",": "comma"}.get(key, key))
        await over(here, HelpScreen)
        await here.sees("Клавиши этого окна")
        words = told(here)
        for action in at(Where.SHOPS):
            assert f"  {action.described()}\n" in words, action.id
        for title in {one.described() for one in ACTIONS} - {one.described() for one in at(Where.SHOPS)}:
            assert f"  {title}\n" not in words
        assert words.index("Магазины\n") < words.index("Везде\n")
        await here.press("f1")
        await over(here, SellersScreen)


async def test_a_question_mark_in_a_field_is_text_and_the_function_key_is_help(seat: OpenSeat) -> None:
    async with seat() as here:
        screen = await window(here, FilterScreen, "filter")
        await here.press("question_mark")
        assert screen.query_one(Input).value == "?"
        await here.press("f1")
        await over(here, HelpScreen)
        assert "Забыть подборку под курсором" in told(here)
        await here.press("escape")
        await over(here, FilterScreen)


async def test_help_of_a_form_names_the_keys_of_the_fields_in_it(seat: OpenSeat) -> None:
    async with seat() as here:
        await window(here, SellersScreen, "sellers")
        await here.press("n")
        await over(here, SecretScreen)
        await here.press("f1")
        await over(here, HelpScreen)
        assert "В формах" in told(here)
        assert "В поле с готовыми словами" in told(here)


async def test_help_of_a_form_with_a_text_names_the_keys_of_that_text(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.sellers = desk.sellers[:1]
    async with seat() as here:
        await window(here, LibraryScreen, "library")
        await here.press("a")
        await over(here, SnippetScreen)
        await here.press("f1")
        await over(here, HelpScreen)
        words = told(here)
        assert "В тексте шаблона\n  Ctrl+N" in words
        assert "В поле ответа" not in words
        assert words.index("Запись шаблона или знания\n") < words.index("В формах\n")


async def test_what_a_role_may_not_do_in_a_window_is_not_told(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = SignedIn(1, "vera@example.org", "viewer")
    async with seat() as here:
        await window(here, SellersScreen, "sellers")
        await here.press("f1")
        await over(here, HelpScreen)
        assert "Вниз" in told(here)
        assert "Прочитать магазин сейчас" not in told(here)


async def test_the_palette_of_a_window_does_what_the_window_does(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        await window(here, SellersScreen, "sellers")
        await here.press("ctrl+p")
        await over(here, CommandPalette)
        await here.press(*"прочитать магазин")
        await here.sees("Прочитать магазин сейчас")
        await here.press("down", "enter")
        await here.until(lambda: desk.called("pull_now") == [(1,)])
        await here.press("ctrl+p")
        await over(here, CommandPalette)
        await here.press(*"отвечать не")
        await here.sees("Ничего не найдено")


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+й", "f10"])
async def test_the_app_is_left_from_a_window_as_from_the_desk(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        await here.writes("Уже смотрим")
        await window(here, SettingsScreen, "settings")
        await here.press(key)
        await here.until(lambda: here.desk.closed)
        assert here.app.return_code == 0
        assert "Уже смотрим" in [chat.draft for chat in here.desk.chats.values()]


@pytest.mark.parametrize("key", ["ctrl+q", "f10", "escape"])
async def test_whoever_does_not_sign_in_leaves_the_app(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        here.desk.failing["overview"] = SignInNeeded("over")
        here.screen.refetch_chat()
        await over(here, SignInScreen)
        await here.press(key)
        await here.until(lambda: here.desk.closed)


async def _nothing(*_given: str) -> None:
    """Keeps nothing."""


ASKED_FIRST: dict[str, Callable[[ScriptedDesk], Screen[Any]]] = {
    "where conversations are": lambda _desk: WhereScreen(Ways(_nothing, _nothing)),
    "who is there": lambda desk: SignInScreen(desk.sign_in, why=SignInNeeded("nobody")),
    "the passphrase": lambda _desk: PassphraseScreen(new=False),
    "the team key": lambda _desk: TeamKeyScreen(_nothing, missing=True),
}


@pytest.mark.parametrize("question", ASKED_FIRST)
@pytest.mark.parametrize("key", ["ctrl+q", "f10"])
async def test_the_app_is_left_from_a_question_that_the_desk_waits_for(
    desk: ScriptedDesk, clock: Clock, question: str, key: str
) -> None:
    @asynccontextmanager
    async def waits() -> AsyncIterator[ScriptedDesk]:
        answered: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        app.push_screen(ASKED_FIRST[question](desk), answered.set_result)
        if not await answered and question != "the team key":
            app.leave_now()
            raise SignInNeeded("nobody answered")
        yield desk

    app = AgentIQApp(waits, language="ru", clock=clock)
    async with app.run_test() as pilot:
        here = Seat(app, pilot, desk, clock)
        await over(here, type(ASKED_FIRST[question](desk)))
        await here.press(key)
        await here.until(lambda: not app.is_running)


@pytest.mark.parametrize("key", ["ctrl+q", "f10", "escape", "q", "й"])
async def test_a_desk_that_cannot_open_is_left_by_every_key_that_leaves(
    desk: ScriptedDesk, clock: Clock, key: str
) -> None:
    desk.failing["open"] = StoreUnavailable("connection refused")
    app = AgentIQApp(desk.opened, language="ru", clock=clock)
    async with app.run_test() as pilot:
        here = Seat(app, pilot, desk, clock)
        await over(here, TroubleScreen)
        await here.press(key)
        await here.until(lambda: not app.is_running)


async def test_a_click_on_a_word_does_what_its_key_does(seat: OpenSeat) -> None:
    async with seat() as here:
        await window(here, SellersScreen, "sellers")
        line = next(number for number, text in enumerate(here.text().splitlines()) if "a добавить" in text)
        column = here.text().splitlines()[line].index("добавить")
        await here.pilot.click(offset=(column + 1, line))
        await over(here, AddShopScreen)

"""Searching: results while the words are typed, and the conversation behind Enter."""

from __future__ import annotations

import asyncio

import pytest
from textual.widgets import Input, OptionList

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_tui.screens.search import SearchScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import NOW, ScriptedDesk, message
from tests.tui.story import ALENA, OLEG


async def searching(here: Seat, key: str = "/") -> SearchScreen:
    here.screen.query_one("#queue-list").focus()
    await here.press(key)
    await here.until(lambda: isinstance(here.app.screen, SearchScreen))
    screen = here.app.screen
    assert isinstance(screen, SearchScreen)
    return screen


async def typed(here: Seat, words: str) -> None:
    here.app.screen.query_one(Input).value = words
    await here.until(lambda: ("search", words) in here.desk.calls)
    await here.pilot.pause()


@pytest.mark.parametrize("key", ["/", ".", "ctrl+f", "ctrl+а"])
async def test_words_find_a_conversation_in_any_form_and_enter_opens_it(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        screen = await searching(here, key)
        await typed(here, "трещина ")
        await here.until(lambda: screen.current is not None)
        await here.sees("Пришла с трещиной")
        await here.press("enter")
        await here.until(lambda: here.app.screen is here.screen)
        await here.opens(ALENA)


async def test_the_arrows_go_through_the_results_while_the_words_stay(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    for ref in (ALENA, OLEG):
        desk.chats[ref].messages.append(message(90, "Где моя накладная?", NOW))
    async with seat() as here:
        screen = await searching(here)
        await typed(here, "накладная ")
        await here.until(lambda: screen.query_one(OptionList).option_count == 2)
        first = screen.current
        await here.press("down")
        assert screen.current != first
        await here.press("down", "up")
        assert screen.current == first
        assert screen.query_one(Input).value == "накладная "


async def test_what_was_searched_for_is_there_again_and_typing_replaces_it(seat: OpenSeat) -> None:
    async with seat() as here:
        await searching(here)
        await typed(here, "трещина ")
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)
        screen = await searching(here)
        await here.until(lambda: screen.current is not None)
        assert screen.query_one(Input).value == "трещина "
        await here.press("л")
        assert screen.query_one(Input).value == "л"


async def test_enter_waits_for_the_results_of_the_words_that_stand_there(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        screen = await searching(here)
        await typed(here, "трещина ")
        await here.until(lambda: screen.current is not None)
        desk.failing["search"] = StoreUnavailable("gone")
        await typed(here, "лампа")
        await here.sees("✗")
        await here.press("enter")
        assert here.app.screen is screen
        await typed(here, "трещина")
        await here.until(lambda: screen.current is not None)
        await here.press("enter")
        await here.opens(ALENA)


async def test_nothing_found_a_correction_and_a_lagging_index_are_said(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        await searching(here)
        desk.search.behind = True
        await typed(here, "самовар")
        await here.sees("Ничего не нашлось · Часть сообщений ещё не попала в поиск")
        desk.search.meant = "трещина"
        await typed(here, "трещина")
        await here.sees("показано «трещина»")


async def test_a_buyers_text_among_the_results_is_inert(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.chats[OLEG].messages.append(message(90, "[red]накладная\x1b]52;c;eA==\x07[/] \u202eещё", NOW))
    async with seat() as here:
        screen = await searching(here)
        await typed(here, "накладная ")
        await here.until(lambda: screen.current is not None)
        await here.sees("[red]накладная")
        assert not {"\x1b", "\x07", "\u202e"} & set(here.text())


async def test_further_pages_are_fetched_as_the_cursor_nears_their_end(
    seat: OpenSeat, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentiq_tui.screens.search.PAGE", 3)
    monkeypatch.setattr("agentiq_tui.screens.search.MARGIN", 1)
    refs = list(desk.chats)
    for ref in refs:
        desk.chats[ref].messages.append(message(90, "накладная", NOW))
    async with seat() as here:
        screen = await searching(here)
        await typed(here, "накладная ")
        options = screen.query_one(OptionList)
        await here.until(lambda: options.option_count == 3)
        for _ in refs:
            await here.press("pagedown")
            await asyncio.sleep(0)
        await here.until(lambda: options.option_count == len(refs))

"""Searching: results while the words are typed, and the conversation behind Enter."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.widgets import Input, OptionList

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.domain.views import ChatRef
from agentiq_tui.screens.bulk import BulkScreen
from agentiq_tui.screens.choose import ChooseScreen
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


def marked(here: Seat) -> str | None:
    entry = here.screen.chat_pane.transcript.marked_entry
    return entry.text if entry else None


def years(desk: ScriptedDesk, ref: ChatRef, count: int, words: dict[int, str]) -> None:
    """A message a day, back from now; some say something of their own."""
    desk.chats[ref].messages = [
        message(number, words.get(number, f"день {number}"), NOW - timedelta(days=count - number))
        for number in range(1, count + 1)
    ]


async def test_enter_goes_to_the_message_itself_years_back_and_marks_it(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    years(desk, ALENA, 800, {120: "Пришла накладная"})
    async with seat() as here:
        screen = await searching(here)
        await typed(here, "накладная ")
        await here.until(lambda: screen.current is not None)
        await here.press("enter")
        await here.until(lambda: marked(here) == "Пришла накладная")
        await here.sees("Пришла накладная")
        assert "день 118" not in here.text()
        # news below leave the place that is read
        desk.buyer_writes(ALENA, "Ау?")
        await here.until(lambda: here.screen.conversation.messages[-1].text == "Ау?")
        await here.sees("Пришла накладная")
        assert not here.screen.chat_pane.transcript.at_end
        await here.press("e")
        await here.sees("Ау?")


async def test_the_message_of_the_chat_that_is_open_is_gone_to_at_once(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        await here.press("j")
        await here.opens(ALENA)
        screen = await searching(here)
        await typed(here, "посудомойке ")
        await here.until(lambda: screen.current is not None)
        await here.press("enter")
        await here.until(lambda: (marked(here) or "").endswith("посудомойке?"))


async def test_a_chat_chosen_on_the_way_ends_it(seat: OpenSeat, desk: ScriptedDesk) -> None:
    years(desk, ALENA, 800, {120: "Пришла накладная"})
    async with seat() as here:
        screen = await searching(here)
        await typed(here, "накладная ")
        await here.until(lambda: screen.current is not None)
        desk.failing["conversation"] = StoreUnavailable("gone")
        await here.press("enter")
        await here.until(lambda: "conversation" not in desk.failing)
        here.screen.query_one("#queue-list").focus()
        await here.press("home")
        await here.opens(OLEG)
        await here.press("j")
        await here.opens(ALENA)
        await here.pilot.pause(0.1)
        assert marked(here) is None


async def test_a_message_that_is_gone_by_now_is_said(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        screen = await searching(here)
        await typed(here, "трещина ")
        await here.until(lambda: screen.current is not None)
        desk.chats[ALENA].messages = [
            one if "трещиной" not in one.text else replace(one, external_id="m4b")
            for one in desk.chats[ALENA].messages
        ]
        await here.press("enter")
        await here.opens(ALENA)
        await here.sees("Этого в переписке больше нет")


async def test_f6_does_something_with_all_that_was_found(seat: OpenSeat, desk: ScriptedDesk) -> None:
    for ref in (ALENA, OLEG):
        desk.chats[ref].messages.append(message(90, "Где моя накладная?", NOW))
    async with seat() as here:
        screen = await searching(here)
        await typed(here, "накладная ")
        await here.until(lambda: screen.query_one(OptionList).option_count == 2)
        await here.sees("2 переписки")
        await here.press("f6")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.sees("2 переписки: всё, что нашлось")
        here.app.screen.query_one(Input).value = "взять"
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.screen, BulkScreen))
        await here.until(lambda: all(desk.chats[ref].facts.get("assignee") for ref in (ALENA, OLEG)))


async def test_f6_counts_only_what_is_shown_and_says_so(
    seat: OpenSeat, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentiq_tui.screens.search.PAGE", 3)
    monkeypatch.setattr("agentiq_tui.screens.search.MARGIN", 0)
    for ref in desk.chats:
        desk.chats[ref].messages.append(message(90, "накладная", NOW))
    async with seat() as here:
        screen = await searching(here)
        await typed(here, "накладная ")
        await here.until(lambda: screen.query_one(OptionList).option_count == 3)
        await here.sees("показано 3, есть ещё")
        await here.press("f6")
        await here.sees("3 переписки: из показанных; нашлось больше")


async def test_who_may_only_read_does_nothing_with_what_was_found(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = replace(desk.who, role="viewer")
    async with seat() as here:
        screen = await searching(here)
        await typed(here, "трещина ")
        await here.until(lambda: screen.current is not None)
        await here.press("f6")
        await here.sees("Ваша роль — только чтение")


async def test_marks_in_the_queue_stay_when_something_else_was_done(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        here.screen.query_one("#queue-list").focus()
        await here.press("space")
        kept = here.screen.queue_pane.marked
        screen = await searching(here)
        await typed(here, "трещина ")
        await here.until(lambda: screen.current is not None)
        await here.press("f6")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        here.app.screen.query_one(Input).value = "взять"
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.screen, BulkScreen))
        await here.until(lambda: desk.chats[ALENA].facts.get("assignee"))
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)
        assert kept
        assert here.screen.queue_pane.marked == kept

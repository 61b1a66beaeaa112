"""Narrowing the queues: words with completion, saved views, counts, and the way back."""

from __future__ import annotations

import pytest
from textual.widgets import Input, OptionList

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.errors import Rejected, StoreUnavailable
from agentiq_core.domain.filters import QueueFilter
from agentiq_core.domain.views import ChatRef
from agentiq_tui.filter_words import FilterWord, completed, matching
from agentiq_tui.screens.filter import FilterScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk
from tests.tui.scripted_team import ANNA
from tests.tui.story import ALENA, MARINA, OLEG


async def filtering(here: Seat, key: str = "v") -> FilterScreen:
    here.screen.query_one("#queue-list").focus()
    await here.press(key)
    await here.until(lambda: here.app.screen.query("#filter-words"))
    await here.until(lambda: here.app.screen.query_one(OptionList).option_count)
    screen = here.app.screen
    assert isinstance(screen, FilterScreen)
    return screen


async def narrow(here: Seat, words: str) -> None:
    screen = await filtering(here)
    screen.query_one(Input).value = words
    await here.press("enter")
    await here.until(lambda: here.app.screen is here.screen)


def shown(here: Seat) -> list[ChatRef]:
    return [row.ref for row in here.screen.queue_pane.model.rows]


@pytest.mark.parametrize("key", ["v", "м"])
async def test_a_filter_narrows_every_queue_and_escape_widens_it_again(
    seat: OpenSeat, desk: ScriptedDesk, key: str
) -> None:
    desk.chats[ALENA].facts["assignee"] = ANNA
    async with seat() as here:
        screen = await filtering(here, key)
        screen.query_one(Input).value = "@я"
        await here.press("enter")
        await here.until(lambda: shown(here) == [ALENA])
        await here.sees("▼ @я · Esc: все")
        counts = {header.queue: header for header in here.screen.query("QueueHeader").results()}  # type: ignore[attr-defined]
        await here.until(lambda: counts[Queue.WAITING].count == 0)  # type: ignore[attr-defined]
        assert counts[Queue.WORK].count == 1  # type: ignore[attr-defined]
        await here.press("escape")
        await here.until(lambda: len(shown(here)) > 1)
        assert "▼" not in here.text()


async def test_words_complete_with_what_they_mean(seat: OpenSeat) -> None:
    async with seat() as here:
        screen = await filtering(here)
        field = screen.query_one(Input)
        field.value = "отз"
        await here.sees("отзывы")
        await here.press("tab")
        assert field.value == "отзывы "
        field.value = "отзывы низк"
        await here.sees("★1-3")
        await here.press("down", "enter")
        assert field.value == "отзывы ★1-3 "
        await here.press("enter")
        await here.until(lambda: here.app.screen is here.screen)
        assert here.screen.queue_pane.narrowed == QueueFilter(channel="review", stars=(1, 3))


async def test_a_word_that_means_nothing_is_named_and_nothing_changes(seat: OpenSeat) -> None:
    async with seat() as here:
        screen = await filtering(here)
        screen.query_one(Input).value = "чепуха"
        await here.press("enter")
        await here.sees("чепуха")
        assert here.app.screen is screen
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)
        assert not here.screen.queue_pane.narrowed


async def test_a_view_is_saved_chosen_and_forgotten(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.chats[OLEG].facts["tags"] = ("брак",)
    async with seat() as here:
        screen = await filtering(here)
        screen.query_one(Input).value = "#брак"
        await here.press("f2")
        await here.sees("Название подборки")
        await here.press(*"Брак", "enter")
        await here.until(lambda: here.app.screen is here.screen)
        assert desk.called("views.save") == [("Брак", QueueFilter(tag="брак"), None)]
        await here.until(lambda: shown(here) == [OLEG])
        await here.press("escape")
        await here.until(lambda: len(shown(here)) > 1)
        await filtering(here)
        await here.sees("▣ Брак")
        await here.press("down", "enter")
        await here.until(lambda: shown(here) == [OLEG])
        screen = await filtering(here)
        screen.query_one(Input).value = ""
        await here.press("down", "f8")
        await here.until(lambda: desk.called("views.remove"))
        await here.until(lambda: "▣" not in here.text())


async def test_an_empty_name_is_refused_and_escape_leads_back_to_the_words(seat: OpenSeat) -> None:
    async with seat() as here:
        screen = await filtering(here)
        field = screen.query_one(Input)
        field.value = "#брак"
        await here.press("f2")
        await here.until(lambda: field.value == "")
        here.desk.failing["views.save"] = Rejected("a name has between 1 and 60 characters")
        await here.press("enter")
        await here.sees("✗")
        await here.press("escape")
        assert field.value == "#брак"
        assert here.app.screen is screen


async def test_a_queue_that_nothing_is_left_of_says_so_and_a_lost_database_keeps_the_filter(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        await narrow(here, "#нет")
        await here.sees("никто не ждёт")
        desk.failing["colleagues.every"] = StoreUnavailable("gone")
        here.screen.query_one("#queue-list").focus()
        await here.press("v")
        await here.until(lambda: here.app.screen.query("#filter-words"))
        await here.sees("✗")
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)
        assert here.screen.queue_pane.narrowed == QueueFilter(tag="нет")


async def test_a_page_that_answers_a_former_filter_is_left_out(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.chats[MARINA].facts["tags"] = ("опт",)
    async with seat() as here:
        pane = here.screen.queue_pane
        pane.narrow(QueueFilter(tag="нет"))
        pane.narrow(QueueFilter(tag="опт"))
        pane.open(Queue.ALL)
        await here.until(lambda: shown(here) == [MARINA])


def test_completion_replaces_only_the_word_that_was_begun() -> None:
    known = [FilterWord("#брак", "метка"), FilterWord("@я", "мои"), FilterWord("отзывы", "отзыв")]
    assert matching(known, "") == known
    assert matching(known, "@я ") == [known[0], known[2]]
    assert matching(known, "@я отз") == [known[2]]
    assert matching(known, "мо") == [known[1]]
    assert completed("@я отз", known[2]) == "@я отзывы "
    assert completed("@я ", known[0]) == "@я #брак "


async def test_the_next_chat_is_one_that_the_filter_shows(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.chats[MARINA].facts["tags"] = ("опт",)
    async with seat() as here:
        here.screen.queue_pane.narrow(QueueFilter(tag="опт"))
        here.screen.query_one("#queue-list").focus()
        await here.press("n")
        await here.opens(MARINA)

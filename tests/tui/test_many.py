"""Marks, one action on many conversations with an honest account, and putting one off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from textual.widgets import Input

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.filters import QueueFilter
from agentiq_core.engine.access import SignedIn
from agentiq_core.engine.bulk import AddTag, Assign, NoReplyNeeded
from agentiq_tui.screens.bulk import BulkScreen
from agentiq_tui.screens.choose import ChooseScreen
from agentiq_tui.snooze_times import offered
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import NOW, ScriptedDesk
from tests.tui.scripted_team import BORIS
from tests.tui.story import ALENA, OLEG


async def choosing(here: Seat) -> ChooseScreen[object]:
    await here.until(
        lambda: isinstance(here.app.screen, ChooseScreen) and here.app.screen.query("#choose-words")
    )
    screen = here.app.screen
    assert isinstance(screen, ChooseScreen)
    return screen


async def choose(here: Seat, words: str) -> None:
    screen = await choosing(here)
    screen.query_one(Input).value = words
    await here.pilot.pause()
    await here.press("enter")


async def marked_two(here: Seat) -> None:
    here.screen.query_one("#queue-list").focus()
    await here.press("g", "space", "space")
    await here.until(lambda: len(here.screen.queue_pane.marked) == 2)


@pytest.mark.parametrize("key", ["m", "ь"])
async def test_marked_conversations_are_given_to_a_colleague(
    seat: OpenSeat, desk: ScriptedDesk, key: str
) -> None:
    async with seat() as here:
        await marked_two(here)
        await here.sees("✓ 2 отмечены")
        await here.press(key)
        await choose(here, "передать")
        await here.until(lambda: desk.called("colleagues.every"))
        await choose(here, "борис")
        await here.sees("сделано: 2 из 2")
        assert desk.called("bulk.run") == [(Assign(BORIS), (ALENA, OLEG))]
        await here.press("enter")
        await here.until(lambda: here.app.screen is here.screen)
        assert here.screen.queue_pane.marked == ()


async def test_only_those_are_offered_who_may_have_all_of_them(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        await marked_two(here)
        await here.press("m")
        await choose(here, "передать")
        await here.until(lambda: desk.called("colleagues.every"))
        await here.sees("Борис Ким")
        assert "Вера" not in here.text(), "a viewer answers nobody"


async def test_what_was_refused_is_told_and_stays_marked(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.bulk.refusing = {OLEG}
    async with seat() as here:
        await marked_two(here)
        await here.press("m")
        await choose(here, "поставить")
        await here.until(lambda: desk.called("tags.of"))
        await choose(here, "брак")
        await here.sees("сделано: 1 из 2")
        await here.sees("! не сделано: 1 (у коллеги)")
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)
        assert here.screen.queue_pane.marked == (ALENA, OLEG)


async def test_a_new_tag_is_typed_and_one_that_is_none_is_refused(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        await marked_two(here)
        await here.press("m")
        await choose(here, "поставить")
        await here.until(lambda: desk.called("tags.of"))
        await choose(here, "две метки")
        await here.sees("✗")
        await choose(here, "#срочное")
        await here.sees("сделано: 2 из 2")
        assert desk.called("bulk.run")[0][0] == AddTag("срочное")


async def test_everything_that_a_filter_shows_is_meant_where_nothing_is_marked(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        here.screen.query_one("#queue-list").focus()
        await here.press("m")
        await here.sees("Отметьте переписки")
        here.screen.queue_pane.narrow(QueueFilter(marketplace="wildberries"))
        await here.press("m")
        await choose(here, "не нуж")
        await here.until(lambda: isinstance(here.app.screen, BulkScreen) and here.app.screen.done)
        assert desk.called("bulk.run")[0][0] == NoReplyNeeded()


async def test_stars_mark_everything_that_is_loaded_and_escape_takes_the_marks_off(seat: OpenSeat) -> None:
    async with seat() as here:
        pane = here.screen.queue_pane
        pane.queue_list.focus()
        await here.press("*")
        assert len(pane.marked) == len(pane.model.rows)
        await here.press("escape")
        assert pane.marked == ()
        await here.press("*", "*")
        assert pane.marked == ()


async def test_a_viewer_does_nothing_to_anybody(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = SignedIn(3, "vera@example.org", "viewer")
    async with seat() as here:
        await marked_two(here)
        await here.press("m")
        await here.sees("Ваша роль")
        await here.press("z")
        await here.pilot.pause()
        assert here.app.screen is here.screen
        assert not desk.called("bulk.run")


@pytest.mark.parametrize("key", ["z", "я"])
async def test_a_conversation_is_put_off_until_a_time_that_is_offered_or_typed(
    seat: OpenSeat, desk: ScriptedDesk, key: str
) -> None:
    async with seat() as here:
        here.screen.query_one("#queue-list").focus()
        await here.press(key)
        await choose(here, "на 1 час")
        await here.until(lambda: desk.called("snooze"))
        await here.press(key)
        await choose(here, "сколько-нибудь")
        await here.sees("Это не время")
        await choose(here, "40 мин")
        await here.until(lambda: len(desk.called("snooze")) == 2)
        first, second = (call[1] for call in desk.called("snooze"))
        assert (first, second) == (NOW + timedelta(hours=1), NOW + timedelta(minutes=40))


async def test_a_refusal_to_put_off_is_said(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.failing["snooze"] = Rejected("nobody waits for an answer there")
    async with seat() as here:
        here.screen.query_one("#queue-list").focus()
        await here.press("z")
        await choose(here, "на 1 час")
        await here.sees("Отклонено: ничего не изменилось")


def test_the_times_on_offer_are_in_order_and_lie_ahead() -> None:
    for hour in range(24):
        now = datetime(2026, 3, 9, hour, 20, tzinfo=UTC).astimezone()
        times = [one.until for one in offered(now)]
        assert times == sorted(times)
        assert times[0] > now

"""The queue: one list, still under the operator's hands."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from textual._compositor import Compositor
from textual.strip import Strip

from agentiq_core.domain.chats import ChatStatus, Priority, Queue
from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.domain.messages import Product
from agentiq_core.domain.views import ChatRef
from agentiq_tui.messages import ChatChosen
from agentiq_tui.widgets.queue_header import QueueHeader
from agentiq_tui.widgets.queue_list import QueueList
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import NOW, Chat, ScriptedDesk, message
from tests.tui.story import ALENA, MARINA, OLEG


def waiting_chat(number: int, minutes: float, priority: Priority = Priority.NORMAL) -> Chat:
    return Chat(
        ChatRef(1, number),
        f"Покупатель {number}",
        Product(str(number), "Кружка"),
        [message(5000 + number, "Здравствуйте", NOW - timedelta(minutes=1))],
        due_at=NOW + timedelta(minutes=minutes),
        priority=priority,
        unread=1,
    )


def thousand_chats() -> dict[ChatRef, Chat]:
    chats = [waiting_chat(number, number, Priority.URGENT) for number in range(1, 1001)]
    return {chat.ref: chat for chat in chats}


def loaded(here: Seat) -> int:
    return len(here.screen.queue_pane.model.rows)


def cursor(here: Seat) -> ChatRef | None:
    return here.screen.queue_pane.queue_list.cursor


async def test_opening_a_chat_marks_it_read_and_takes_its_mark_off(seat: OpenSeat) -> None:
    async with seat() as here:
        assert here.desk.called("mark_read") == [(OLEG,)]
        await here.until(lambda: "•3" not in here.text())
        assert "•1" in here.text()


async def test_the_open_chat_is_watched(seat: OpenSeat) -> None:
    async with seat() as here:
        assert here.desk.watched == OLEG


async def test_scanning_the_list_does_not_open_what_it_passes(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        here.screen.queue_pane.queue_list.action_cursor_down()
        here.screen.queue_pane.queue_list.action_cursor_up()
        await here.pilot.pause(0.3)
        assert ("conversation", ALENA, None) not in here.desk.calls


async def test_a_new_urgent_chat_waits_and_never_moves_the_cursor(seat: OpenSeat) -> None:
    async with seat() as here:
        before = [row.ref for row in here.screen.queue_pane.model.rows]
        new = waiting_chat(50, -60, Priority.URGENT)
        here.desk.chats[new.ref] = new
        here.desk.change(new.ref)
        await here.sees("▲ 1 новый · r")
        assert [row.ref for row in here.screen.queue_pane.model.rows] == before
        assert cursor(here) == OLEG
        await here.press("r")
        await here.until(lambda: here.screen.queue_pane.model.rows[0].ref == new.ref)
        assert cursor(here) == OLEG
        assert here.screen.current == OLEG


async def test_facts_of_shown_rows_change_at_once(seat: OpenSeat) -> None:
    async with seat() as here:
        here.desk.buyer_writes(ALENA, "И ещё вопрос про доставку")
        await here.sees("И ещё вопрос про доставку")


async def test_an_answered_chat_stays_in_its_place_until_the_operator_lets_it_go(seat: OpenSeat) -> None:
    async with seat() as here:
        here.desk.chats[ALENA].status = ChatStatus.RESPONDED
        here.desk.change(ALENA)
        await here.sees("▲ порядок изменился · r")
        assert loaded(here) == 2
        await here.press("к")  # r on the Russian layout
        await here.until(lambda: loaded(here) == 1)


async def test_counters_follow_the_desk(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.until(lambda: [header.count for header in here.screen.query(QueueHeader)] == [2, 3, 7])
        new = waiting_chat(51, 90)
        here.desk.chats[new.ref] = new
        here.desk.change(new.ref)
        await here.until(lambda: [header.count for header in here.screen.query(QueueHeader)] == [2, 4, 8])


async def test_a_burst_of_changes_is_one_fetch(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.pilot.pause(0.1)
        before = len(here.desk.called("overview"))
        for _ in range(500):
            here.desk.change(MARINA)
        await here.until(lambda: len(here.desk.called("overview")) > before)
        await here.pilot.pause(0.2)
        assert len(here.desk.called("overview")) - before <= 3


@pytest.mark.parametrize(("down", "up"), [("j", "k"), ("о", "л"), ("down", "up")])
async def test_the_cursor_moves_on_both_layouts(seat: OpenSeat, down: str, up: str) -> None:
    async with seat() as here:
        await here.press(down)
        assert cursor(here) == ALENA
        await here.press(up)
        assert cursor(here) == OLEG


@pytest.mark.parametrize(("last", "first"), [("G", "g"), ("П", "п"), ("end", "home")])
async def test_g_and_G_go_to_the_ends(seat: OpenSeat, last: str, first: str) -> None:
    async with seat() as here:
        await here.press(last)
        assert cursor(here) == ALENA
        await here.press(first)
        assert cursor(here) == OLEG


@pytest.mark.parametrize("key", ["n", "т", "f2"])
async def test_n_goes_to_the_next_waiting_chat_by_deadline_and_round(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        await here.press(key)
        await here.opens(ALENA)
        await here.press(key)
        await here.opens(MARINA)
        assert here.screen.queue_pane.open_queue is Queue.WAITING
        assert cursor(here) == MARINA


async def test_letters_are_letters_inside_the_field(seat: OpenSeat) -> None:
    async with seat() as here:
        here.composer.focus()
        await here.press("j", "n", "r", "x", "1", "question_mark")
        assert here.composer.text == "jnrx1?"
        assert here.screen.current == OLEG


async def test_a_click_opens_a_row_and_a_header_opens_a_queue(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.pilot.click("#queue-list", offset=(5, 2))
        await here.opens(ALENA)
        await here.pilot.click("#header-waiting")
        await here.until(lambda: here.screen.queue_pane.open_queue is Queue.WAITING)
        await here.sees("Марина")


async def test_brackets_change_the_queue_on_both_layouts(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("]")
        assert here.screen.queue_pane.open_queue is Queue.WAITING
        await here.press("х")
        assert here.screen.queue_pane.open_queue is Queue.WORK


async def test_countdowns_tick_and_turn_overdue(seat: OpenSeat) -> None:
    async with seat() as here:
        assert "−02:30" in here.text()
        assert "04:12" in here.text()
        here.clock.pass_(minutes=4, seconds=13)
        await here.sees("−00:01")


async def test_pages_are_fetched_as_the_cursor_nears_the_end(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.chats = thousand_chats()
    async with seat(wait=False) as here:
        await here.until(lambda: loaded(here) == 100)
        for rows in (200, 300, 400):
            await here.press("G")
            await here.until(lambda rows=rows: loaded(here) == rows)
        assert len({row.ref for row in here.screen.queue_pane.model.rows}) == 400
        deep = cursor(here)
        here.desk.chats[ChatRef(1, 5)] = replace(here.desk.chats[ChatRef(1, 5)], unread=9)
        here.desk.change(ChatRef(1, 5))
        await here.until(lambda: here.screen.queue_pane.model.rows[4].unread == 9)
        assert cursor(here) == deep
        assert loaded(here) == 400


async def test_a_late_word_of_the_end_fetches_no_page_that_nobody_nears(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.chats = thousand_chats()
    async with seat(wait=False) as here:
        await here.until(lambda: loaded(here) == 100)
        await here.press("G")
        await here.until(lambda: loaded(here) >= 200)
        here.screen.queue_pane.queue_list.post_message(QueueList.NearEnd())
        await here.pilot.pause(0.1)
        assert loaded(here) == 200


async def test_a_page_that_failed_is_asked_for_again(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.chats = thousand_chats()
    async with seat(wait=False) as here:
        await here.until(lambda: loaded(here) == 100)
        desk.failing["queue"] = StoreUnavailable("gone")
        await here.press("G")
        await here.until(lambda: "queue" not in desk.failing)
        await here.pilot.pause()
        await here.press("G")
        await here.until(lambda: loaded(here) > 100)


async def test_a_day_without_emergencies_begins_with_those_who_wait(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    chats = [waiting_chat(number, 60 * number) for number in (1, 2)]
    desk.chats = {chat.ref: chat for chat in chats}
    async with seat(wait=False) as here:
        await here.opens(chats[0].ref)
        assert here.screen.queue_pane.open_queue is Queue.WAITING
        assert cursor(here) == here.screen.current == chats[0].ref


async def test_a_desk_that_fills_later_opens_by_itself_unless_the_operator_chose_a_queue(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.chats = {}
    chat = waiting_chat(1, 60)
    async with seat(wait=False) as here:
        await here.sees("Здесь никто не ждёт")
        desk.chats[chat.ref] = chat
        desk.change(chat.ref)
        await here.until(lambda: here.screen.current == chat.ref)


async def test_a_queue_that_the_operator_chose_stays_open_though_it_is_empty(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.chats = {}
    chat = waiting_chat(1, 60)
    async with seat(wait=False) as here:
        await here.sees("Здесь никто не ждёт")
        here.screen.queue_pane.open(Queue.WORK)
        desk.chats[chat.ref] = chat
        desk.change(chat.ref)
        await here.until(lambda: ("queue", Queue.WORK, None, 100) in desk.calls[-3:])
        await here.until(
            lambda: (header := here.screen.query_one("#header-waiting", QueueHeader)) and header.count == 1
        )
        assert here.screen.queue_pane.open_queue is Queue.WORK
        assert here.screen.current is None


async def test_only_lines_that_look_otherwise_than_before_are_drawn_again(
    seat: OpenSeat, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, chat in enumerate(desk.chats.values()):
        # hours away: its clock tells minutes
        chat.due_at = NOW + timedelta(hours=5 + number, seconds=30)
    async with seat() as here:
        drawn: list[int] = []
        usual = QueueList.render_line

        def watched(queue_list: QueueList, y: int) -> Strip:
            drawn.append(y)
            return usual(queue_list, y)

        monkeypatch.setattr(QueueList, "render_line", watched)
        queue_list = here.screen.queue_pane.queue_list
        queue_list.tick(NOW)
        await here.pilot.pause()
        drawn.clear()
        queue_list.tick(NOW + timedelta(seconds=1))
        await here.pilot.pause()
        assert drawn == []
        queue_list.action_cursor_down()
        await here.pilot.pause()
        assert sorted(set(drawn)) == [0, 1, 2, 3]
        drawn.clear()
        queue_list.tick(NOW + timedelta(minutes=1))
        await here.pilot.pause()
        assert set(drawn) == set(range(2 * len(queue_list.rows)))


async def test_the_next_chat_is_found_round_and_round(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        waiting = [
            row.ref
            for queue in (Queue.WORK, Queue.WAITING)
            for row in (await desk.queue(queue, None, 100)).rows
        ]
        assert len(waiting) > 2
        place = waiting.index(OLEG)
        for ref in [*waiting[place + 1 :], *waiting[: place + 1]]:
            await here.press("n")
            await here.until(lambda ref=ref: here.screen.current == ref)  # type: ignore[misc]


async def test_counters_that_change_do_not_draw_the_whole_screen_again(
    seat: OpenSeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with seat() as here:
        await here.pilot.pause()
        whole: list[object] = []
        usual = Compositor.render_full_update
        monkeypatch.setattr(
            Compositor,
            "render_full_update",
            lambda *given, **named: whole.append(given) or usual(*given, **named),
        )
        header = here.screen.query_one("#header-waiting", QueueHeader)
        before = header.count
        new = waiting_chat(60, 90)
        here.desk.chats[new.ref] = new
        here.desk.change(new.ref)
        await here.until(lambda: header.count != before)
        await here.pilot.pause()
        assert whole == []


async def test_the_next_waiting_chat_lies_behind_what_is_loaded(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.chats = thousand_chats()
    async with seat(wait=False) as here:
        await here.until(lambda: loaded(here) == 100)
        pane = here.screen.queue_pane
        pane.open(Queue.WORK, ChatRef(1, 100))
        here.screen.post_message(ChatChosen(ChatRef(1, 100)))
        await here.opens(ChatRef(1, 100))
        pane.queue_list.focus()
        await here.press("n")
        await here.opens(ChatRef(1, 101))
        await here.until(lambda: loaded(here) >= 200)
        assert cursor(here) == ChatRef(1, 101)
        await here.sees("Покупатель 101")


async def test_a_slow_answer_to_who_is_next_holds_up_nothing(seat: OpenSeat, desk: ScriptedDesk) -> None:
    gate = desk.held.setdefault("next_waiting", asyncio.Event())
    async with seat() as here:
        here.screen.query_one("#queue-list").focus()
        await here.press("n")
        await here.sees("секунду…")
        await here.press("j")
        await here.until(lambda: cursor(here) == ALENA)
        gate.set()
        await here.until(lambda: "секунду…" not in here.text())

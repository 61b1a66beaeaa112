"""Going through the queue."""

from __future__ import annotations

from datetime import timedelta

from agentiq_core.domain.chats import Priority, Queue
from agentiq_core.domain.filters import QueueFilter
from agentiq_core.domain.views import ChatRef
from agentiq_tui.screens.choose import ChooseScreen
from agentiq_tui.screens.filter import FilterScreen
from agentiq_tui.screens.search import SearchScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does
from tests.tui.scripted import NOW, Chat, ScriptedDesk, message
from tests.tui.story import ALENA, OLEG, TIMUR


def many(desk: ScriptedDesk) -> None:
    """A queue longer than the screen."""
    for number in range(100, 140):
        ref = ChatRef(1, number)
        desk.chats[ref] = Chat(
            ref,
            f"Покупатель {number}",
            desk.chats[OLEG].product,
            [message(number, "Где заказ?", NOW - timedelta(minutes=number))],
            due_at=NOW + timedelta(minutes=number),
            priority=Priority.URGENT,
        )


@does("next_chat")
async def the_next_waiting_chat_opens(here: Seat) -> None:
    await act(here, "next_chat")
    await here.opens(ALENA)


@does("search")
async def words_may_be_searched(here: Seat) -> None:
    await act(here, "search")
    await here.until(lambda: isinstance(here.app.screen, SearchScreen))


@does("filter")
async def a_filter_may_be_written(here: Seat) -> None:
    here.screen.query_one("#queue-list").focus()
    await act(here, "filter")
    await here.until(lambda: isinstance(here.app.screen, FilterScreen))


@does("widen")
async def everything_is_shown_again(here: Seat) -> None:
    here.screen.queue_pane.narrow(QueueFilter(tag="нет"))
    await here.until(lambda: not here.screen.queue_pane.model.rows)
    await act(here, "widen")
    await here.until(lambda: here.screen.queue_pane.model.rows)


@does("mark_chat")
async def a_mark_is_set_and_the_cursor_goes_on(here: Seat) -> None:
    here.screen.query_one("#queue-list").focus()
    await act(here, "mark_chat")
    assert here.screen.queue_pane.marked == (OLEG,)
    assert here.screen.queue_pane.queue_list.cursor == ALENA


@does("mark_every")
async def everything_loaded_is_marked(here: Seat) -> None:
    here.screen.query_one("#queue-list").focus()
    await act(here, "mark_every")
    assert len(here.screen.queue_pane.marked) == len(here.screen.queue_pane.model.rows)


@does("bulk")
async def something_is_done_with_what_is_marked(here: Seat) -> None:
    here.screen.query_one("#queue-list").focus()
    await here.press("space")
    await act(here, "bulk")
    await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
    await here.sees("взять себе")


@does("snooze")
async def times_to_put_it_off_until_are_offered(here: Seat) -> None:
    here.screen.query_one("#queue-list").focus()
    await act(here, "snooze")
    await here.sees("до завтра, 9:00")
    await here.press("enter")
    await here.until(lambda: here.desk.called("snooze"))


@does("wake")
async def what_was_put_off_comes_back(here: Seat) -> None:
    await act(here, "wake")
    await here.until(lambda: here.desk.called("snooze") == [(OLEG, None)])


@does("apply_changes")
async def what_changed_comes_into_the_list(here: Seat) -> None:
    here.desk.chats[TIMUR].priority = Priority.URGENT
    here.desk.chats[TIMUR].due_at = NOW - timedelta(hours=1)
    here.desk.change(TIMUR)
    await here.sees("▲")
    await act(here, "apply_changes")
    await here.until(lambda: here.screen.queue_pane.queue_list.rows[0].ref == TIMUR)
    assert here.screen.queue_pane.queue_list.cursor == OLEG


@does("next_queue")
async def the_queue_below_opens(here: Seat) -> None:
    await act(here, "next_queue")
    await here.until(lambda: here.screen.queue_pane.open_queue is Queue.WAITING)


@does("previous_queue")
async def the_queue_above_opens(here: Seat) -> None:
    await act(here, "previous_queue")
    await here.until(lambda: here.screen.queue_pane.open_queue is Queue.ALL)


def cursor(here: Seat) -> int:
    return here.screen.queue_pane.queue_list.line


@does("cursor_down")
async def the_cursor_goes_down(here: Seat) -> None:
    await act(here, "cursor_down")
    await here.opens(ALENA)


@does("cursor_up")
async def the_cursor_goes_up(here: Seat) -> None:
    await act(here, "cursor_down")
    await act(here, "cursor_up")
    await here.until(lambda: cursor(here) == 0)
    assert here.screen.queue_pane.queue_list.cursor == OLEG


@does("cursor_last", before=many)
async def the_cursor_goes_to_the_end(here: Seat) -> None:
    await act(here, "cursor_last")
    await here.until(lambda: cursor(here) == 41)


@does("cursor_first", before=many)
async def the_cursor_goes_to_the_top(here: Seat) -> None:
    await act(here, "cursor_last")
    await act(here, "cursor_first")
    await here.until(lambda: cursor(here) == 0)


@does("cursor_page_down", before=many)
async def the_cursor_goes_a_page_down(here: Seat) -> None:
    await act(here, "cursor_page_down")
    await here.until(lambda: 5 < cursor(here) < 41)


@does("cursor_page_up", before=many)
async def the_cursor_goes_a_page_up(here: Seat) -> None:
    await act(here, "cursor_last")
    await act(here, "cursor_page_up")
    await here.until(lambda: 5 < cursor(here) < 41)


@does("open")
async def the_chat_opens_for_writing(here: Seat) -> None:
    await act(here, "cursor_down")
    await act(here, "open")
    await here.opens(ALENA)
    await here.until(lambda: here.composer.has_focus)

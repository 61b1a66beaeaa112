"""Who looks elsewhere hears of new conversations, once, in the queues they chose, and not at night."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from agentiq_core.domain.chats import ChatStatus, Queue
from agentiq_core.domain.messages import Product
from agentiq_core.domain.views import ChatRef, QueueRow
from agentiq_tui.app import AgentIQApp
from agentiq_tui.locale import use
from agentiq_tui.notices import Notices, desktop, is_quiet
from agentiq_tui.settings_schema import Preferences
from tests.tui.conftest import OpenSeat
from tests.tui.scripted import NOW, Chat, ScriptedDesk, message
from tests.tui.story import ALENA, OLEG

WANTED = Preferences()
LATER = NOW + timedelta(minutes=1)


def counts(work: int, waiting: int = 0, everything: int = 99) -> dict[Queue, int]:
    return {Queue.WORK: work, Queue.WAITING: waiting, Queue.ALL: everything}


def away(wanted: Preferences = WANTED) -> Notices:
    notices = Notices()
    notices.counted(counts(2, 1), NOW, wanted)
    notices.tell(focused=False)
    return notices


@pytest.fixture(autouse=True)
def _english() -> None:
    use("en")


def test_one_more_conversation_is_told_with_how_many_wait() -> None:
    notices = away()
    assert notices.counted(counts(3, 1), LATER, WANTED) == "4 conversations wait"
    assert notices.counted(counts(3, 1), LATER + timedelta(minutes=1), WANTED) is None
    assert notices.title(WANTED, LATER) == "(4) AgentIQ"


def test_who_is_here_is_told_nothing_and_not_later_either() -> None:
    notices = Notices()
    assert notices.counted(counts(2), NOW, WANTED) is None
    assert notices.counted(counts(9), LATER, WANTED) is None
    assert notices.title(WANTED, LATER) == "AgentIQ"
    notices.tell(focused=False)
    assert notices.counted(counts(9), LATER, WANTED) is None


def row(number: int, since: datetime, queue: Queue | None = Queue.WORK) -> QueueRow:
    chat = Chat(ChatRef(1, number), "Алёна", Product("1", "Кружка"), [message(1, "Здравствуйте", since)])
    return replace(chat.row(), queue=queue, waiting_since=since if queue else None)


def test_one_that_begins_to_wait_is_told_though_another_was_answered() -> None:
    notices = away()
    notices.came([row(7, LATER), row(8, LATER, None)], WANTED)
    assert notices.counted(counts(2, 1), LATER, WANTED) == "3 conversations wait"
    # more words of the same buyer, a colleague's tag: no news
    notices.came([row(7, LATER)], WANTED)
    assert notices.counted(counts(2, 1), LATER + timedelta(minutes=1), WANTED) is None
    # answered, and asked again
    notices.came([row(7, LATER, None)], WANTED)
    notices.came([row(7, LATER + timedelta(minutes=2))], WANTED)
    assert notices.counted(counts(2, 1), LATER + timedelta(minutes=2), WANTED)


def test_one_that_waited_before_the_operator_left_is_no_news() -> None:
    notices = away()
    notices.came([row(7, NOW - timedelta(minutes=5))], WANTED)
    assert notices.counted(counts(2, 1), LATER, WANTED) is None
    notices.came([row(9, LATER, Queue.WAITING)], Preferences(notify_queues=("work",)))
    assert notices.counted(counts(2, 1), LATER, Preferences(notify_queues=("work",))) is None


def test_without_word_of_the_window_who_presses_no_key_is_away() -> None:
    notices = Notices()
    assert notices.counted(counts(1), NOW, WANTED) is None
    assert notices.counted(counts(2), NOW + timedelta(minutes=1), WANTED) is None
    later = NOW + timedelta(minutes=4)
    assert notices.counted(counts(3), later, WANTED) == "3 conversations wait"
    assert notices.title(WANTED, later) == "(3) AgentIQ"
    notices.pressed(later)
    assert notices.title(WANTED, later) == "AgentIQ"
    assert notices.counted(counts(9), later + timedelta(minutes=2), WANTED) is None


def test_a_terminal_that_tells_of_its_window_is_believed_and_no_clock() -> None:
    notices = Notices()
    notices.tell(focused=True)
    assert notices.counted(counts(1), NOW, WANTED) is None
    assert notices.counted(counts(9), NOW + timedelta(hours=1), WANTED) is None
    notices.tell(focused=False)
    notices.pressed(NOW + timedelta(hours=1))
    assert notices.counted(counts(10), NOW + timedelta(hours=1), WANTED)


async def test_the_bell_rings_for_who_left_the_keyboard_and_not_for_who_is_back(
    seat: OpenSeat, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    monkeypatch.setattr(AgentIQApp, "write_to_terminal", lambda _app, sequence: written.append(sequence))
    desk.chats[ALENA].status = ChatStatus.RESPONDED
    async with seat() as here:
        await here.press("j")
        here.clock.pass_(minutes=4)
        # the total stays: one is answered, another one begins to wait in the same queue
        desk.chats[OLEG].status = ChatStatus.RESPONDED
        desk.buyer_writes(ALENA, "А когда отправите?")
        await here.until(lambda: "\a" in written)
        written.clear()
        await here.press("k")
        here.clock.pass_(minutes=1)
        here.desk.buyer_writes(OLEG, "Ау")
        await here.sees("Ау")
        assert "\a" not in written


def test_fewer_conversations_are_no_news() -> None:
    assert away().counted(counts(1, 1), LATER, WANTED) is None


def test_a_burst_rings_once_and_what_came_meanwhile_is_told_after_the_pause() -> None:
    notices = away()
    assert notices.counted(counts(3, 1), LATER, WANTED)
    assert notices.counted(counts(4, 1), LATER + timedelta(seconds=5), WANTED) is None
    assert notices.counted(counts(4, 1), LATER + timedelta(seconds=25), WANTED) == "5 conversations wait"


def test_only_the_chosen_queues_disturb() -> None:
    wanted = Preferences(notify_queues=("work",))
    notices = away(wanted)
    assert notices.counted(counts(2, 7), LATER, wanted) is None
    assert notices.counted(counts(3, 7), LATER, wanted) == "3 conversations wait"


def test_no_queue_chosen_is_silence() -> None:
    wanted = Preferences(notify_queues=())
    assert away(wanted).counted(counts(9, 9), LATER, wanted) is None


@pytest.mark.parametrize(
    ("hours", "now", "quiet"),
    [
        ("22:00-08:00", time(23, 0), True),
        ("22:00-08:00", time(7, 59), True),
        ("22:00-08:00", time(8, 0), False),
        ("22:00-08:00", time(12, 0), False),
        ("13:00–14:00", time(13, 30), True),
        ("13:00-14:00", time(14, 0), False),
        ("", time(3, 0), False),
        ("9:00-9:00", time(9, 0), False),
    ],
)
def test_quiet_hours_may_pass_midnight(hours: str, now: time, quiet: bool) -> None:
    assert is_quiet(hours, now) is quiet


def test_what_came_in_quiet_hours_is_not_told_when_they_end() -> None:
    wanted = Preferences(quiet_hours="11:00-13:00")
    notices = away(wanted)
    noon = datetime.combine(NOW.astimezone().date(), time(12)).astimezone()
    assert notices.counted(counts(5), noon, wanted) is None
    assert notices.counted(counts(5), noon + timedelta(hours=2), wanted) is None


@pytest.mark.parametrize(
    ("environ", "start"),
    [
        ({"TERM": "xterm-kitty"}, "\x1b]9;AgentIQ: "),
        ({"TERM": "foot"}, "\x1b]777;notify;AgentIQ;"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "\x1b]777;notify;AgentIQ;"),
        ({"TERM": "tmux-256color", "TMUX": "x"}, "\x1bPtmux;\x1b\x1b]9;AgentIQ: "),
        # over SSH, inside a tmux of the machine before it
        ({"TERM": "tmux-256color"}, "\x1bPtmux;\x1b\x1b]9;AgentIQ: "),
        ({"TERM": "screen-256color", "TERM_PROGRAM": "tmux"}, "\x1bPtmux;\x1b\x1b]9;AgentIQ: "),
        ({"TERM": "screen-256color"}, "\x1b]9;AgentIQ: "),
    ],
)
def test_a_desktop_notification_is_written_as_the_terminal_reads_it(
    environ: dict[str, str], start: str
) -> None:
    assert desktop("3 wait", WANTED, environ).startswith(start + "3 wait\x07")
    assert desktop("3 wait", Preferences(desktop_notifications="off"), environ) == ""

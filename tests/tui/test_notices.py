"""Who looks elsewhere hears of new conversations, once, in the queues they chose, and not at night."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from agentiq_core.domain.chats import Queue
from agentiq_tui.locale import use
from agentiq_tui.notices import Notices, desktop, is_quiet
from agentiq_tui.settings_schema import Preferences
from tests.tui.scripted import NOW

WANTED = Preferences()
LATER = NOW + timedelta(minutes=1)


def counts(work: int, waiting: int = 0, everything: int = 99) -> dict[Queue, int]:
    return {Queue.WORK: work, Queue.WAITING: waiting, Queue.ALL: everything}


def away(wanted: Preferences = WANTED) -> Notices:
    notices = Notices()
    notices.counted(counts(2, 1), NOW, wanted)
    notices.focused = False
    return notices


@pytest.fixture(autouse=True)
def _english() -> None:
    use("en")


def test_one_more_conversation_is_told_with_how_many_wait() -> None:
    notices = away()
    assert notices.counted(counts(3, 1), LATER, WANTED) == "4 conversations wait"
    assert notices.counted(counts(3, 1), LATER + timedelta(minutes=1), WANTED) is None
    assert notices.title(WANTED) == "(4) AgentIQ"


def test_who_is_here_is_told_nothing_and_not_later_either() -> None:
    notices = Notices()
    assert notices.counted(counts(2), NOW, WANTED) is None
    assert notices.counted(counts(9), LATER, WANTED) is None
    assert notices.title(WANTED) == "AgentIQ"
    notices.focused = False
    assert notices.counted(counts(9), LATER, WANTED) is None


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
    ],
)
def test_a_desktop_notification_is_written_as_the_terminal_reads_it(
    environ: dict[str, str], start: str
) -> None:
    assert desktop("3 wait", WANTED, environ).startswith(start + "3 wait\x07")
    assert desktop("3 wait", Preferences(desktop_notifications="off"), environ) == ""

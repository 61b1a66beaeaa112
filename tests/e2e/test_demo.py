"""A newcomer's first minutes, in a real terminal, on real parts."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from agentiq_core.store.embedded import EmbeddedPostgres
from tests.e2e.terminal import CTRL_Q, ENTER, F2, F5, KITTY_CTRL_ENTER, Terminal

A_ROW = " (WB|OZ|YM|AV) "
"""A chat of the queue; any of the four marketplaces may break first."""
CONFIRMED = "✓✓"
LOOK_AGAIN = "Не отправлено: подсказка"
NOT_ANSWERED = rf"(?s)^(?!.*{CONFIRMED}).*проверено"
"""A conversation with a checked suggestion and no reply of ours on screen."""
RESTORED = ("\x1b[?1049l", "\x1b[?25h", "\x1b[<u", "\x1b[?1000l", "\x1b[?2004l")
"""The other screen, the cursor, the keyboard's and the mouse's own ways, plain pasting."""


def environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    return kept | {"AGENTIQ_HOME": str(home), "AGENTIQ_UNDO_SECONDS": "0", "LANG": "ru_RU.UTF-8"}


def the_demo(home: Path) -> Terminal:
    command = [sys.executable, "-m", "agentiq_tui", "demo", "--chats", "16", "--seed", "5"]
    return Terminal(command, environment(home))


def answers(terminal: Terminal, key: str) -> None:
    """Press a key that sends until the reply is confirmed: a suggestion so new that nobody can have read it is held back."""
    while True:
        terminal.send(key)
        terminal.wait_for(f"{CONFIRMED}|{LOOK_AGAIN}", 60)
        if re.search(CONFIRMED, terminal.text):
            return
        terminal.wait_for(rf"(?s)^(?!.*{LOOK_AGAIN})", 30)


def given_back(terminal: Terminal) -> bool:
    """Whether the terminal is as it was before the program."""
    return terminal.attributes() == terminal.before and all(part in terminal.raw for part in RESTORED)


def test_an_operator_answers_buyers_and_sees_them_confirmed(home: Path) -> None:
    with the_demo(home) as terminal:
        terminal.wait_for("Очередь", 10)
        terminal.wait_for(rf"▌[●◐○].*{A_ROW}", 60)

        terminal.send(ENTER)
        for key in (KITTY_CTRL_ENTER, KITTY_CTRL_ENTER, F5):
            terminal.wait_for(NOT_ANSWERED, 30)
            answers(terminal, key)
            terminal.send(F2)

        terminal.resize(80, 24)
        # the frame reaches the new right edge, the hints the new last line
        terminal.wait_for(r"(?s)^[^\n]{79}\S\n.*F5[^\n]*\Z")

        terminal.send(CTRL_Q)
        assert terminal.wait_exit() == 0
        assert given_back(terminal)
        assert re.search("Traceback", terminal.raw) is None


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGHUP])
def test_a_program_told_to_stop_gives_the_terminal_back_and_stops_its_database(
    home: Path, told: signal.Signals
) -> None:
    with the_demo(home) as terminal:
        terminal.wait_for(A_ROW, 60)
        os.kill(terminal.pid, told)
        assert terminal.wait_exit() == 128 + told
        assert given_back(terminal)
    assert not EmbeddedPostgres(home / "demo").leave(), "no server was left to stop"


def test_a_window_that_is_closed_ends_the_program_and_its_database(home: Path) -> None:
    with the_demo(home) as terminal:
        terminal.wait_for(A_ROW, 60)
        terminal.close()
        assert terminal.wait_exit() == 128 + signal.SIGHUP
    assert not EmbeddedPostgres(home / "demo").leave(), "no server was left to stop"

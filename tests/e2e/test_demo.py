"""A newcomer's first minutes, in a real terminal, on real parts."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from terminal import CTRL_Q, ENTER, F2, F5, KITTY_CTRL_ENTER, Terminal

CONFIRMED = "✓✓"
NOT_ANSWERED = rf"(?s)^(?!.*{CONFIRMED}).*проверено"
"""A conversation with a checked suggestion and no reply of ours on screen."""


def environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    return kept | {"AGENTIQ_HOME": str(home), "AGENTIQ_UNDO_SECONDS": "0", "LANG": "ru_RU.UTF-8"}


def test_an_operator_answers_buyers_and_sees_them_confirmed(home: Path) -> None:
    command = [sys.executable, "-m", "agentiq_tui", "demo", "--chats", "16", "--seed", "5"]
    with Terminal(command, environment(home)) as terminal:
        terminal.wait_for("Очередь", 10)
        terminal.wait_for(r"▌●.* WB ", 60)

        terminal.send(ENTER)
        for key in (KITTY_CTRL_ENTER, KITTY_CTRL_ENTER, F5):
            terminal.wait_for(NOT_ANSWERED, 30)
            terminal.send(key)
            terminal.wait_for(CONFIRMED, 60)
            terminal.send(F2)

        terminal.resize(80, 24)
        terminal.wait_for(r"F5")
        assert len(terminal.text.splitlines()) <= 24
        assert max(map(len, terminal.text.splitlines())) <= 80

        terminal.send(CTRL_Q)
        assert terminal.wait_exit() == 0
        assert terminal.attributes() == terminal.before
        restored = ("\x1b[?1049l", "\x1b[?25h", "\x1b[<u")
        assert all(sequence in terminal.raw for sequence in restored)
        assert re.search("Traceback", terminal.raw) is None

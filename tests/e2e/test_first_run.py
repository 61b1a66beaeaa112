"""The first minutes on a new machine, in a real terminal: the question, the first steps, the demo and back."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.e2e.terminal import CTRL_Q, ENTER, Terminal

F4 = "\x1bOS"
ESCAPE = "\x1b"
A_ROW = "▌[●◐○].* (WB|OZ|YM|AV) "


def test_from_nothing_to_the_demo_and_back(home: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    environment = kept | {"AGENTIQ_HOME": str(home), "LANG": "ru_RU.UTF-8"}
    with Terminal([sys.executable, "-m", "agentiq_tui"], environment) as terminal:
        terminal.wait_for("Добро пожаловать в AgentIQ", 30)
        terminal.send(ENTER)
        terminal.wait_for("Первые шаги", 60)
        terminal.send(F4)
        terminal.wait_for(A_ROW, 90)
        terminal.send(CTRL_Q)
        # nobody has put them away
        terminal.wait_for("Первые шаги", 60)
        terminal.send(ESCAPE)
        terminal.wait_for("Магазин ещё не подключён", 30)
        terminal.send(CTRL_Q)
        assert terminal.wait_exit() == 0
    assert (home / "first-steps").exists()

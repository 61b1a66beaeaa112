"""Ctrl+Enter in a real tmux: it arrives where tmux passes extended keys on, and what the footer names works everywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import CTRL_Q, ENTER, F5, KITTY_CTRL_ENTER, Terminal

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed here")
InTmux = Callable[[str], Terminal]


@pytest.fixture
def sockets() -> Iterator[Path]:
    """Where this test's tmux has its socket; a path of sockets is short."""
    with tempfile.TemporaryDirectory(prefix="tmux-") as place:
        yield Path(place)


@pytest.fixture
def in_tmux(tmp_path: Path, sockets: Path) -> Iterator[InTmux]:
    """The app on a scripted desk, in a tmux with these settings, in a terminal that tells Ctrl+Enter apart."""
    opened: list[Terminal] = []
    env = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "AGENTIQ_HOME") if name in os.environ},
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "TMUX_TMPDIR": str(sockets),
    }

    def open_one(setting: str) -> Terminal:
        settings = tmp_path / "tmux.conf"
        settings.write_text(f"{setting}\nset -g status off\nset -s escape-time 20\n")
        app = f"cd '{ROOT}' && exec '{sys.executable}' -m tests.tui.in_a_terminal '{tmp_path / 'sent'}'"
        one = Terminal(["tmux", "-u", "-f", str(settings), "new-session", app], env, columns=130, rows=36)
        opened.append(one.__enter__())
        one.wait_for("Олег, здравствуйте!")
        one.wait_for("Ваш ответ")
        return one

    yield open_one
    subprocess.run(["tmux", "kill-server"], env=env, capture_output=True, check=False)
    for one in opened:
        one.__exit__(None, None, None)


def sent(one: Terminal, to: Path) -> int:
    one.send(CTRL_Q)
    assert one.wait_exit() == 0
    return len(to.read_text().splitlines())


@pytest.mark.parametrize("setting", ["set -s extended-keys on", "set -s extended-keys always"])
def test_ctrl_enter_sends_where_tmux_passes_extended_keys_on(
    in_tmux: InTmux, tmp_path: Path, setting: str
) -> None:
    one = in_tmux(setting)
    one.send(KITTY_CTRL_ENTER)
    one.wait_for("в очереди")
    assert sent(one, tmp_path / "sent") == 1


def test_where_ctrl_enter_is_enter_it_sends_nothing_and_f5_sends(in_tmux: InTmux, tmp_path: Path) -> None:
    one = in_tmux("set -s extended-keys off")
    one.wait_for("F5 отправить")
    one.send(ENTER)
    one.settle()
    # what a terminal without extended keys writes for it; tmux 3.3 passes the longer form on even while they are off
    one.send(ENTER)
    one.send("дописано")
    one.wait_for("дописано")
    one.settle()
    assert "в очереди" not in one.text
    one.send(F5)
    one.wait_for("в очереди")
    assert sent(one, tmp_path / "sent") == 1

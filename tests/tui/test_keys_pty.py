"""Keys through a real pseudo-terminal: what Textual alone dies of, or types into the field."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyte
import pytest

ROOT = Path(__file__).parents[2]
DEADLINE = 20.0
SIZE = (30, 120)


class Terminal:
    """The app in a terminal of its own."""

    def __init__(self, sent: Path, *, command: Sequence[str] | None = None, **environ: str) -> None:
        self.screen = pyte.Screen(SIZE[1], SIZE[0])
        self.stream = pyte.ByteStream(self.screen)
        self.output = b""
        self.sent = sent
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        clean = {
            name: value
            for name, value in os.environ.items()
            if name not in ("TMUX", "WT_SESSION", "NO_COLOR", "COLUMNS", "LINES")
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", *(command or ("tests.tui.in_a_terminal", str(sent)))],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env={**clean, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environ},
            start_new_session=True,
        )
        os.close(slave)

    def write(self, data: bytes) -> None:
        os.write(self.master, data)

    def read(self, seconds: float = 0.05) -> None:
        until = time.monotonic() + seconds
        while select.select([self.master], [], [], max(0.0, until - time.monotonic()))[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            if not data:
                return
            self.output += data
            # pyte knows neither of these: they are not drawn
            self.stream.feed(data.replace(b"\x1b[>4;1m", b"").replace(b"\x1b[>4m", b""))

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, "\n".join(self.screen.display)
            self.read()

    def sees(self, text: str) -> None:
        self.until(lambda: any(text in line for line in self.screen.display))

    def leaves(self) -> list[str]:
        """Quit; the texts that were sent."""
        self.write(b"\x11")
        self.until(lambda: self.process.poll() is not None)
        assert self.process.returncode == 0
        return self.sent.read_text().splitlines()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def open_one(*, waits_for: str = "Олег, здравствуйте!", **environ: str) -> Terminal:
        one = Terminal(tmp_path / "sent", **environ)
        opened.append(one)
        one.sees(waits_for)
        one.sees("Ваш ответ")
        return one

    yield open_one
    for one in opened:
        one.close()


@pytest.mark.parametrize(
    "key",
    [b"\x1b[13;5u", b"\x1b[27;5;13~", b"\x1b[13;5:1u", b"\n", b"\x1b[15~"],
    ids=["kitty", "modifyOtherKeys", "kitty with event type", "windows terminal", "F5"],
)
def test_ctrl_enter_arrives_in_every_form_and_sends(terminal: Callable[..., Terminal], key: bytes) -> None:
    one = terminal()
    one.write(key)
    one.sees("в очереди")
    assert len(one.leaves()) == 1


@pytest.mark.parametrize(
    "sequence",
    [
        b"\x1b[1103::122;5u",
        b"\x1b[13;5:3u",
        b"\x1b[99999999;5u",
        b"\x1b[27;5;99999999~",
        b"\x1b[?25u",
        b"\x1b[?62;22c",
        b"\x1b[>41;354;0c",
        b"\x1b]11;rgb:0000/0000/0000\x1b\\",
        b"\x1b]11;rgb:ffff/ffff/ffff\x07",
        b"\x1bP>|tmux 3.5\x1b\\",
        b"\x1b_Gi=1;OK\x1b\\",
    ],
    ids=[
        "ctrl on a russian letter with its base key",
        "release of ctrl+enter",
        "a code that is no character",
        "the same by modifyOtherKeys",
        "answer to the kitty query",
        "answer to DA1",
        "answer to DA2",
        "answer to OSC 11, with ST",
        "answer to OSC 11, with BEL",
        "answer to XTVERSION",
        "answer to a kitty image",
    ],
)
def test_what_kills_textual_or_types_into_the_field_does_neither(
    terminal: Callable[..., Terminal], sequence: bytes
) -> None:
    one = terminal()
    one.write(b"\r")  # into the field
    one.read(0.7)
    one.write(sequence)
    one.write("ку".encode())
    one.sees("2/1000")
    assert one.leaves() == []


def test_an_answer_to_the_kitty_query_puts_ctrl_enter_into_the_footer(
    terminal: Callable[..., Terminal],
) -> None:
    one = terminal()
    one.sees("F5 отправить")
    one.write(b"\x1b[?25u")
    one.sees("Ctrl+Enter отправить")
    one.leaves()


def test_under_tmux_modified_keys_are_asked_for_and_given_back(terminal: Callable[..., Terminal]) -> None:
    one = terminal(TMUX="/tmp/tmux-0/default,1,0")
    assert b"\x1b[>4;1m" in one.output
    one.leaves()
    one.read()
    assert b"\x1b[>4m" in one.output


def test_outside_tmux_nothing_of_the_kind_is_written(terminal: Callable[..., Terminal]) -> None:
    one = terminal()
    assert b"\x1b[>4;1m" not in one.output
    one.leaves()

"""A real terminal around a program: a pty, a screen that is read, keys as a terminal sends them."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

KITTY_CTRL_ENTER = "\x1b[13;5u"
ENTER = "\r"
F2, F5 = "\x1bOQ", "\x1b[15~"
CTRL_Q = "\x11"
# what pyte does not know: kitty keyboard, private modes with markers, OSC, DCS and APC strings
_UNKNOWN = re.compile(
    r"\x1b\[[<>=?][0-9;]*[uqmc]|\x1b\[[0-9;:]*u|\x1b[\]P_^].*?(?:\x07|\x1b\\)|\x1b\[\?[0-9;]*\$p", re.S
)
_UNFINISHED = re.compile(r"\x1b(?:[\]P_^][^\x07\x1b]*|\[[0-9;:<>=?$]*)?$")


class Terminal:
    """Runs a command in a pty of the given size. Use as a context manager: it never outlives its test."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], *, columns: int = 120, rows: int = 40
    ) -> None:
        self._command = list(command)
        self._env = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **env}
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""
        self.raw = ""

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self._size(self._screen.columns, self._screen.lines)
        self._slave = slave
        self._ours: tuple[int, ...] = (self._master, slave)
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for descriptor in (0, 1, 2):
                os.dup2(slave, descriptor)
            os.closerange(3, 256)
            os.execvpe(self._command[0], self._command, dict(self._env))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.close()

    def close(self) -> None:
        """The user closes the window, or the SSH line breaks."""
        for descriptor in self._ours:
            os.close(descriptor)
        self._ours = ()

    @property
    def text(self) -> str:
        """What is on the screen now."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def send(self, keys: str) -> None:
        """Bytes as a terminal would send them."""
        os.write(self._master, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """The user drags the window's corner. Nothing that was on screen before is there until it is drawn again."""
        self._screen.resize(rows, columns)
        self._screen.reset()
        self._size(columns, rows)
        os.kill(self.pid, signal.SIGWINCH)

    def wait_for(self, pattern: str, seconds: float = 30.0) -> re.Match[str]:
        """Read until the pattern is on screen."""
        deadline = time.monotonic() + seconds
        while (found := re.search(pattern, self.text)) is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"{pattern!r} never came on screen:\n{self.text}")
            self.read(0.1)
        return found

    def settle(self, quiet: float = 0.4) -> None:
        """Read until the program has written nothing for so many seconds."""
        heard = -1
        while heard != len(self.raw):
            heard = len(self.raw)
            self.read(quiet)

    def wait_exit(self, seconds: float = 20.0) -> int:
        """Read until the program ends; its exit code."""
        deadline = time.monotonic() + seconds
        while (code := self._poll()) is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"the program did not end:\n{self.text}")
            self.read(0.1)
        self.read(0.1)
        return code

    def attributes(self) -> list[object]:
        """The terminal's settings (echo, canonical mode …) as they are now."""
        return termios.tcgetattr(self._slave)

    def read(self, patience: float) -> None:
        """Take what the program wrote, waiting at most so many seconds for it to write something."""
        ready, _, _ = select.select(self._ours[:1], [], [], patience)
        if not ready:
            return
        chunk = self._decoder.decode(os.read(self._master, 65536))
        self.raw += chunk
        text = _UNKNOWN.sub("", self._pending + chunk)
        unfinished = _UNFINISHED.search(text)
        cut = unfinished.start() if unfinished else len(text)
        self._pending = text[cut:]
        self._stream.feed(text[:cut])

    def _size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _poll(self) -> int | None:
        if not hasattr(self, "_code"):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid == 0:
                return None
            self._code = os.waitstatus_to_exitcode(status)
        return self._code

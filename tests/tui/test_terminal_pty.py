"""The terminal around the app: title, bell, notifications, clipboard, mouse, `doctor keys`, a crash. In a real one."""

from __future__ import annotations

import json
import re
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tui.test_keys_pty import Terminal, terminal

__all__ = ["terminal"]

OpenTerminal = Callable[..., Terminal]
_OSC = re.compile(rb"\x1b\].*?(?:\x07|\x1b\\)", re.DOTALL)
BLUR, FOCUS = b"\x1b[O", b"\x1b[I"


def rings(one: Terminal) -> int:
    """How often the bell rang; the end of an OSC is none."""
    return _OSC.sub(b"", one.output).count(b"\x07")


@pytest.fixture
def check(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def open_one(*arguments: str, **environ: str) -> Terminal:
        command = ("agentiq_tui", "doctor", "keys", *arguments)
        one = Terminal(tmp_path / "none", command=command, AGENTIQ_LANGUAGE="ru", **environ)
        opened.append(one)
        one.sees("Нажимайте клавиши")
        return one

    yield open_one
    for one in opened:
        one.close()


def test_who_looks_elsewhere_is_told_once_and_never_who_is_here(terminal: OpenTerminal) -> None:
    one = terminal()
    waits = one.sent.with_name("sent.waits")
    waits.touch()
    until = time.monotonic() + 6
    while time.monotonic() < until:
        one.read()
    assert rings(one) == 0
    assert b"\x1b]9;" not in one.output
    waits.unlink()
    one.read(6)
    one.write(BLUR)
    one.read(0.3)
    waits.touch()
    one.until(lambda: b"\x1b]9;AgentIQ: " in one.output)
    assert rings(one) == 1
    assert re.search(r"\x1b]9;AgentIQ: 6 диалогов ждут ответа\x07".encode(), one.output)
    one.until(lambda: one.screen.title == "(6) AgentIQ")
    one.write(FOCUS)
    one.until(lambda: one.screen.title == "AgentIQ")
    one.leaves()
    one.read()
    assert b"\x1b[22;2t" in one.output
    assert b"\x1b[23;2t" in one.output


def test_a_copy_goes_through_the_terminal_and_says_so(terminal: OpenTerminal) -> None:
    one = terminal(PATH="/usr/bin:/bin", SSH_CONNECTION="1 2 3 4")
    one.write(b"y")
    one.sees("Скопировано: через терминал (OSC 52)")
    found = re.search(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", one.output)
    assert found is not None
    assert b64decode(found[1]).decode() == "Третий день жду ответа!! Заказ так и не отправлен"
    one.leaves()


def test_the_mouse_is_given_back_and_taken_again(terminal: OpenTerminal) -> None:
    one = terminal()
    asked, left = one.output.count(b"\x1b[?1003h"), one.output.count(b"\x1b[?1003l")
    one.write(b"\x1b[24~")
    one.sees("Мышь отдана терминалу")
    assert one.output.count(b"\x1b[?1003l") == left + 1
    one.write(b"\x1b[24~")
    one.sees("Мышь снова работает")
    assert one.output.count(b"\x1b[?1003h") > asked
    one.leaves()


def test_a_mouse_that_is_switched_off_is_never_asked_for(terminal: OpenTerminal) -> None:
    one = terminal(AGENTIQ_MOUSE="0")
    assert b"\x1b[?1003h" not in one.output
    one.leaves()


@pytest.mark.parametrize(
    ("sequence", "words"),
    [
        (b"\x1b[13;5u", "Отправить свой текст"),
        (b"\x1b[27;5;13~", "Отправить свой текст"),
        (b"\n", "Отправить свой текст"),
        (b"\x1b[15~", "Отправить свой текст"),
        ("о".encode(), "Вниз"),
        (b"\x1b[1103::122;5u", "Вернуть"),
        (b"\x1b[21~", "Выход"),
    ],
)
def test_doctor_keys_shows_what_arrives_and_what_it_does(
    check: OpenTerminal, sequence: bytes, words: str
) -> None:
    one = check()
    one.write(sequence)
    one.sees(words)
    one.write(b"\x11")
    one.until(lambda: one.process.poll() is not None)
    assert one.process.returncode == 0


def test_doctor_keys_names_the_key_that_sends_in_this_terminal(check: OpenTerminal) -> None:
    one = check()
    one.sees("Ответ отправляет здесь: F5")
    one.write(b"\x1b[?1u")
    one.sees("Ответ отправляет здесь: Ctrl+Enter")
    one.sees("Протокол клавиатуры Kitty: да")
    one.write(b"\x11")
    one.until(lambda: one.process.poll() is not None)


def test_doctor_keys_tells_a_script_what_was_pressed(check: OpenTerminal) -> None:
    one = check("--json")
    one.write(b"\x1b[15~")
    one.sees("Отправить свой текст")
    one.write(b"\x11")
    one.until(lambda: one.process.poll() is not None)
    one.read()
    line = next(line for line in one.output.decode().splitlines() if '"pressed"' in line)
    told = json.loads(line[line.index("{") :])
    assert told["send"] == "F5"
    assert told["pressed"][0] == {"key": "f5", "sequence": "\x1b[15~", "actions": ["send", "retry", "submit"]}


def test_a_crash_leaves_a_trace_without_the_words_of_anybody(tmp_path: Path) -> None:
    one = Terminal(tmp_path / "sent", AGENTIQ_TEST_CRASH="тайные слова покупателя")
    try:
        one.until(lambda: one.process.poll() is not None)
        one.read()
    finally:
        one.close()
    told = re.sub(r"\x1b\[[\d;]*m", "", one.output.decode(errors="replace"))
    assert one.process.returncode == 1
    assert "RuntimeError" in told
    assert "on_overview_fetched" in told
    assert "тайные слова" not in told
    assert "locals" not in told

"""Words outlive what befalls the app in a real terminal: `kill -9` while the database is away, an error nobody foresaw."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tui.test_keys_pty import Terminal

Open = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Open]:
    opened: list[Terminal] = []

    def one(**environ: str) -> Terminal:
        terminal = Terminal(tmp_path / "sent", **environ)
        opened.append(terminal)
        terminal.sees("на связи")
        terminal.sees("Третий день жду ответа")
        return terminal

    yield one
    for terminal in opened:
        terminal.close()


def kept(home: Path) -> list[str]:
    """The texts on this machine's disk."""
    files = [path for path in (home / "unsaved").rglob("*-*-*") if path.is_file()]
    return [json.loads(path.read_bytes())["text"] for path in files]


def begins(one: Terminal, text: str) -> None:
    one.write(b"\r")
    one.read(0.3)
    one.write(text.encode())


def ends(one: Terminal) -> None:
    """Read what it prints until it is gone."""
    one.until(lambda: one.process.poll() is not None)
    one.read()


def test_words_typed_while_the_database_is_away_outlive_kill_9(start: Open, home: Path) -> None:
    away = home.with_name("sent.away")
    one = start()
    away.touch()
    begins(one, "позвоните +7 916 123-45-67")
    one.sees("на этой машине")
    one.until(lambda: kept(home) == ["позвоните +7 916 123-45-67"])
    for path in (home / "unsaved").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    os.kill(one.process.pid, signal.SIGKILL)
    ends(one)
    away.unlink()
    two = start()
    two.sees("позвоните +7 916 123-45-67")
    two.until(lambda: kept(home) == [])
    assert two.leaves() == []
    assert [*(home / "unsaved" / "place").iterdir()] == []
    assert "916" not in (home / "agentiq.log").read_text()


@pytest.mark.parametrize(
    ("begin", "field"), [(b"\r", "ответ"), (b"N", "Заметка для команды")], ids=["reply", "note"]
)
def test_the_last_key_before_an_error_that_nobody_foresaw_is_kept(
    start: Open, home: Path, begin: bytes, field: str
) -> None:
    one = start(AGENTIQ_TEST_TRIPS="1")
    one.write(begin)
    one.sees(field)
    one.read(0.3)
    one.write("не потерять!".encode())
    ends(one)
    assert one.process.returncode != 0
    assert b"RuntimeError" in one.output
    assert "не потерять".encode() not in one.output.rpartition(b"RuntimeError")[2]
    assert kept(home) == ["не потерять!"]
    two = start()
    two.until(lambda: kept(home) == [])
    two.write(begin)
    two.sees("не потерять!")

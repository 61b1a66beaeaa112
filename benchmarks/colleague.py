"""How soon others' work is on screen: real apps in terminals on one server, read from outside, without a test's pauses.

A colleague's reply counts from the key in one terminal to the other's screen; a change of the database from its commit,
after which NOTIFY goes out, to the queue of an app that nobody touches.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from agentiq_core.store.embedded import EmbeddedPostgres
from benchmarks.figures import Figure, median, percentile
from benchmarks.screen import fill
from tests.e2e.terminal import CTRL_Q, ENTER, F5, Terminal

REPLIES = 30
QUICK_REPLIES = 8
CHANGES = 60
QUICK_CHANGES = 20
CHATS = 200
BAR_MS = 200.0
_CHANGE = "update chats set preview = %s where (seller_id, id) = (select seller_id, id from chats order by due_at, id limit 1)"


def run(*, quick: bool) -> list[Figure]:
    """First a change is watched, then both apps have the same conversation open; one sends, the other watches."""
    with tempfile.TemporaryDirectory(prefix="agentiq-bench-") as directory:
        home = Path(directory)
        home.chmod(0o711)
        server = EmbeddedPostgres(home)
        try:
            dsn = server.start()
            fill(dsn, CHATS)
            kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
            env = kept | {
                "AGENTIQ_HOME": directory,
                "AGENTIQ_LANGUAGE": "ru",
                "LANG": "C.UTF-8",
                "AGENTIQ_WORKER": "false",
            }
            command = [sys.executable, "-m", "agentiq_tui"]
            with Terminal(command, env) as watching:
                changed = _changes(dsn, watching, QUICK_CHANGES if quick else CHANGES)
                watching.send(CTRL_Q)
                watching.wait_exit()
            with Terminal(command, env) as sender, Terminal(command, env) as colleague:
                seen = _replies(sender, colleague, QUICK_REPLIES if quick else REPLIES)
                for terminal in (sender, colleague):
                    terminal.send(CTRL_Q)
                    terminal.wait_exit()
        finally:
            server.leave()
    return [
        Figure(
            "a changed conversation, commit and NOTIFY to the queue, p95",
            percentile(changed, 0.95),
            "ms",
            beside=_beside(changed),
        ),
        Figure(
            "a colleague's reply, key to the other's screen, p95",
            percentile(seen, 0.95),
            "ms",
            BAR_MS,
            beside=_beside(seen),
        ),
    ]


def _beside(seen: list[float]) -> str:
    return f"median {median(seen):.3g} ms, slowest {max(seen):.3g} ms of {len(seen)}"


def _changes(dsn: str, terminal: Terminal, count: int) -> list[float]:
    """How long each change of the first conversation, made on another connection, takes to the screen."""
    terminal.wait_for("Ваш ответ")
    terminal.settle()
    seen = []
    with psycopg.connect(dsn, autocommit=True, options="-c search_path=agentiq") as connection:
        for number in range(count):
            words = f"{number:04}-й раз"
            before = len(terminal.raw)
            started = time.perf_counter()
            connection.execute(_CHANGE, [f"{words} спрашиваю"])
            _until_written(terminal, words, before, started)
            seen.append((time.perf_counter() - started) * 1000)
            # one that comes while another is still being drawn is gathered with it, which is another figure
            terminal.settle(0.1)
    return seen


def _until_written(terminal: Terminal, words: str, before: int, started: float) -> None:
    while words not in terminal.raw[before:]:
        terminal.read(0.002)
        if time.perf_counter() - started > 10:
            raise SystemExit(f"{words} never came:\n{terminal.text}")


def _replies(sender: Terminal, colleague: Terminal, count: int) -> list[float]:
    for terminal in (sender, colleague):
        terminal.wait_for("Ваш ответ")
        # what is in the terminal's buffer before the list is there would go to the list
        terminal.settle()
    sender.send(ENTER)
    sender.settle()
    seen = []
    for number in range(count):
        words = f"Посылка уже едет к вам, это ответ {number:04}-й"
        sender.send(words)
        sender.wait_for(f"{number:04}-й")
        before = len(colleague.raw)
        started = time.perf_counter()
        sender.send(F5)
        _until_written(colleague, f"{number:04}-й", before, started)
        seen.append((time.perf_counter() - started) * 1000)
        sender.wait_for("Ваш ответ")
    return seen

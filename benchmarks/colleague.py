"""How soon a colleague's reply is on screen: two real apps in two terminals on one server, from the key to the other's screen."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from agentiq_core.store.embedded import EmbeddedPostgres
from benchmarks.figures import Figure, median, percentile
from benchmarks.screen import fill
from tests.e2e.terminal import CTRL_Q, ENTER, F5, Terminal

REPLIES = 30
QUICK_REPLIES = 8
CHATS = 200
BAR_MS = 200.0


def run(*, quick: bool) -> list[Figure]:
    """Both apps have the same conversation open; one sends, the other watches."""
    with tempfile.TemporaryDirectory(prefix="agentiq-bench-") as directory:
        home = Path(directory)
        home.chmod(0o711)
        server = EmbeddedPostgres(home)
        try:
            fill(server.start(), CHATS)
            kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
            env = kept | {
                "AGENTIQ_HOME": directory,
                "AGENTIQ_LANGUAGE": "ru",
                "LANG": "C.UTF-8",
                "AGENTIQ_WORKER": "false",
            }
            command = [sys.executable, "-m", "agentiq_tui"]
            with Terminal(command, env) as sender, Terminal(command, env) as colleague:
                seen = _replies(sender, colleague, QUICK_REPLIES if quick else REPLIES)
                for terminal in (sender, colleague):
                    terminal.send(CTRL_Q)
                    terminal.wait_exit()
        finally:
            server.leave()
    beside = f"median {median(seen):.3g} ms, slowest {max(seen):.3g} ms of {len(seen)}"
    return [
        Figure(
            "a colleague's reply, key to the other's screen, p95",
            percentile(seen, 0.95),
            "ms",
            BAR_MS,
            beside=beside,
        )
    ]


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
        while f"{number:04}-й" not in colleague.raw[before:]:
            colleague.read(0.002)
            if time.perf_counter() - started > 10:
                raise SystemExit(f"reply {number} never came:\n{sender.text}\n{colleague.text}")
        seen.append((time.perf_counter() - started) * 1000)
        sender.wait_for("Ваш ответ")
    return seen

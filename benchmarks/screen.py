"""What an operator waits for: the first frame, the filled queue, a key; measured from outside, in a real terminal."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_core.store.schema import migrate
from benchmarks.figures import Figure
from benchmarks.peers import peer

CHATS = 100_000
QUICK_CHATS = 10_000
PEERS = {"posting": ("2.11", "Send"), "harlequin": ("2.17", "Data Catalog")}
"""Other Textual apps: the version, and a word of their first frame."""
FIRST_FRAME_SHARE = 0.55
FILLED_SHARE = 0.8
KEY_BAR_MS = 50.0
MEMORY_BAR_MIB = 120.0
KEYS = 60
HELLO = "from textual.app import App; from textual.widgets import Static\nclass A(App):\n def compose(self): yield Static('hello')\nA().run()"

_SELLER = """
insert into sellers (name, marketplace, account_id, state) values ('Bench', 'wildberries', 'bench', 'paused')
"""
_CHATS = """
insert into chats (seller_id, external_id, buyer_name, product_id, status, needs_reply, queue, priority, due_at, waiting_since,
    episode, asked, suggested_for, unread, last_at, last_id, last_author, preview)
select s.id, 'c' || n, 'Покупатель ' || n, (100000000 + n)::text, 'waiting', true, 'work', 2,
    now() + n * interval '1 second', now() - n * interval '1 second', 'm' || n, 'm' || n, 'm' || n, 1,
    now() - n * interval '1 second', 'm' || n, 'buyer', 'Здравствуйте! Где мой заказ номер ' || n || '?'
from sellers s, generate_series(1, %s) n
"""
_MESSAGES = """
insert into messages (seller_id, chat_id, external_id, author, origin, sent_at, body)
select seller_id, id, last_id, 'buyer', 'buyer', last_at, preview from chats
"""


def run(*, quick: bool) -> list[Figure]:
    """Measure `agentiq` on a warm server with a long queue, beside a bare Textual app and, unless quick, beside posting and harlequin."""
    chats = QUICK_CHATS if quick else CHATS
    runs = 3 if quick else 7
    with tempfile.TemporaryDirectory(prefix="agentiq-bench-") as directory:
        home = Path(directory)
        home.chmod(0o711)
        server = EmbeddedPostgres(home)
        try:
            fill(server.start(), chats)
            ours = _measure(_agentiq(home), "Очередь", runs, home)
            filled = _measure(_agentiq(home), "Покупатель 3 ", runs, home)
            keys = _measure(
                _agentiq(home),
                "Покупатель 3 ",
                1,
                home,
                "sleep:1",
                f"measure:down*{KEYS}",
                "measure-type:jjkkjjkk",
            )
        finally:
            server.leave()
    hello = _measure([sys.executable, "-c", HELLO], "hello", runs)
    theirs = {} if quick else _peers(runs)
    return list(_figures(chats, ours, filled, keys, hello, theirs))


def _peers(runs: int) -> dict[str, dict[str, Any]]:
    """What is measured of every peer that can be installed."""
    measured = {}
    for name, (version, word) in PEERS.items():
        command = peer(name, version)
        if command is not None:
            try:
                measured[name] = _measure([str(command)], word, runs)
            except NotMeasured as error:
                print(f"{name} {version} is not measured: {str(error).strip().splitlines()[-1]}")
    return measured


class NotMeasured(SystemExit):
    """A program whose sign never came on screen."""


def _figures(
    chats: int,
    ours: dict[str, Any],
    filled: dict[str, Any],
    keys: dict[str, Any],
    hello: dict[str, Any],
    theirs: dict[str, dict[str, Any]],
) -> list[Figure]:
    frame, queue, bare = (one["ready"]["median"] for one in (ours, filled, hello))
    figures = [
        Figure("first frame, warm server", frame, "ms", beside=f"a bare Textual app {bare:g} ms"),
        Figure(f"queue of {chats:,} filled", queue, "ms"),
    ]
    for name, measured in theirs.items():
        other = measured["ready"]["median"]
        barred = name == "posting"
        figures += [
            Figure(
                f"first frame, share of {name}'s",
                frame / other,
                "×",
                FIRST_FRAME_SHARE if barred else None,
                beside=f"{name} {other:g} ms",
            ),
            Figure(
                f"queue filled, share of {name}'s first frame",
                queue / other,
                "×",
                FILLED_SHARE if barred else None,
            ),
        ]
    down = keys["latency_ms"]["down"]
    figures.append(
        Figure(
            f"key to screen among {chats:,} chats, p95",
            down["p95"],
            "ms",
            KEY_BAR_MS,
            beside=f"median {down['median']:g} ms, {down['missed']} missed of {KEYS}",
        )
    )
    beside = ", ".join(f"{name} {one['rss_main']['median']:g} MiB" for name, one in theirs.items())
    figures.append(
        Figure("memory of the app, peak", keys["rss_main"]["median"], "MiB", MEMORY_BAR_MIB, beside=beside)
    )
    return figures


def _agentiq(home: Path) -> list[str]:
    return [sys.executable, "-m", "agentiq_tui"]


def _measure(
    command: list[str], until: str, runs: int, home: Path | None = None, *steps: str
) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        tool = [sys.executable, str(Path(__file__).with_name("first_frame.py"))]
        options = [
            "--until",
            until,
            "--runs",
            str(runs),
            "--warmup",
            "1",
            "--json",
            report.name,
            "--fresh-home",
        ]
        if home is not None:
            options += ["--env", f"AGENTIQ_HOME={home}", "--env", "AGENTIQ_LANGUAGE=ru"]
        for step in steps:
            options += ["--step", step]
        done = subprocess.run([*tool, *options, "--", *command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NotMeasured(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        summary: dict[str, Any] = json.loads(Path(report.name).read_text())["summary"]
        return summary


def fill(dsn: str, chats: int) -> None:
    """A paused seller whose conversations all wait."""
    migrate(dsn)
    with psycopg.connect(dsn, options="-c search_path=agentiq") as connection:
        connection.execute(_SELLER)
        connection.execute(_CHATS, [chats])
        connection.execute(_MESSAGES)
    with psycopg.connect(dsn, autocommit=True, options="-c search_path=agentiq") as connection:
        connection.execute("vacuum analyze")

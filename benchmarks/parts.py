"""Real parts to measure with: a Postgres of the run's own and a sandbox in a process of its own."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_core.store.schema import migrate
from benchmarks.processes import Process


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The address of an embedded server made for this run, with the default settings of the product."""
    with tempfile.TemporaryDirectory(prefix="agentiq-bench-") as directory:
        home = Path(directory)
        home.chmod(0o711)
        server = EmbeddedPostgres(home)
        try:
            yield server.start()
        finally:
            server.leave()


@contextlib.contextmanager
def database(admin_dsn: str, name: str) -> Iterator[str]:
    """A fresh migrated database."""
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    dsn = urlunsplit(urlsplit(admin_dsn)._replace(path=f"/{name}"))
    migrate(dsn)
    try:
        yield dsn
    finally:
        with psycopg.connect(admin_dsn, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")


class RunningSandbox:
    """A sandbox process without rate limits; sellers and history by its control."""

    def __init__(self, ready: dict[str, Any], pid: int) -> None:
        self._ready = ready
        self.process = Process(pid)

    def seller(self, name: str) -> dict[str, Any]:
        """A new seller: id, token, base_url."""
        return self._control("sellers", {"name": name})

    def fill(self, seller_id: str, *, chats: int, events: int) -> None:
        """Give a seller a long history."""
        self._control(f"sellers/{seller_id}/fill", {"chats": chats, "events": events})

    def buyer_writes(self, seller_id: str, said: str, *, chat: str | None = None) -> str:
        """A buyer's message, in a new conversation unless one is named; the conversation's name."""
        body = {"text": said} if chat is None else {"text": said, "chat": chat}
        return str(self._control(f"sellers/{seller_id}/buyer-message", body)["chat"])

    def answers_after(self, seconds: float) -> None:
        """Every answer takes so long from now on, as a marketplace at the other end of a network does."""
        self._control("faults", {"operation": "*", "kind": "slow", "times": None, "delay": seconds})

    def _control(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self._ready['url']}/_sandbox/{path}",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {self._ready['control_secret']}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            raw = answer.read()
            return json.loads(raw) if raw else {}


@contextlib.contextmanager
def sandbox() -> Iterator[RunningSandbox]:
    """A sandbox Wildberries in a process of its own, as a marketplace would be."""
    command = [
        sys.executable,
        "-m",
        "agentiq_core.sandbox",
        "--chats",
        "0",
        "--no-rate-limits",
        "--exit-with-stdin",
    ]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield RunningSandbox(json.loads(process.stdout.readline()), process.pid)
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()

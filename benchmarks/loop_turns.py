"""How long the event loop of an app is held at once by the worker inside it: pulls, suggestions, indexing, figures.

Counted in processor time of the loop's thread, each turn of it on its own, so that a busy machine changes little. What works
in other threads holds no turn; it takes its share of the interpreter by a switch interval (1 ms in the app) at a time. Full
garbage collections wait for a pause in typing, as they do in the app, and there is none here.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from asyncio.events import Handle
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from agentiq_core.config import Settings
from agentiq_core.engine.access import Access
from agentiq_core.engine.context import Engine
from agentiq_core.engine.jobs import job_app
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.statistics import DeskStatistics
from agentiq_core.engine.worker import Worker
from agentiq_core.identity.vault import Vault, new_key
from agentiq_core.language.lemmas import warm
from agentiq_core.store.database import Door, Store
from agentiq_core.store.owner import local_session
from agentiq_tui.tidying import Tidying
from benchmarks.at_work import connect_sellers
from benchmarks.figures import Figure, percentile
from benchmarks.parts import database, postgres, sandbox

SELLERS, QUICK_SELLERS = 20, 6
EVENTS, CHATS = 1_000, 120
"""Of each seller: a worker reads them as fast as it can, and has their suggestions and their index to make."""
SECONDS, QUICK_SECONDS = 60.0, 15.0
BAR_MS = 25.0


@dataclass
class Turns:
    """Processor seconds of every turn of the loop, and what the longest were spent on."""

    spent: list[float] = field(default_factory=list)
    longest: list[tuple[float, str]] = field(default_factory=list)

    def note(self, seconds: float, handle: Handle) -> None:
        """One turn more."""
        self.spent.append(seconds)
        if seconds * 1000 > BAR_MS / 2:
            self.longest.append((seconds, _name(handle)))


def _name(handle: Handle) -> str:
    callback = getattr(handle, "_callback", None)
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        return str(task.get_coro().__qualname__)
    return str(getattr(callback, "__qualname__", callback))


@contextlib.contextmanager
def watched() -> Iterator[Turns]:
    """Every turn of the loops of this process is timed meanwhile."""
    turns, usual = Turns(), Handle._run

    def timed(self: Handle) -> None:
        began = time.thread_time()
        usual(self)
        turns.note(time.thread_time() - began, self)

    Handle._run = timed  # type: ignore[method-assign]
    try:
        yield turns
    finally:
        Handle._run = usual  # type: ignore[method-assign]


def run(*, quick: bool) -> list[Figure]:
    """A worker with histories to read, and a screen that asks for figures beside it."""
    sellers, seconds = (QUICK_SELLERS, QUICK_SECONDS) if quick else (SELLERS, SECONDS)
    vault = Vault(new_key())
    with postgres() as admin, sandbox() as market, database(admin, "turns") as dsn:
        token = local_session(dsn, embedded=True, client="bench")
        assert token is not None
        asyncio.run(connect_sellers(dsn, token, vault, market, sellers, chats=CHATS, events=EVENTS))
        warm().join()
        return asyncio.run(_measure(dsn, token, vault, seconds))


async def _measure(dsn: str, token: str, vault: Vault, seconds: float) -> list[Figure]:
    async with _engine(dsn, token, vault) as engine, job_app(engine.store).open_async() as app:
        Tidying(time.monotonic()).begin()
        with watched() as turns:
            working = asyncio.create_task(Worker(engine, app).run())
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                await asyncio.sleep(2.0)
                await DeskStatistics(engine).report()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
        async with engine.store.transaction() as session:
            done = (
                await session.execute(
                    text(
                        "select (select count(*) from messages), (select count(*) from suggestions),"
                        " (select count(*) from search_index)"
                    )
                )
            ).one()
    worst, what = max(turns.longest, default=(max(turns.spent), "nothing that took long"))
    return [
        Figure(
            "longest that a worker holds the loop at once, p99.9",
            percentile(turns.spent, 0.999) * 1000,
            "ms",
            BAR_MS,
            beside=f"worst {worst * 1000:.1f} ms ({what}), {len(turns.spent):,} turns; meanwhile {done[0]:,} messages,"
            f" {done[1]:,} suggestions, {done[2]:,} texts indexed",
        ),
        Figure("…turns longer than that bar", sum(one * 1000 > BAR_MS for one in turns.spent), "turns", 0),
    ]


@contextlib.asynccontextmanager
async def _engine(dsn: str, token: str, vault: Vault) -> AsyncIterator[Engine]:
    door = Door(dsn)
    access = Access(door, given=token)
    store = Store(door, access)
    lines = Lines(store, vault, budgets=False)
    try:
        yield Engine(store, lines, vault, Settings(home=Path()), access)
    finally:
        await lines.aclose()
        await access.aclose()
        await store.aclose()

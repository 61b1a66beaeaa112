"""How fast messages become rows: into the store against a plain COPY, a whole feed over HTTP, and a first sync of years."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from agentiq_core.config import Settings
from agentiq_core.connectors.base import Connector, Credentials, Marketplace
from agentiq_core.connectors.wildberries import WILDBERRIES
from agentiq_core.domain.messages import FeedPage
from agentiq_core.domain.views import FeedRef
from agentiq_core.engine.access import Access
from agentiq_core.engine.context import Engine
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.pull import PullReport, pull
from agentiq_core.engine.pulls import TURN
from agentiq_core.engine.sellers import add_seller
from agentiq_core.identity.vault import Vault, new_key
from agentiq_core.store import sync
from agentiq_core.store.database import Door, Store
from agentiq_core.store.owner import local_session
from benchmarks.figures import Figure
from benchmarks.parts import RunningSandbox, database, postgres, sandbox

EVENTS = 10_000
LONG_EVENTS = 50_000
QUICK_LONG_EVENTS = 20_000
CHATS = 5_000
FEED_BAR = 5_000.0
COPY_BAR = 0.25
MEMORY_BAR = 30.0
FOLLOWING = (
    "search_new on messages",
    "search_edited on messages",
    "search_described on chats",
    "chats_counted_insert on chats",
    "chats_counted_update on chats",
    "chats_wait_ended on chats",
    "tags_kept_insert on chats",
    "tags_kept_update on chats",
)
"""The triggers that keep the search index, the counters, the figures of service and tags up with the messages."""


def run(*, quick: bool) -> list[Figure]:
    """Measure with the product's default database settings."""
    years = QUICK_LONG_EVENTS if quick else LONG_EVENTS
    with postgres() as admin, sandbox() as market:
        seller, long = _shop(market, EVENTS), _shop(market, years)
        with database(admin, "feed") as dsn:
            feed = asyncio.run(_feed(dsn, seller, EVENTS))
        with database(admin, "years") as dsn:
            first = asyncio.run(_years(dsn, long, years))
        with database(admin, "rows") as dsn:
            store, stored = asyncio.run(_store_against_copy(dsn, seller))
        with database(admin, "bare") as dsn:
            with psycopg.connect(dsn, autocommit=True, options="-c search_path=agentiq") as connection:
                for trigger in FOLLOWING:
                    connection.execute(f"drop trigger {trigger}")  # type: ignore[arg-type]
            _, bare = asyncio.run(_store_against_copy(dsn, seller))
    kept = Figure(
        "store with search, counters and figures kept, against without",
        stored / bare,
        "×",
        beside=f"{stored:.2f} s and {bare:.2f} s",
    )
    return [*feed, *first, store, kept]


def _shop(market: RunningSandbox, events: int) -> dict[str, Any]:
    seller = market.seller(f"Bench {events}")
    market.fill(seller["id"], chats=min(CHATS, events // 5), events=events)
    return seller


async def _engine(dsn: str, seller: dict[str, str], known: Marketplace = WILDBERRIES) -> tuple[Engine, int]:
    token = local_session(dsn, embedded=True, client="bench")
    assert token is not None
    door = Door(dsn)
    access = Access(door, given=token)
    store = Store(door, access)
    vault = Vault(new_key())
    lines = Lines(store, vault, marketplaces={known.id: known}, budgets=False)
    engine = Engine(store=store, lines=lines, vault=vault, settings=Settings(home=Path()), access=access)
    credentials = Credentials(secret=seller["token"], base_url=seller["base_url"])
    return engine, (await add_seller(engine, known.id, "Bench", credentials))[0]


async def _feed(dsn: str, seller: dict[str, str], events: int) -> list[Figure]:
    engine, seller_id = await _engine(dsn, seller)
    started = time.perf_counter()
    report = await pull(engine, seller_id)
    seconds = time.perf_counter() - started
    assert report is not None
    assert report.new == events, report
    again = time.perf_counter()
    await pull(engine, seller_id)
    idle = time.perf_counter() - again
    await engine.lines.aclose()
    await engine.store.aclose()
    return [
        Figure(f"first sync of {events:,} events over HTTP", seconds, "s", beside=f"{report.pages:,} pages"),
        Figure("feed over HTTP to rows", events / seconds, "messages/s", FEED_BAR, at_least=True),
        Figure("a poll that finds nothing new", idle * 1000, "ms"),
    ]


async def _years(dsn: str, seller: dict[str, str], events: int) -> list[Figure]:
    """A first sync in the turns of a worker: when the newest days can be answered, and what the years behind them cost."""
    engine, seller_id = await _engine(dsn, seller)
    memory: list[tuple[int, float]] = []
    read = 0

    def note(report: PullReport) -> None:
        memory.append((read + report.read, _resident()))

    usable: float | None = None
    started = time.perf_counter()
    while True:
        report = await pull(engine, seller_id, note, turn=TURN)
        assert report is not None
        assert report.trouble is None, report
        read += report.read
        if usable is None and await _usable(engine, seller_id):
            usable = time.perf_counter() - started
        if not report.unfinished:
            break
    seconds = time.perf_counter() - started
    assert usable is not None
    async with engine.store.transaction() as session:
        stored = (await session.execute(text("select count(*) from messages"))).scalar_one()
    assert stored == events, stored
    await engine.lines.aclose()
    await engine.store.aclose()
    tenth = next(size for count, size in memory if count >= events / 10)
    most = max(size for _, size in memory)
    return [
        Figure(f"first sync of {events:,} events: the newest days are there", usable, "s"),
        Figure("…to its end", seconds, "s", beside=f"{events / seconds:,.0f} messages/s"),
        Figure(
            "…memory growth over its last nine tenths",
            most - tenth,
            "MiB",
            MEMORY_BAR,
            beside=f"{most:.0f} MiB at most",
        ),
    ]


async def _usable(engine: Engine, seller_id: int) -> bool:
    """Whether the walk through the newest days is over: what was read of them stands in the queue."""
    async with engine.store.transaction() as session:
        return not await sync.first_walk(session, FeedRef(seller_id))


class Recorded:
    """A line that gives pages read before, so that only the store is measured."""

    def __init__(self, line: Connector, pages: Sequence[FeedPage]) -> None:
        self._line = line
        self._pages = iter(pages)
        self.account = line.account
        self.aclose = line.aclose
        self.chats = line.chats
        self.mark_read, self.dismiss, self.decline = line.mark_read, line.dismiss, line.decline
        self.products = line.products
        self.send = line.send
        self.download = line.download
        self.rewind = line.rewind

    def since(self, _: datetime) -> None:
        """Nowhere but at the beginning: the pages were recorded in order."""

    async def page(self, cursor: str | None) -> FeedPage:
        """The next recorded page, wherever the reader stands."""
        return next(self._pages)


async def _store_against_copy(dsn: str, seller: dict[str, str]) -> tuple[Figure, float]:
    """The share, and the seconds that the store took."""
    reader = WILDBERRIES.connect(Credentials(secret=seller["token"], base_url=seller["base_url"]))
    pages: list[FeedPage] = []
    cursor = None
    while not pages or not pages[-1].complete:
        pages.append(await reader.page(cursor))
        cursor = pages[-1].cursor or cursor
    await reader.aclose()
    rows = sum(len(page.messages) for page in pages)
    recorded = replace(
        WILDBERRIES,
        connect=lambda credentials, **_: Recorded(WILDBERRIES.connect(credentials), pages),
    )
    engine, seller_id = await _engine(dsn, seller, recorded)
    started = time.perf_counter()
    report = await pull(engine, seller_id)
    seconds = time.perf_counter() - started
    assert report is not None
    assert report.new == rows, report
    copied = await asyncio.to_thread(_copy, dsn, seller_id, pages)
    await engine.lines.aclose()
    await engine.store.aclose()
    share = Figure(
        "store, against a plain COPY of the same rows",
        copied / seconds,
        "×",
        COPY_BAR,
        at_least=True,
        beside=f"store {rows / seconds:,.0f}/s, COPY {rows / copied:,.0f}/s",
    )
    return share, seconds


def _copy(dsn: str, seller_id: int, pages: Sequence[FeedPage]) -> float:
    with psycopg.connect(dsn, options="-c search_path=agentiq") as connection:
        ids = dict(
            connection.execute(
                "select external_id, id from chats where seller_id = %s", [seller_id]
            ).fetchall()
        )
        connection.execute("truncate messages")
        connection.commit()
        started = time.perf_counter()
        for page in pages:
            columns = "seller_id, chat_id, external_id, author, origin, sent_at, body, attachments"
            with connection.cursor().copy(f"copy messages ({columns}) from stdin") as copy:
                for item in page.messages:
                    m = item.message
                    copy.write_row(
                        (
                            seller_id,
                            ids[item.chat_external_id],
                            m.external_id,
                            m.author,
                            m.origin,
                            m.sent_at,
                            m.text,
                            json.dumps([]),
                        )
                    )
            connection.commit()
        return time.perf_counter() - started


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return pages * resource.getpagesize() / 2**20

"""One worker and a thousand sellers, each due every 30 seconds: how late their pulls begin, and what it costs.

Sellers of the sandbox over real HTTP in a process of its own, `agentiq worker` on one core, the budgets of the marketplace on,
each of its answers 200 ms away. A trickle of buyers writes meanwhile. Late is late by the database's clock: when a pull was claimed against when it was due.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from dataclasses import dataclass, field

import psycopg
from psycopg import Connection

from agentiq_core.identity.vault import Vault, new_key
from agentiq_core.store.owner import local_session
from benchmarks.at_work import (
    RunningWorker,
    agentiq_worker,
    connect_sellers,
    connections,
    last_core,
    postgres_cpu_seconds,
)
from benchmarks.figures import Figure, percentile
from benchmarks.parts import RunningSandbox, database, postgres, sandbox
from benchmarks.processes import Process

SELLERS, SECONDS, WARM_UP = 1_000, 240.0, 40.0
QUICK_SELLERS, QUICK_SECONDS, QUICK_WARM_UP = 200, 40.0, 35.0
POLL_SECONDS = 30.0
MESSAGES_A_SECOND = 5.0
ANSWER_SECONDS = 0.2
LATE_BAR = 30.0
CORE_BAR = 1.0

Row = tuple[object, ...]


def run(*, quick: bool) -> list[Figure]:
    """Measure after everything is warm: each seller was pulled at least once."""
    count = QUICK_SELLERS if quick else SELLERS
    seconds, warm_up = (QUICK_SECONDS, QUICK_WARM_UP) if quick else (SECONDS, WARM_UP)
    return measure(count, seconds, warm_up)


def measure(count: int, seconds: float, warm_up: float) -> list[Figure]:
    """So many sellers for so long, after a time that is not counted."""
    vault = Vault(new_key())
    with postgres() as admin, sandbox() as market, database(admin, "many") as dsn:
        token = local_session(dsn, embedded=True, client="bench")
        assert token is not None
        names = asyncio.run(connect_sellers(dsn, token, vault, market, count))
        market.answers_after(ANSWER_SECONDS)
        with psycopg.connect(dsn, autocommit=True, options="-c search_path=agentiq") as connection:
            # as any database is that has run for a night
            connection.execute("vacuum analyze")
            _spread(connection)
            with agentiq_worker(dsn, token, vault, core=last_core()) as worker, _Trickle(market, names):
                watch = _Watch(connection)
                watch.follow(warm_up)
                watch.lags.clear()
                costs = _Costs(worker, market.process, connection)
                watch.follow(seconds)
                figures = _figures(count, watch, costs)
                figures.append(Figure("…what the worker complained of", len(worker.complaints()), "lines", 0))
    return figures


def _spread(connection: Connection[Row]) -> None:
    """Sellers that were read before, due evenly over the next half a minute."""
    connection.execute(
        "update sync_state set complete_at = now(), cursor = (extract(epoch from now()) * 1000)::bigint::text,"
        " due_at = now() + make_interval(secs => random() * %s)",
        [POLL_SECONDS],
    )


@dataclass
class _Watch:
    """Looks at every seller each half second: a pull that began is late by its claim against the due time seen before."""

    connection: Connection[Row]
    lags: list[float] = field(default_factory=list)
    most_connections: int = 0
    _due: dict[int, float] = field(default_factory=dict)
    _started: dict[int, float] = field(default_factory=dict)

    def follow(self, seconds: float) -> None:
        """Look for so long; a seller that is overdue at the end counts with how late it is already."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            overdue = self._look()
            self.most_connections = max(self.most_connections, connections(self.connection))
            time.sleep(0.5)
        self.lags += overdue

    def _look(self) -> list[float]:
        rows = self.connection.execute(
            "select seller_id, extract(epoch from due_at)::float8, coalesce(extract(epoch from started_at)::float8, 0),"
            " worker_id is not null, extract(epoch from clock_timestamp())::float8 from sync_state"
        ).fetchall()
        overdue = []
        for seller_id, due, started, working, now in rows:
            assert isinstance(seller_id, int)
            assert isinstance(due, float)
            assert isinstance(started, float)
            assert isinstance(now, float)
            if started > self._started.get(seller_id, 0.0) and seller_id in self._due:
                self.lags.append(max(0.0, started - self._due[seller_id]))
            self._started[seller_id] = started
            if not working:
                # while it is read the row still tells the due time of the pull under way
                self._due[seller_id] = due
                if due < now:
                    overdue.append(now - due)
        return overdue

    def troubled(self) -> int:
        """Sellers that failed or were stopped."""
        row = self.connection.execute(
            "select count(*) from sellers s join sync_state y on y.seller_id = s.id"
            " where s.state <> 'active' or y.failures > 0 or y.trouble is not null"
        ).fetchone()
        assert row is not None
        return int(str(row[0]))


class _Costs:
    """Processor time of everybody since this was made."""

    def __init__(self, worker: RunningWorker, market: Process, connection: Connection[Row]) -> None:
        self.worker = worker
        self._market = market
        self._connection = connection
        self._begun = time.monotonic()
        self._before = self._used()

    def _used(self) -> tuple[float, float, float]:
        servers = postgres_cpu_seconds(self._connection)
        return self.worker.cpu_seconds(), servers, self._market.cpu_seconds()

    def cores(self) -> tuple[float, float, float]:
        """Cores that worker, Postgres and marketplace kept busy."""
        seconds = time.monotonic() - self._begun
        worker, servers, market = (
            (now - before) / seconds for now, before in zip(self._used(), self._before, strict=True)
        )
        return worker, servers, market


def _figures(count: int, watch: _Watch, costs: _Costs) -> list[Figure]:
    worker, servers, market = costs.cores()
    threads, files = costs.worker.threads_and_files()
    lags = watch.lags
    middle = f"median {percentile(lags, 0.5):.3g} s, p95 {percentile(lags, 0.95):.3g} s, {len(lags):,} pulls"
    return [
        Figure(
            f"{count:,} sellers every {POLL_SECONDS:g} s, a pull begins late, p99",
            percentile(lags, 0.99),
            "s",
            LATE_BAR,
            beside=middle,
        ),
        Figure(
            "…what the worker used",
            worker,
            "cores",
            CORE_BAR,
            beside=f"Postgres {servers:.2f}, sandbox {market:.2f}",
        ),
        Figure("…sellers in trouble", watch.troubled(), "sellers", 0),
        Figure(
            "…memory of the worker",
            costs.worker.memory(),
            "MiB",
            beside=f"{threads} threads, {files} files and sockets, {watch.most_connections} connections to Postgres",
        ),
    ]


class _Trickle:
    """Buyers who write all the time, somewhere: every second message begins a conversation."""

    def __init__(self, market: RunningSandbox, names: list[str]) -> None:
        self._market = market
        self._names = names
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, name="buyers", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def _write(self) -> None:
        rng = random.Random(7)
        chats: dict[str, str] = {}
        while not self._stop.wait(1 / MESSAGES_A_SECOND):
            name = rng.choice(self._names)
            known = chats.get(name) if rng.random() < 0.5 else None
            chats[name] = self._market.buyer_writes(name, "Здравствуйте! Где мой заказ?", chat=known)

"""One worker: how soon a reply is at the marketplace, and whether its memory stays while an hour of news comes in.

`agentiq worker` in a process of its own, the sandbox in another. A reply is timed from its commit in the outbox (undo 0) to
the time that the marketplace gives it; both clocks are this machine's.
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import Connection

from agentiq_core.config import Settings
from agentiq_core.connectors.registry import capabilities
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.access import Access
from agentiq_core.engine.context import Engine
from agentiq_core.engine.jobs import Dispatch, job_app
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.replies import Consent, queue_reply
from agentiq_core.identity.vault import Vault, new_key
from agentiq_core.store import conversations
from agentiq_core.store.database import Door, Store
from agentiq_core.store.owner import local_session
from benchmarks.at_work import RunningWorker, agentiq_worker, connect_sellers
from benchmarks.figures import Figure, percentile
from benchmarks.parts import RunningSandbox, database, postgres, sandbox

SELLERS = 20
"""They answer in turn: one a second is what a marketplace takes from each."""
REPLIES, QUICK_REPLIES = 300, 60
EVERY_SECONDS = 0.2
HOUR, QUICK_HOUR = 18_000, 3_000
"""Events: five a second, as `many_sellers` has them."""
HISTORY_SELLERS = 60
GROWTH_BAR = 30.0
_PATIENCE = 600.0
_ASKED = "Здравствуйте! Где мой заказ?"
_ANSWER = "Здравствуйте! Уже смотрим, где ваш заказ."


def run(*, quick: bool) -> list[Figure]:
    """Replies first: they warm the worker whose memory is looked at then."""
    vault = Vault(new_key())
    with postgres() as admin, sandbox() as market, database(admin, "worker") as dsn:
        token = local_session(dsn, embedded=True, client="bench")
        assert token is not None
        names = asyncio.run(connect_sellers(dsn, token, vault, market, SELLERS))
        for name in names:
            market.buyer_writes(name, _ASKED)
        with (
            psycopg.connect(dsn, autocommit=True, options="-c search_path=agentiq") as connection,
            agentiq_worker(dsn, token, vault) as worker,
        ):
            _until(connection, "select count(*) from suggestions", SELLERS)
            figures = asyncio.run(
                _replies(dsn, token, vault, connection, QUICK_REPLIES if quick else REPLIES)
            )
            figures += _memory(dsn, token, vault, market, connection, worker, QUICK_HOUR if quick else HOUR)
            figures.append(Figure("…what the worker complained of", len(worker.complaints()), "lines", 0))
    return figures


async def _replies(
    dsn: str, token: str, vault: Vault, connection: Connection[Any], count: int
) -> list[Figure]:
    door = Door(dsn)
    access = Access(door, given=token)
    store = Store(door, access)
    engine = Engine(store, Lines(store, vault), vault, Settings(home=Path()), access)
    refs = [ChatRef(*row) for row in connection.execute("select seller_id, id from chats").fetchall()]
    committed: dict[int, float] = {}
    async with job_app(store).open_async() as app:
        dispatch = Dispatch(app)
        for number in range(count):
            began = time.monotonic()
            reply_id = await _queue(engine, dispatch, refs[number % len(refs)], f"{_ANSWER} ({number})")
            committed[reply_id] = time.time()
            await asyncio.sleep(max(0.0, EVERY_SECONDS - (time.monotonic() - began)))
    await asyncio.to_thread(
        _until, connection, "select count(*) from outbox where accepted_at is not null", count
    )
    accepted: dict[int, datetime] = dict(connection.execute("select id, accepted_at from outbox").fetchall())
    begun: dict[int, datetime] = dict(connection.execute("select id, attempted_at from outbox").fetchall())
    await access.aclose()
    await store.aclose()
    waits = [accepted[reply].timestamp() - moment for reply, moment in committed.items()]
    starts = [begun[reply].timestamp() - moment for reply, moment in committed.items()]
    return [
        Figure(
            "a reply, from its commit to the marketplace, p95",
            percentile(waits, 0.95) * 1000,
            "ms",
            beside=f"median {percentile(waits, 0.5) * 1000:,.0f} ms, slowest {max(waits) * 1000:,.0f} ms of {count};"
            f" until a worker has claimed it {percentile(starts, 0.5) * 1000:,.0f} ms",
        )
    ]


async def _queue(engine: Engine, dispatch: Dispatch, ref: ChatRef, body: str) -> int:
    async with engine.store.transaction() as session:
        seen = await conversations.read(session, ref, before=None, limit=1, capabilities=capabilities)
    view = await queue_reply(
        engine,
        dispatch,
        ref,
        body,
        client_id=uuid4(),
        seen=seen.newest,
        consent=Consent(override=True, anyway=True, repeat=True),
        undo_seconds=0.0,
    )
    return view.id


def _memory(
    dsn: str,
    token: str,
    vault: Vault,
    market: RunningSandbox,
    connection: Connection[Any],
    worker: RunningWorker,
    events: int,
) -> list[Figure]:
    """Histories of that many events together: the most that the first tenth took against the most that the rest took."""
    each = events // HISTORY_SELLERS
    before = _count(connection, "select count(*) from messages")
    asyncio.run(
        connect_sellers(dsn, token, vault, market, HISTORY_SELLERS, chats=max(1, each // 6), events=each)
    )
    first = rest = 0.0
    end = time.monotonic() + _PATIENCE
    while (stored := _count(connection, "select count(*) from messages") - before) < each * HISTORY_SELLERS:
        assert time.monotonic() < end, "the feed was never read to its end"
        if stored <= each * HISTORY_SELLERS / 10:
            first = max(first, worker.memory())
        else:
            rest = max(rest, worker.memory())
        time.sleep(0.2)
    rest = max(rest, worker.memory())
    return [
        Figure(
            f"memory growth of a worker over {events:,} events, after the first tenth",
            rest - first,
            "MiB",
            GROWTH_BAR,
            beside=f"{rest:.0f} MiB at most",
        )
    ]


def _until(connection: Connection[Any], counted: str, expected: int) -> None:
    end = time.monotonic() + _PATIENCE
    while _count(connection, counted) < expected:
        assert time.monotonic() < end, f"never {expected}: {counted}"
        time.sleep(0.1)


def _count(connection: Connection[Any], counted: str) -> int:
    row = connection.execute(counted).fetchone()
    assert row is not None
    return int(row[0])

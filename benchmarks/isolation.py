"""What row security costs: the same statements by an owner of everything under policies, and by a superuser without any."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from agentiq_core.connectors.registry import capabilities
from agentiq_core.domain.chats import Queue
from agentiq_core.domain.filters import QueueFilter, Whose
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.access import Access
from agentiq_core.store import conversations, queues
from agentiq_core.store.database import SESSION_OPTIONS, Door
from agentiq_core.store.owner import local_session
from agentiq_core.store.schema import sqlalchemy_url
from benchmarks.figures import Figure, median, percentile
from benchmarks.parts import database, postgres

CHATS = 1_000_000
QUICK_CHATS = 50_000
SELLERS = 20
ROUNDS = 400
BAR_MS = 0.2
PAGE_BAR_MS = 10.0
FILTERED = {
    "mine that wait": (Queue.WAITING, QueueFilter(assignee=1)),
    "few stars, nobody's": (Queue.ALL, QueueFilter(stars=(1, 3), assignee=Whose.NOBODY)),
    "a tag, among chats": (Queue.ALL, QueueFilter(tag="брак", channel="chat")),
    "a tag with few stars": (Queue.ALL, QueueFilter(tag="брак", stars=(1, 3))),
    "a tag, mine": (Queue.ALL, QueueFilter(tag="брак", assignee=1)),
    "a tag with few stars, nobody's": (
        Queue.ALL,
        QueueFilter(tag="брак", stars=(1, 3), assignee=Whose.NOBODY),
    ),
    "a rare tag": (Queue.ALL, QueueFilter(tag="редкое")),
    "a rare tag among what waits": (Queue.WAITING, QueueFilter(tag="редкое")),
}

_FILL = """
set session_replication_role = replica;
insert into sellers (name, marketplace, account_id)
    select 'Магазин ' || n, 'wildberries', n::text from generate_series(1, %(sellers)s) n;
insert into chats (seller_id, external_id, buyer_name, status, needs_reply, queue, due_at, waiting_since, episode, asked,
    suggested_for, last_at, last_id, last_author, preview, channel, stars, assignee, tags, unread)
    select 1 + n %% %(sellers)s, 'chat ' || n, 'Покупатель ' || n, case when n %% 50 = 0 then 'waiting' else 'responded' end,
        n %% 50 = 0, case when n %% 500 = 0 then 'work' when n %% 50 = 0 then 'waiting' end,
        case when n %% 50 = 0 then now() + make_interval(mins => n %% 3000) end, now(), 'm1', 'm1', 'm1',
        now() - make_interval(secs => n), 'm1', 'buyer', 'Где заказ?', case when n %% 3 = 0 then 'review' else 'chat' end,
        case when n %% 3 = 0 then 1 + n %% 5 end, case when n %% 7 < 3 then 1 + n %% 7 end,
        case when n %% 7777 = 0 then array['брак', 'редкое'] when n %% 37 = 0 then array['брак'] else '{}' end, case when n %% 60 = 0 then 1 else 0 end
    from generate_series(1, %(chats)s) n;
insert into chat_tags (seller_id, chat_id, tag, last_at, channel, stars, assignee)
    select seller_id, id, t, last_at, channel, stars, assignee from chats, unnest(tags) t;
insert into counters (seller_id, work, waiting, every)
    select seller_id, count(*) filter (where queue = 'work'), count(*) filter (where queue = 'waiting'), count(*) from chats group by 1;
insert into counters (seller_id, operator_id, mine) select seller_id, assignee, count(*) from chats where assignee is not null and queue is not null group by 1, 2;
insert into messages (seller_id, chat_id, external_id, author, origin, sent_at, body)
    select seller_id, id, 'm1', 'buyer', 'buyer', last_at, 'Где заказ?' from chats;
set session_replication_role = origin;
"""
_PLAN_PART = re.compile(
    r"(\w[\w ]*Scan(?: Backward)?|Nested Loop\w*|Limit|Sort|Merge Append|Append)(?: using (\w+))?(?: on (\w+))?"
)
_POLICY_OWN = {"memberships", "operators", "sessions"}

Read = Callable[[AsyncSession], Awaitable[object]]
WORK_PAGE = """
select c.id from sellers s cross join lateral (
    select * from chats c where c.seller_id = s.id and c.queue = 'work' order by c.due_at, c.id limit 101) c
order by c.due_at, c.id limit 101
"""
OPEN_CHAT = "select c.*, s.name from chats c join sellers s on s.id = c.seller_id where c.seller_id = 3 and c.id = {chat}"


@dataclass(frozen=True)
class Reader:
    """A connection and what it does before each read, inside the same transaction."""

    engine: AsyncEngine
    token: str | None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A transaction with its signature, if it has one."""
        async with AsyncSession(self.engine) as session, session.begin():
            if self.token is not None:
                await session.execute(text("select enter(:token)"), {"token": self.token})
            else:
                await session.execute(text("select 1"))
            yield session

    async def timed(self, read: Read) -> float:
        """Milliseconds of one read; the transaction's beginning and its signature are not counted."""
        async with self.reading() as session:
            started = time.perf_counter()
            await read(session)
            return (time.perf_counter() - started) * 1000

    async def plan(self, statement: str) -> list[tuple[str, str]]:
        """The kinds of nodes with their indexes, top down, without what the policies themselves read."""
        async with AsyncSession(self.engine) as session, session.begin():
            if self.token is not None:
                await session.execute(text("select enter(:token)"), {"token": self.token})
            lines = (await session.execute(text(f"explain {statement}"))).scalars().all()
        found = [_PLAN_PART.search(line) for line in lines]
        return [
            (part[1].strip(), part[2] or "")
            for part in found
            if part is not None and part[3] not in _POLICY_OWN
        ]


def run(*, quick: bool) -> list[Figure]:
    """Measure on one server, one connection each, the two in turn."""
    chats = QUICK_CHATS if quick else CHATS
    with postgres() as admin, database(admin, "isolation") as dsn:
        with psycopg.connect(dsn, autocommit=True, options="-c search_path=agentiq") as connection:
            for statement in _FILL.split(";\n"):
                if statement.strip():
                    connection.execute(statement, {"sellers": SELLERS, "chats": chats})
            connection.execute("vacuum analyze")
        return asyncio.run(_measure(dsn, chats))


async def _measure(dsn: str, chats: int) -> list[Figure]:
    refresh = local_session(dsn, embedded=True, client="bench")
    door = Door(dsn, pool_size=1)
    access = Access(door, given=refresh)
    under = Reader(_engine(dsn, SESSION_OPTIONS), await access.token())
    free = Reader(_engine(dsn, "-c search_path=agentiq,procrastinate -c timezone=UTC"), None)
    async with AsyncSession(free.engine) as session:
        chat = await session.scalar(text("select id from chats where seller_id = 3 order by id limit 1"))
    ref = ChatRef(3, int(chat or 0))
    reads: dict[str, tuple[Read, int, str]] = {
        "queue page": (lambda s: queues.page(s, Queue.WORK, None, 100), 1, WORK_PAGE),
        "open chat": (lambda s: _open(s, ref), 3, OPEN_CHAT.format(chat=ref.chat_id)),
        "counters": (queues.overview, 1, ""),
    }
    figures = []
    for name, (read, statements, shown) in reads.items():
        with_policies, without = await _in_turn(under, free, read)
        more = (median(with_policies) - median(without)) / statements
        beside = f"{median(with_policies):.3g} ms with policies, {median(without):.3g} ms without, {statements} statements"
        if shown:
            same = await under.plan(shown) == await free.plan(shown)
            beside += ", same plan" if same else ", ANOTHER PLAN"
        figures.append(
            Figure(
                f"row security, {name} of {chats:,} chats, more a statement",
                more,
                "ms",
                BAR_MS,
                beside=beside,
            )
        )
    for name, (queue, narrowed) in FILTERED.items():
        figures += await _filtered(under, name, queue, narrowed, chats)
    figures.append(
        Figure("signing a transaction", await _signing(under, free), "ms", beside="select 1 taken off")
    )
    await access.aclose()
    await door.aclose()
    for reader in (under, free):
        await reader.engine.dispose()
    return figures


async def _filtered(
    under: Reader, name: str, queue: Queue, narrowed: QueueFilter, chats: int
) -> list[Figure]:
    """A filtered page from the start, the one behind it, and its number counted to a hundred."""
    async with under.reading() as session:
        after = (await queues.page(session, queue, None, 100, narrowed)).after
    reads: dict[str, Read] = {
        "page": lambda s: queues.page(s, queue, None, 100, narrowed),
        "next page": lambda s: queues.page(s, queue, after, 100, narrowed),
        "count": lambda s: queues.count(s, queue, narrowed, 99),
    }
    figures = []
    for what, read in reads.items():
        for _ in range(10):
            await under.timed(read)
        times = [await under.timed(read) for _ in range(ROUNDS)]
        figures.append(
            Figure(
                f"{name} of {chats:,} chats, {what}, p95",
                percentile(times, 0.95),
                "ms",
                PAGE_BAR_MS,
                beside=f"median {median(times):.3g} ms",
            )
        )
    return figures


async def _open(session: AsyncSession, ref: ChatRef) -> None:
    await conversations.read(session, ref, before=None, limit=50, capabilities=capabilities)


async def _in_turn(one: Reader, other: Reader, read: Read) -> tuple[list[float], list[float]]:
    for _ in range(30):
        await one.timed(read)
        await other.timed(read)
    first, second = [], []
    for _ in range(ROUNDS):
        first.append(await one.timed(read))
        second.append(await other.timed(read))
    return first, second


async def _signing(under: Reader, free: Reader) -> float:
    async def enter(session: AsyncSession) -> Any:
        return await session.execute(text("select enter(:token)"), {"token": under.token})

    async def nothing(session: AsyncSession) -> Any:
        return await session.execute(text("select 1"))

    signing, _ = await _in_turn(under, under, enter)
    bare, _ = await _in_turn(free, free, nothing)
    return median(signing) - median(bare)


def _engine(dsn: str, options: str) -> AsyncEngine:
    return create_async_engine(sqlalchemy_url(dsn), pool_size=1, connect_args={"options": options})

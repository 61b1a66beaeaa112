"""The schema spreads over sellers: the real one, partitioned from its own catalogue, serves the same functions.

Which partitions a statement reads is counted by Postgres itself while the public functions run. docs/scaling.md says
what follows for a cluster, and what does not fit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.connectors.registry import capabilities
from agentiq_core.domain.chats import Queue
from agentiq_core.domain.errors import AgentIQError, Forbidden
from agentiq_core.domain.messages import Author, IncomingMessage, Message, Origin
from agentiq_core.domain.views import ChatRef, FeedRef
from agentiq_core.store import conversations, messages, outbox, queues, standings, suggestions, sync
from agentiq_core.store.database import Store
from agentiq_core.store.outbox import NewReply
from agentiq_core.store.owner import local_session
from tests.databases import Server
from tests.signed import signed_store
from tests.store.partitioned import PARTITIONS, spread, tables_of_sellers

pytestmark = pytest.mark.slow

SELLERS = 40
HERS = 7
"""The only seller of the operator who reads here."""

FILL = f"""
set session_replication_role = replica;
insert into sellers (name, marketplace, account_id)
    select 'Магазин ' || n, 'wildberries', n::text from generate_series(1, {SELLERS}) n;
insert into seller_credentials (seller_id, ciphertext) select id, '' from sellers;
insert into sync_state (seller_id, due_at) select id, now() - interval '1 minute' from sellers;
insert into sla_rules (seller_id, position, name, priority, minutes) select id, 1, 'брак', 2, 30 from sellers;
insert into calendars (seller_id, zone, week) select id, 'UTC', '[[], [], [], [], [], [], []]' from sellers;
insert into guard_rules (seller_id, rules) select id, '[]' from sellers;
insert into chats (seller_id, external_id, status, needs_reply, queue, due_at, waiting_since, episode, asked, last_at, last_id,
    last_author, preview)
    select s.id, 'chat ' || n, 'waiting', true, 'work', now() + make_interval(mins => n), now(), 'm1', 'm1', now(), 'm1', 'buyer', ''
    from sellers s, generate_series(1, 50) n;
insert into messages (seller_id, chat_id, external_id, author, origin, sent_at, body)
    select c.seller_id, c.id, 'm' || n, 'buyer', 'buyer', now() - make_interval(mins => 9 - n), 'Где заказ?'
    from chats c, generate_series(1, 3) n;
insert into outbox (seller_id, chat_id, client_id, body) select seller_id, id, gen_random_uuid(), 'Ответ' from chats where id % 2 = 0;
insert into suggestions (seller_id, chat_id, asked, body, intent, sentiment, confidence, source, guardrails)
    select seller_id, id, 'm1', 'Ответ', '', '', 1, '', '' from chats where id % 3 = 0;
insert into quarantine (seller_id, digest, raw, reason) select id, '\\x00', '', '' from sellers;
set session_replication_role = origin;
"""
SIGN_IN = """
with hired as (insert into operators (email, role) values ('anna@team.example', 'operator') returning *),
     given as (insert into memberships (seller_id, operator_id) select %s, id from hired)
select agentiq_private.begin_session(h::operators, 'service', 'test', null) ->> 'refresh' from hired h
"""

Work = Callable[[AsyncSession], Awaitable[Any]]


@dataclass(frozen=True)
class Spread:
    """The partitioned database, and what its plain form held."""

    dsn: str
    token: str
    tables: list[str]
    rows_before: dict[str, int]


@pytest.fixture(scope="module")
def database(server: Server) -> Iterator[Spread]:
    """A filled database of the real schema, its tables of sellers partitioned."""
    dsn = server.create()
    with psycopg.connect(dsn, autocommit=True, options="-c search_path=agentiq") as connection:
        if connection.info.server_version < 170000:
            pytest.skip("identity columns of partitioned tables came with Postgres 17")
        connection.execute(FILL)
        assert local_session(dsn, embedded=True, client="test")
        row = connection.execute(SIGN_IN, [HERS]).fetchone()
        assert row is not None
        before = rows_of(connection, tables_of_sellers(connection))
        tables = spread(connection)
        connection.execute("analyze")
    yield Spread(dsn, row[0], tables, before)
    server.drop(dsn)


@pytest.fixture
async def store(database: Spread) -> AsyncIterator[Store]:
    """The store as the operator of one seller sees it."""
    store = signed_store(database.dsn, database.token, pool_size=1)
    yield store
    await store.aclose()


def rows_of(connection: psycopg.Connection[Any], tables: list[str]) -> dict[str, int]:
    return {
        table: connection.execute(f"select count(*) from {table}").fetchone()[0]  # type: ignore[index]
        for table in tables
    }


def test_every_key_of_a_sellers_table_has_the_seller_in_it(server: Server) -> None:
    dsn = server.create()
    with psycopg.connect(dsn, options="-c search_path=agentiq") as connection:
        for table in tables_of_sellers(connection):
            keys = connection.execute(
                "select x.indexrelid::regclass::text, array_agg(a.attname::text) from pg_index x"
                " join pg_attribute a on a.attrelid = x.indrelid and a.attnum = any(x.indkey)"
                " where x.indrelid = %s::regclass and x.indisunique group by 1",
                [table],
            ).fetchall()
            assert keys, table
            assert [name for name, columns in keys if "seller_id" not in columns] == [], table
    server.drop(dsn)


def test_no_row_is_lost_and_none_lies_in_a_wrong_place(database: Spread) -> None:
    assert {"chats", "messages", "outbox", "sync_state", "quarantine", "suggestions"} <= set(database.tables)
    with psycopg.connect(database.dsn, options="-c search_path=agentiq") as connection:
        assert rows_of(connection, database.tables) == database.rows_before
        used = [
            connection.execute(f"select count(distinct seller_id) from chats_{number}").fetchone()
            for number in range(PARTITIONS)
        ]
    assert sum(row[0] for row in used if row) == SELLERS
    assert all(row and row[0] > 0 for row in used)


def test_the_copy_has_every_key_index_trigger_policy_and_grant(database: Spread, server: Server) -> None:
    plain = server.create()
    try:
        assert described(database.dsn, database.tables) == described(plain, database.tables)
    finally:
        server.drop(plain)


def described(dsn: str, tables: list[str]) -> dict[str, list[str]]:
    """What the catalogue says of these tables, without what names a kind of storage."""
    queries = {
        "constraints": "select t.relname || ' ' || pg_get_constraintdef(c.oid) from pg_constraint c join pg_class t on t.oid = c.conrelid"
        " where t.relname = any(%s) and c.contype in ('p', 'u', 'f', 'c') and c.conparentid = 0"
        " and t.relnamespace = 'agentiq'::regnamespace",
        "indexes": "select tablename || ' ' || regexp_replace(regexp_replace(indexdef, ' ON ONLY ', ' ON '), '^.* USING ', '')"
        " from pg_indexes where tablename = any(%s) and schemaname = 'agentiq'",
        "triggers": "select tgname || ' ' || t.relname from pg_trigger g join pg_class t on t.oid = g.tgrelid"
        " where t.relname = any(%s) and not tgisinternal",
        "policies": "select policyname || tablename || cmd || roles::text || coalesce(qual, '') || coalesce(with_check, '')"
        " from pg_policies where tablename = any(%s)",
        "grants": "select table_name || privilege_type || coalesce(column_name, '') from information_schema.column_privileges"
        " where grantee = 'agentiq_app' and table_name = any(%s)",
    }
    with psycopg.connect(dsn, options="-c search_path=agentiq") as connection:
        return {
            what: sorted(row[0] for row in connection.execute(query, [tables]).fetchall())
            for what, query in queries.items()
        }


def new_message() -> IncomingMessage:
    said = Message("m1", Author.BUYER, Origin.BUYER, datetime.now(UTC), "Где заказ?")
    return IncomingMessage("chat 1", said, channel="chat")


async def a_chat(session: AsyncSession) -> ChatRef:
    found = await session.scalar(
        text("select id from chats where seller_id = :seller and external_id = 'chat 1'"), {"seller": HERS}
    )
    return ChatRef(HERS, int(found or 0))


async def opened(session: AsyncSession) -> object:
    return await conversations.read(
        session, await a_chat(session), before=None, limit=50, capabilities=capabilities
    )


async def claimed(session: AsyncSession) -> object:
    ref = await a_chat(session)
    await messages.lock_chats(session, HERS, [ref.chat_id])
    await outbox.insert(session, NewReply(ref, UUID(int=1), "Ответ"))
    return await outbox.claim(session, ref, "worker", 30.0)


async def told_again(session: AsyncSession) -> object:
    chats = await messages.store_chats(session, HERS, [new_message()])
    new, _ = await messages.store_messages(session, HERS, chats, [new_message()])
    assert new == 0, "it is known"
    return chats


async def restated(session: AsyncSession) -> object:
    return await standings.read_chats(session, HERS, [(await a_chat(session)).chat_id])


HOT: dict[str, tuple[Work, str]] = {
    "a page of the queue": (lambda s: queues.page(s, Queue.WORK, None, 50), "chats"),
    "all messages": (lambda s: queues.page(s, Queue.ALL, None, 50), "chats"),
    "an open conversation": (opened, "messages"),
    "a claim of a reply": (claimed, "outbox"),
    "a claim of a feed": (lambda s: sync.claim(s, FeedRef(HERS), "worker", 60.0), "sync_state"),
    "a message that is told again": (told_again, "messages"),
    "what messages say": (restated, "messages"),
}
OF_ALL_SELLERS: dict[str, tuple[Work, str]] = {
    "the counters": (queues.overview, "counters"),
    "who is due": (lambda s: sync.claim_due(s, "worker", 60.0, limit=10), "sync_state"),
    "replies to send": (outbox.due, "outbox"),
    "conversations without a suggestion": (suggestions.lacking, "chats"),
}
"""They name no seller: the operator's own come out of the token, and partitions are not left out by an array that is
known only when the statement runs (docs/scaling.md)."""


async def scans(store: Store) -> dict[str, int]:
    """How often each partition was read, by any way."""
    async with store.transaction() as session:
        found = await session.execute(
            text(
                "select relname, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) from pg_stat_user_tables"
                " where schemaname = 'agentiq' and relname ~ '_[0-9]+$'"
            )
        )
        return {row[0]: row[1] for row in found}


async def read_by(store: Store, work: Work) -> dict[str, set[str]]:
    """The partitions of each table that `work` reads."""
    before = await scans(store)
    async with store.transaction() as session:
        await work(session)
        await session.execute(text("select pg_stat_force_next_flush()"))
        await session.rollback()
    after = await scans(store)
    read: dict[str, set[str]] = {}
    for name, count in after.items():
        if count > before[name]:
            read.setdefault(name.rpartition("_")[0], set()).add(name)
    return read


@pytest.mark.parametrize("what", HOT)
async def test_a_hot_statement_reads_one_partition_of_a_table(store: Store, what: str) -> None:
    work, table = HOT[what]
    # planned anew five times, then perhaps once for all values
    for _ in range(7):
        read = await read_by(store, work)
        assert table in read
        assert {name: places for name, places in read.items() if len(places) > 1} == {}


@pytest.mark.parametrize("what", OF_ALL_SELLERS)
async def test_a_statement_of_all_sellers_asks_every_partition(store: Store, what: str) -> None:
    work, table = OF_ALL_SELLERS[what]
    assert len((await read_by(store, work))[table]) == PARTITIONS


async def test_row_security_holds_through_the_partitioned_table(store: Store, database: Spread) -> None:
    async with store.transaction() as session:
        for table in database.tables:
            seen = set((await session.execute(text(f"select distinct seller_id from {table}"))).scalars())
            assert seen <= {HERS}, table
        assert await session.scalar(text("select count(*) from chats")) == 50
    for statement in (
        "insert into chats (seller_id, external_id) values (8, 'stolen')",
        "update chats set seller_id = 8 where external_id = 'chat 1'",
    ):
        with pytest.raises(AgentIQError):
            async with store.transaction() as session:
                await session.execute(text(statement))
    async with store.transaction() as session:
        moved = await session.execute(text("update chats set unread = 9 where seller_id = 8 returning id"))
        assert moved.all() == []


@pytest.mark.parametrize("number", range(PARTITIONS))
async def test_no_partition_can_be_reached_by_its_own_name(store: Store, number: int) -> None:
    with pytest.raises(Forbidden):
        async with store.transaction() as session:
            await session.execute(text(f"select 1 from messages_{number}"))


async def test_the_log_names_the_table_and_not_its_partition(store: Store, database: Spread) -> None:
    async with store.transaction() as session:
        await outbox.insert(session, NewReply(await a_chat(session), UUID(int=2), "Ответ"))
    with psycopg.connect(database.dsn, options="-c search_path=agentiq") as connection:
        row = connection.execute("select action from audit_log where seller_id = %s order by id desc", [HERS])
        named = row.fetchone()
    assert named == ("outbox.insert",)

"""Finding words reads an index of them, and a common word the newest messages: never the whole index from end to end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from agentiq_core.language.search import question
from agentiq_core.store import search
from agentiq_core.store.database import Store
from agentiq_core.store.owner import local_session
from tests.signed import signed_store

FILL = """
set session_replication_role = replica;
insert into sellers (name, marketplace, account_id) select 'Магазин ' || n, 'wildberries', n::text from generate_series(1, 20) n;
insert into chats (seller_id, external_id) select 1 + n % 20, 'chat ' || n from generate_series(1, 4000) n;
insert into search_index (seller_id, chat_id, message_id, sent_at, words)
    select c.seller_id, c.id, 'm' || n, now() - make_interval(mins => c.id::int * 15 + n),
        array_to_tsvector(array['заказ', 'слово' || n % 7, 'редкость' || (c.id * 10 + n) / 4])
    from chats c, generate_series(1, 10) n;
set session_replication_role = origin;
"""


@pytest.fixture(scope="module")
def big(server: Any) -> Iterator[str]:
    """The address of a database with the words of 40,000 messages."""
    dsn = server.create()
    with psycopg.connect(dsn, autocommit=True, options="-c search_path=agentiq") as connection:
        connection.execute(FILL)
        connection.execute("vacuum analyze")
    yield dsn
    server.drop(dsn)


@pytest.fixture
async def store(big: str) -> AsyncIterator[Store]:
    token = local_session(big, embedded=True, client="test")
    assert token is not None
    store = signed_store(big, token, pool_size=1)
    yield store
    await store.aclose()


async def read(store: Store) -> dict[str, tuple[int, int]]:
    """Scans and rows read, by index; the table itself from end to end as "whole"."""
    async with store.transaction() as session:
        rows = await session.execute(
            text(
                "select indexrelname, idx_scan, idx_tup_read from pg_stat_user_indexes where relname = 'search_index'"
                " union all select 'whole', seq_scan, 0 from pg_stat_user_tables where relname = 'search_index'"
            )
        )
        return {row[0]: (row[1], row[2]) for row in rows}


@pytest.mark.parametrize(
    ("words", "index", "most"),
    [("редкость77 ", "search_index_words", 1_000), ("заказ ", "search_index_by_time", 2_000)],
)
async def test_a_rare_word_is_looked_up_and_a_common_one_met_soon(
    store: Store, words: str, index: str, most: int
) -> None:
    before = await read(store)
    async with store.transaction() as session:
        found = await search.find(session, question(words), None, None, 50)
        await session.execute(text("select pg_stat_force_next_flush()"))
    after = await read(store)
    assert found
    assert after["whole"] == before["whole"]
    assert after[index][0] > before[index][0]
    assert after[index][1] - before[index][1] <= most

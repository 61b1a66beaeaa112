"""Examples are looked up by index at any size, though row security alone would let no search use one."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text

from agentiq_core.engine.snippets import query
from agentiq_core.language.lemmas import strange_words
from agentiq_core.store import examples
from agentiq_core.store.database import Store
from agentiq_core.store.examples import SimilarExample


async def asked(store: Store, seller_id: int, question: str, most: int = 3) -> tuple[SimilarExample, ...]:
    async with store.transaction() as session:
        await session.execute(text("select pg_stat_force_next_flush()"))
        return await examples.similar(
            session, seller_id, words=query(question), strange=" ".join(strange_words(question)), most=most
        )


@pytest.mark.slow
async def test_at_size_words_and_letters_are_looked_up_in_their_indexes(dsn: str, store: Store) -> None:
    with psycopg.connect(dsn, autocommit=True, options="-c search_path=agentiq") as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(
            "insert into sellers (name, marketplace, account_id) select 'm', 'wildberries', n::text from generate_series(1, 20) n"
        )
        connection.execute("insert into memberships (seller_id, operator_id) select id, 1 from sellers")
        connection.execute(
            "insert into examples (seller_id, chat_id, outbox_id, channel, intent, question, reply, lemmas)"
            " select case when n % 20 = 0 then 9 else 8 end, 1, n, 'chat', '', 'Подходит к телефону ' || md5(n::text) || '?', 'ответ', 'слово' || n % 5000 || ' вопрос' || n"
            " from generate_series(1, 60000) n"
        )
        connection.execute("analyze examples")
        found = await asked(store, 8, "слово7")
        assert [len(found), {one.reply for one in found}] == [3, {"ответ"}]
        assert len(await asked(store, 8, "a 8f14e45fceea167a5a36dedd4bea254")) > 0
    with psycopg.connect(dsn, autocommit=True) as connection:
        scans = dict(
            connection.execute(
                "select indexrelname, idx_scan from pg_stat_user_indexes where relname = 'examples'"
            ).fetchall()
        )
    assert scans["examples_words"] >= 1
    assert scans["examples_letters"] >= 1

"""The desk's numbers are kept and not counted; they are what counting would say, whatever happens to what they count."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentiq_core.domain.chats import Queue
from agentiq_core.engine.replies import no_reply_needed
from agentiq_core.engine.snooze import snooze
from agentiq_core.engine.sweep import escalate
from tests.engine.conftest import dispatch, engine, hasty_engine, sandbox, scene, seller_id, shop, team_key
from tests.scene import ANSWER, Scene

__all__ = ["dispatch", "engine", "hasty_engine", "sandbox", "scene", "seller_id", "shop", "team_key"]

COUNTED = """
select count(*) filter (where queue = 'work'), count(*) filter (where queue = 'waiting'), count(*) filter (where last_at is not null),
    count(*) filter (where snoozed_until is not null) from chats
"""

KEPT = """
select seller_id, operator_id, sum(work), sum(waiting), sum(every), sum(snoozed), sum(unsent), sum(look), sum(quarantined), sum(mine), sum(mentions)
from counters group by 1, 2
"""
RECOUNTED = """
select seller_id, 0, count(*) filter (where queue = 'work'), count(*) filter (where queue = 'waiting'), count(*) filter (where last_at is not null),
    count(*) filter (where snoozed_until is not null), 0, 0, 0, 0, 0 from chats group by 1
union all select seller_id, 0, 0, 0, 0, 0, count(*) filter (where state in ('queued', 'sending')),
    count(*) filter (where state in ('failed', 'unknown', 'needs_operator')), 0, 0, 0 from outbox group by 1
union all select seller_id, 0, 0, 0, 0, 0, 0, 0, count(*), 0, 0 from quarantine where replayed_at is null and dismissed_at is null group by 1
union all select seller_id, assignee, 0, 0, 0, 0, 0, 0, 0, count(*), 0 from chats where assignee is not null and queue is not null group by 1, 2
union all select seller_id, operator_id, 0, 0, 0, 0, 0, 0, 0, 0, count(*) from mentions where seen_at is null group by 1, 2
"""
# what happens to a few rows of two sellers; %(a)s and %(b)s are numbers that choose which
HAPPENS = {
    "a conversation begins": "insert into chats (seller_id, external_id, needs_reply, queue, last_at, assignee) select id, gen_random_uuid()::text, %(a)s %% 3 < 2,"
    " (array['work', 'waiting'])[1 + %(a)s %% 3], case when %(b)s %% 4 > 0 then now() end, nullif(%(b)s %% 3, 0)"
    " from sellers where id = 1 + %(a)s %% 2",
    "several begin": "insert into chats (seller_id, external_id, needs_reply, queue, last_at) select id, gen_random_uuid()::text, true, 'waiting', now()"
    " from sellers, generate_series(1, %(a)s) n",
    "they move": "update chats set queue = (array['work', 'waiting'])[1 + %(b)s %% 3], needs_reply = %(b)s %% 3 < 2, snoozed_until = null"
    " where id %% 3 = %(a)s %% 3",
    "they are put off": "update chats set snoozed_until = case when %(b)s %% 2 = 0 then now() end, needs_reply = true,"
    " queue = case when %(b)s %% 2 = 1 then 'work' end where id %% 3 = %(a)s %% 3",
    "they are given away": "update chats set assignee = nullif(%(b)s %% 3, 0) where id %% 2 = %(a)s %% 2",
    "nothing of that": "update chats set preview = 'Где заказ?'",
    "one goes": "delete from chats where id %% 5 = %(a)s %% 5",
    "replies are written": "insert into outbox (seller_id, chat_id, client_id, body) select seller_id, id, gen_random_uuid(), 'Ответ'"
    " from chats where id %% 3 = %(a)s %% 3",
    "they leave": "update outbox set state = 'sending' where state = 'queued' and id %% 2 = %(a)s %% 2",
    "they end": "update outbox set state = (array['sent', 'failed', 'unknown', 'queued'])[1 + %(b)s %% 4] where state = 'sending'",
    "somebody must look": "update outbox set state = 'needs_operator' where state = 'unknown'",
    "they are settled": "update outbox set state = 'confirmed' where state in ('sent', 'needs_operator', 'unknown')",
    "they are taken back": "update outbox set state = 'cancelled' where state in ('queued', 'failed')",
    "something cannot be read": "insert into quarantine (seller_id, digest, raw, reason)"
    " select id, decode(md5(random()::text), 'hex'), '', '' from sellers where id = 1 + %(a)s %% 2",
    "it is read again": "update quarantine set replayed_at = now() where id %% 3 = %(a)s %% 3",
    "it is set aside or not": "update quarantine set dismissed_at = case when %(b)s %% 2 = 0 then now() end where id %% 3 = %(a)s %% 3",
    "it goes": "delete from quarantine where id %% 4 = %(a)s %% 4",
    "a note names colleagues": "insert into notes (seller_id, chat_id, operator_id, body, mentions)"
    " select seller_id, id, 3, 'Гляньте', (array[1, 2])[1:1 + %(b)s %% 2] from chats where id %% 4 = %(a)s %% 4",
    "it names others": "update notes set mentions = (array[1, 2, 4])[1 + %(b)s %% 3:3] where id %% 2 = %(a)s %% 2",
    "they see it": "update mentions set seen_at = now() where operator_id = 1 + %(a)s %% 2 and seen_at is null",
    "the note goes": "delete from notes where id %% 3 = %(a)s %% 3",
    "a seller goes": "delete from sellers where id = 2 and %(a)s = 9",
}
NUMBER = st.integers(0, 9)
BEGUN = [("a conversation begins", n, n) for n in range(8)] + [
    ("something cannot be read", n, n) for n in range(4)
]
BEGUN += [(what, n, n) for what in ("replies are written", "a note names colleagues") for n in range(4)]
"""What every run finds, so that there is something for the rest to happen to."""


def sums(rows: list[tuple[Any, ...]]) -> dict[tuple[int, int], list[int]]:
    """Each seller's and operator's numbers together, without those that are nothing at all."""
    found: dict[tuple[int, int], list[int]] = {}
    for seller, operator, *numbers in rows:
        known = found.setdefault((seller, operator), [0] * len(numbers))
        found[seller, operator] = [one + int(more) for one, more in zip(known, numbers, strict=True)]
    return {whose: numbers for whose, numbers in found.items() if any(numbers)}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=st.lists(st.tuples(st.sampled_from(sorted(HAPPENS)), NUMBER, NUMBER), min_size=5, max_size=25))
def test_they_are_what_counting_says_after_anything(dsn: str, work: list[tuple[str, int, int]]) -> None:
    with psycopg.connect(dsn, options="-c search_path=agentiq,procrastinate") as connection:
        connection.execute(
            "insert into sellers (id, name, marketplace, account_id) overriding system value"
            " select n, '', 'wildberries', n::text from generate_series(1, 2) n"
        )
        for table in ("chats", "outbox", "quarantine", "notes"):
            connection.execute(f"alter table {table} alter id restart")
        for what, a, b in BEGUN + work:
            connection.execute(HAPPENS[what], {"a": a, "b": b})
            assert sums(connection.execute(KEPT).fetchall()) == sums(connection.execute(RECOUNTED).fetchall())
        connection.rollback()


async def kept(scene: Scene) -> tuple[int, ...]:
    overview = await scene.overview()
    return (*(overview.counts[queue] for queue in Queue), overview.snoozed)


async def agree(scene: Scene) -> tuple[int, ...]:
    numbers = await kept(scene)
    assert numbers == tuple((await scene.sql(COUNTED))[0])
    return numbers


async def test_they_follow_a_conversation_through_its_life(scene: Scene) -> None:
    assert await agree(scene) == (0, 0, 0, 0)
    ref = await scene.chat("Подскажите, есть ли размер больше?")
    broken = await scene.chat("Пришла сломанная, требую возврат!")
    assert await agree(scene) == (1, 1, 2, 0)
    await snooze(scene.engine, ref, scene.engine.clock() + timedelta(hours=1))
    assert await agree(scene) == (1, 0, 2, 1)
    await snooze(scene.engine, ref, None)
    await scene.sql("update chats set due_at = now() where id = :id", id=ref.chat_id)
    await escalate(scene.engine)
    assert await agree(scene) == (2, 0, 2, 0)
    scene.types_in_cabinet(ref, ANSWER)
    await scene.pulled()
    await no_reply_needed(scene.engine, broken)
    assert await agree(scene) == (0, 0, 2, 0)
    await scene.sql("delete from sellers")
    assert await agree(scene) == (0, 0, 0, 0)
    assert await scene.sql("select from counters") == []


async def test_they_stay_few_rows_and_hold_when_many_write_at_once(scene: Scene) -> None:
    dsn = scene.engine.store.dsn
    await scene.sql(
        "insert into chats (seller_id, external_id, needs_reply, queue, last_at)"
        " select :seller, 'chat ' || n, true, 'waiting', now() from generate_series(1, 40) n",
        seller=scene.seller_id,
    )

    async def change(first: int) -> None:
        options = "-c search_path=agentiq,procrastinate"
        async with await psycopg.AsyncConnection.connect(dsn, options=options) as connection:
            for step in range(40):
                queue = ("work", "waiting")[step % 2]
                await connection.execute(
                    "update chats set queue = %s, assignee = %s where id in (select id from chats where id %% 4 = %s order by id limit %s)",
                    [queue, step % 3 or None, first, 1 + step % 10],
                )
                await connection.execute(
                    "insert into outbox (seller_id, chat_id, client_id, body) select seller_id, id, gen_random_uuid(), 'Ответ'"
                    " from chats where id %% 4 = %s order by id limit 2",
                    [first],
                )
                await connection.execute(
                    "insert into notes (seller_id, chat_id, operator_id, body, mentions) select seller_id, id, 3, 'Гляньте', '{1, 2}'"
                    " from chats where id %% 4 = %s order by id limit 1",
                    [first],
                )
                # one in five is taken back
                await (connection.rollback() if step % 5 == 4 else connection.commit())

    await asyncio.gather(*(change(first) for first in range(4)))
    await agree(scene)
    assert sums([tuple(row) for row in await scene.sql(KEPT)]) == sums(
        [tuple(row) for row in await scene.sql(RECOUNTED)]
    )
    # of everybody, and of two operators
    for [rows] in await scene.sql("select count(*) from counters group by operator_id"):
        assert rows < 100

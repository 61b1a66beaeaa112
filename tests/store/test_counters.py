"""The queues' numbers are kept and not counted; they are what counting would say, whatever happens to conversations."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg

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
                    "update chats set queue = %s where id in (select id from chats where id %% 4 = %s order by id limit %s)",
                    [queue, first, 1 + step % 10],
                )
                # one in five is taken back
                await (connection.rollback() if step % 5 == 4 else connection.commit())

    await asyncio.gather(*(change(first) for first in range(4)))
    await agree(scene)
    [(rows,)] = await scene.sql("select count(*) from counters")
    assert rows < 100

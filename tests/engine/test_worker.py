"""The worker as a whole: from a buyer's message to a confirmed reply, with nobody calling anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import psycopg
from scene import ANSWER, Scene, eventually, with_settings

from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.jobs import job_app
from agentiq_core.engine.worker import Worker


@asynccontextmanager
async def working(scene: Scene) -> AsyncIterator[asyncio.Task[None]]:
    """A worker at work until the end, asking for news as often as it can."""
    engine = with_settings(scene.engine, poll_seconds=0.2, open_chat_poll_seconds=0.2)
    async with job_app(engine.store).open_async() as app:
        task = asyncio.create_task(Worker(engine, app).run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def suggested(scene: Scene, chats: int) -> bool:
    return (await scene.sql("select count(*) from chats where suggested_for = asked"))[0][0] == chats


async def confirmed(scene: Scene, ref: ChatRef, reply_id: int) -> bool:
    return await scene.state(ref, reply_id) is OutboxState.CONFIRMED


async def test_a_buyer_writes_a_suggestion_appears_and_a_reply_is_confirmed(scene: Scene) -> None:
    external_id = scene.shop.open_chat()
    async with working(scene):
        scene.shop.buyer_says(external_id, "Здравствуйте! Где мой заказ?")
        await eventually(lambda: suggested(scene, 1))
        ref = await scene.ref(external_id)
        reply_id = await scene.reply(ref, ANSWER)
        await eventually(lambda: confirmed(scene, ref, reply_id), within=15)
    assert scene.sent_there(ref) == [ANSWER]
    assert (await scene.shown(ref)).count(ANSWER) == 1


async def test_a_pull_cut_off_by_the_database_is_taken_up_again_by_its_own_worker(scene: Scene) -> None:
    scene.shop.buyer_says(scene.shop.open_chat(), "Здравствуйте! Когда привезут?")
    await scene.sql(
        "update sync_state set worker_id = :me, lease_until = now() + interval '1 hour'",
        me=scene.engine.worker,
    )
    async with working(scene):
        await eventually(lambda: suggested(scene, 1), within=15)


async def test_a_cancelled_worker_stops_within_five_seconds(scene: Scene) -> None:
    await scene.chat()
    async with working(scene) as task:
        await eventually(lambda: suggested(scene, 1))
        begun = monotonic()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert monotonic() - begun < 5.5
    assert await scene.sql("select 1 from outbox where state = 'sending'") == []


async def test_a_worker_outlives_the_loss_of_every_connection(scene: Scene) -> None:
    scene.shop.buyer_says(scene.shop.open_chat(), "Здравствуйте! Когда привезут?")
    async with working(scene) as task:
        await eventually(lambda: suggested(scene, 1), within=15)
        async with await psycopg.AsyncConnection.connect(scene.engine.store.dsn, autocommit=True) as admin:
            lost = await admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            assert lost.rowcount > 2
        external_id = scene.shop.open_chat()
        scene.shop.buyer_says(external_id, "Здравствуйте! Где мой заказ?")
        await eventually(lambda: suggested(scene, 2), within=25)
        assert not task.done()
        ref = await scene.ref(external_id)
        reply_id = await scene.reply(ref, ANSWER)
        await eventually(lambda: confirmed(scene, ref, reply_id), within=25)
    assert scene.sent_there(ref) == [ANSWER]

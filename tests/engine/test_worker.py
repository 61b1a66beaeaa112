"""The worker as a whole: from a buyer's message to a confirmed reply, with nobody calling anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic

import psycopg

from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.jobs import job_app
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.worker import Worker
from agentiq_core.sandbox import FaultKind
from tests.ai.conftest import _no_proxy, host
from tests.ai.model_host import ModelHost
from tests.engine.writers import QUESTION, REPLY, Writers
from tests.scene import ANSWER, Scene, connect, eventually, with_settings

__all__ = ["_no_proxy", "host"]


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


async def test_a_model_writes_as_soon_as_a_buyers_message_landed(
    scene: Scene, host: ModelHost, tmp_path: Path
) -> None:
    writers = await Writers.at(scene, host, tmp_path)
    writers.says()
    external_id = scene.shop.open_chat()
    modelled = replace(scene, engine=writers.engine())
    async with working(modelled):
        scene.shop.buyer_says(external_id, QUESTION)
        await eventually(lambda: suggested(scene, 1))
        ref = await scene.ref(external_id)
        made = await writers.becomes(ref, lambda one: one.source == "model", seconds=15)
    assert made.text == REPLY
    await writers.close()


async def test_deadlines_are_counted_anew_by_whoever_works(scene: Scene) -> None:
    await scene.chat()
    await scene.sql("update chats set due_at = null")
    async with scene.engine.store.transaction() as session:
        await scene.dispatch.recount(scene.seller_id, after=0.0, session=session)

    async def counted() -> bool:
        return not await scene.sql("select 1 from chats where due_at is null")

    async with working(scene):
        await eventually(counted, within=15)


async def test_a_pull_cut_off_by_the_database_is_taken_up_again_by_its_own_worker(scene: Scene) -> None:
    scene.shop.buyer_says(scene.shop.open_chat(), "Здравствуйте! Когда привезут?")
    await scene.sql(
        "update sync_state set worker_id = :me, lease_until = now() + interval '1 hour'",
        me=scene.engine.worker,
    )
    async with working(scene):
        await eventually(lambda: suggested(scene, 1), within=15)


async def test_many_replies_of_one_seller_hold_up_neither_anothers_reply_nor_the_pulls(scene: Scene) -> None:
    lines = Lines(scene.engine.store, scene.engine.vault, budgets=False)
    patient = replace(scene, engine=replace(scene.engine, lines=lines))
    many = [await scene.chat(f"Где мой заказ номер {number}?") for number in range(20)]
    other_shop = scene.sandbox.wildberries.add_seller("Лён")
    other = replace(scene, shop=other_shop, seller_id=await connect(scene.engine, scene.sandbox, other_shop))
    single = await other.chat()
    # each takes as long as a marketplace's limit might make it take: all in a row would need minutes
    scene.goes_wrong("message", FaultKind.SLOW, times=None, delay=5, match={"seller": scene.shop.id})
    for ref in many:
        await scene.reply(ref)
    reply_id = await other.reply(single)
    async with working(patient):
        await eventually(lambda: confirmed(other, single, reply_id))
        left = [ref for ref in many if not scene.sent_there(ref)]
        assert len(left) >= len(many) / 2
        scene.sandbox.faults.clear()
        await eventually(lambda: all_sent(scene, many), within=40)
    assert all(scene.sent_there(ref) == [ANSWER] for ref in many)
    await lines.aclose()


async def all_sent(scene: Scene, refs: list[ChatRef]) -> bool:
    return all(scene.sent_there(ref) for ref in refs)


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

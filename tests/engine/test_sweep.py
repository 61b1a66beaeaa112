"""What time alone does: deadlines near and pass, leases end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from agentiq_core.domain.chats import Priority, Queue
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.sweep import escalate, sweep
from tests.scene import ANSWER, Scene


async def escalated(scene: Scene, now: datetime) -> tuple[int, int]:
    """The minute's check, at this moment."""
    return await escalate(replace(scene.engine, clock=lambda: now))


async def due_at(scene: Scene, ref: ChatRef) -> datetime:
    due = (await scene.conversation(ref)).due_at
    assert due is not None
    return due


async def test_a_conversation_becomes_urgent_half_an_hour_before_its_deadline(scene: Scene) -> None:
    ref = await scene.chat("Здравствуйте! Подскажите, есть ли размер больше?")
    due = await due_at(scene, ref)
    early = await scene.conversation(ref)
    assert early.priority is not Priority.URGENT
    assert await escalated(scene, due - timedelta(minutes=30, seconds=1)) == (0, 0)
    assert await escalated(scene, due - timedelta(minutes=30)) == (1, 0)
    assert (await scene.conversation(ref)).priority is Priority.URGENT
    assert (await scene.overview()).counts[Queue.WORK] == 1
    assert await escalated(scene, due - timedelta(minutes=29)) == (0, 0), "once"


async def test_a_breach_is_noted_once_an_episode(scene: Scene) -> None:
    ref = await scene.chat("Здравствуйте! Подскажите, есть ли размер больше?")
    due = await due_at(scene, ref)
    assert await escalated(scene, due) == (1, 0), "at the deadline it is not broken yet"
    assert await escalated(scene, due + timedelta(seconds=1)) == (0, 1)
    assert await escalated(scene, due + timedelta(days=3)) == (0, 0)
    scene.buyer_says(ref, "Вы ответите?")
    await scene.pulled()
    assert (await escalated(scene, due + timedelta(days=4)))[1] == 0, "the same episode"

    await scene.reply(ref, ANSWER)
    await scene.deliver(ref)
    await scene.pulled()
    assert await escalated(scene, due + timedelta(days=5)) == (0, 0)
    scene.buyer_says(ref, "А цвет какой?")
    await scene.pulled()
    assert (await escalated(scene, due + timedelta(days=6)))[1] == 1, "a new episode"
    assert len(await scene.sql("select 1 from sla_breaches")) == 2


async def test_an_answered_conversation_is_never_escalated(scene: Scene) -> None:
    ref = await scene.chat()
    due = await due_at(scene, ref)
    scene.types_in_cabinet(ref, ANSWER)
    await scene.pulled()
    assert await escalated(scene, due + timedelta(days=1)) == (0, 0)


async def test_a_dead_workers_reply_makes_its_seller_due_at_once(scene: Scene) -> None:
    ref = await scene.chat()
    await scene.reply(ref)
    await scene.sql("update outbox set state = 'sending', attempt = 1, attempted_at = now()")
    await scene.sql("update outbox set lease_until = now() - interval '1 second'")
    assert await scene.due() == []
    await sweep(scene.engine)
    assert await scene.due() == [scene.seller_id]


async def test_work_that_dispatch_forgot_is_found_in_the_business_tables(scene: Scene) -> None:
    ref = await scene.chat()
    await scene.reply(ref)
    await scene.sql("delete from procrastinate_jobs")
    forgotten = await sweep(scene.engine)
    assert forgotten.replies == (ref,)
    assert forgotten.suggestions

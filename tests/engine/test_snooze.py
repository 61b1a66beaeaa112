"""Conversations that are put off: out of the queue, our clock stands, theirs does not, the buyer's word ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agentiq_core.domain.chats import Priority, Queue
from agentiq_core.domain.errors import NotFound, Rejected
from agentiq_core.domain.messages import Channel
from agentiq_core.domain.views import ChatRef, Conversation
from agentiq_core.engine.context import Engine
from agentiq_core.engine.jobs import Dispatch
from agentiq_core.engine.snooze import LONGEST, snooze
from agentiq_core.engine.sweep import escalate
from agentiq_core.sandbox import Sandbox
from tests.scene import ANSWER, Scene, on_stage

HOUR = timedelta(hours=1)


async def waiting(scene: Scene) -> tuple[ChatRef, Conversation, datetime]:
    """A conversation with plenty of time, its deadline, and a moment soon after it began."""
    ref = await scene.chat("Здравствуйте! Подскажите, есть ли размер больше?")
    before = await scene.conversation(ref)
    assert before.waiting_since is not None
    return ref, before, before.waiting_since + timedelta(minutes=10)


def at(engine: Engine, moment: datetime) -> Engine:
    return replace(engine, clock=lambda: moment)


async def queued(scene: Scene) -> tuple[int, int]:
    counts = (await scene.overview()).counts
    return counts[Queue.WORK], counts[Queue.WAITING]


async def test_what_is_put_off_leaves_the_queue_and_comes_back_with_the_time_it_had(scene: Scene) -> None:
    ref, before, now = await waiting(scene)
    until = now + 5 * HOUR
    await snooze(at(scene.engine, now), ref, until)
    away = await scene.conversation(ref)
    assert (await queued(scene), away.snoozed_until) == ((0, 0), until)
    assert away.needs_reply
    assert away.due_at is not None
    assert before.due_at is not None
    assert away.due_at - before.due_at == 5 * HOUR
    await escalate(at(scene.engine, until - timedelta(seconds=1)))
    assert await queued(scene) == (0, 0)
    await escalate(at(scene.engine, until))
    back = await scene.conversation(ref)
    assert (await queued(scene), back.snoozed_until, back.due_at) == ((0, 1), None, away.due_at)
    assert await scene.sql("select 1 from sla_breaches") == []


async def test_what_was_urgent_comes_back_urgent_and_a_deadline_that_passed_is_noted(scene: Scene) -> None:
    ref, before, _ = await waiting(scene)
    assert before.due_at is not None
    late = before.due_at + HOUR
    await snooze(at(scene.engine, late), ref, late + HOUR)
    assert await escalate(at(scene.engine, late + HOUR - timedelta(minutes=1))) == (0, 0)
    assert await escalate(at(scene.engine, late + HOUR)) == (0, 1)
    back = await scene.conversation(ref)
    assert (back.priority, await queued(scene)) == (Priority.URGENT, (1, 0))


async def test_a_new_message_of_the_buyer_ends_it_at_its_own_time(scene: Scene) -> None:
    ref, before, now = await waiting(scene)
    assert before.due_at is not None
    await snooze(at(scene.engine, before.waiting_since or now), ref, now + timedelta(days=2))
    scene.buyer_says(ref, "Вы здесь?")
    await scene.pulled()
    back = await scene.conversation(ref)
    wrote = back.messages[-1].sent_at
    assert (back.snoozed_until, await queued(scene)) == (None, (0, 1))
    assert back.waiting_since == before.waiting_since
    assert before.waiting_since is not None
    assert back.due_at == before.due_at + (wrote - before.waiting_since)


async def test_the_same_messages_read_again_do_not_end_it(scene: Scene) -> None:
    ref, _, now = await waiting(scene)
    await snooze(at(scene.engine, now), ref, now + 5 * HOUR)
    await scene.sql("update sync_state set cursor = null")
    await scene.pulled()
    assert (await scene.conversation(ref)).snoozed_until == now + 5 * HOUR


async def test_an_answer_ends_it_and_the_next_question_has_its_whole_time(scene: Scene) -> None:
    ref, _, _ = await waiting(scene)
    await snooze(scene.engine, ref, scene.engine.clock() + timedelta(days=2))
    scene.types_in_cabinet(ref, ANSWER)
    await scene.pulled()
    answered = await scene.conversation(ref)
    assert (answered.snoozed_until, answered.needs_reply) == (None, False)
    scene.buyer_says(ref, "Спасибо, а какой цвет?")
    await scene.pulled()
    again = await scene.conversation(ref)
    assert again.due_at is not None
    assert again.waiting_since is not None
    assert again.due_at - again.waiting_since <= timedelta(hours=36)


async def test_it_may_be_prolonged_shortened_and_taken_back(scene: Scene) -> None:
    ref, before, now = await waiting(scene)
    assert before.due_at is not None
    await snooze(at(scene.engine, now), ref, now + 9 * HOUR)
    await snooze(at(scene.engine, now + HOUR), ref, now + 3 * HOUR)
    assert (await scene.conversation(ref)).due_at == before.due_at + 3 * HOUR
    await snooze(at(scene.engine, now + 2 * HOUR), ref, None)
    back = await scene.conversation(ref)
    assert (back.due_at, back.snoozed_until) == (before.due_at + 2 * HOUR, None)
    assert await queued(scene) == (0, 1)
    await snooze(at(scene.engine, now + 2 * HOUR), ref, None)


async def test_only_what_waits_is_put_off_and_not_into_the_past_or_for_ever(scene: Scene) -> None:
    ref, _, now = await waiting(scene)
    for until in (now, now - HOUR, now + LONGEST + HOUR):
        with pytest.raises(Rejected, match="60 days"):
            await snooze(at(scene.engine, now), ref, until)
    with pytest.raises(NotFound):
        await snooze(scene.engine, ChatRef(ref.seller_id, 999), scene.engine.clock() + HOUR)
    scene.types_in_cabinet(ref, ANSWER)
    await scene.pulled()
    with pytest.raises(Rejected, match="nobody waits"):
        await snooze(scene.engine, ref, scene.engine.clock() + HOUR)


@pytest.fixture
async def ozon(hasty_engine: Engine, dispatch: Dispatch, sandbox: Sandbox) -> Scene:
    return await on_stage(hasty_engine, dispatch, sandbox, "ozon", Channel.CHAT)


async def test_the_marketplaces_limit_goes_on_and_nobody_puts_off_beyond_it(ozon: Scene) -> None:
    ref, before, now = await waiting(ozon)
    assert before.closes_hard
    assert before.closes_at is not None
    with pytest.raises(Rejected, match="take no reply"):
        await snooze(at(ozon.engine, now), ref, before.closes_at)
    await snooze(at(ozon.engine, now), ref, before.closes_at - HOUR)
    away = await ozon.conversation(ref)
    assert (away.closes_at, away.due_at) == (before.closes_at, before.closes_at)
    await ozon.sql("update chats set snoozed_until = closes_at + interval '1 day'")
    await escalate(at(ozon.engine, before.closes_at))
    over = await ozon.conversation(ref)
    assert (over.needs_reply, over.snoozed_until) == (False, None)

"""The marketplace's clock is minutes off ours: nothing is lost, sent twice, or taken for something else."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import Resolution
from agentiq_core.engine.replies import resolve
from agentiq_core.sandbox import FaultKind, Sandbox
from tests.scene import ANOTHER, ANSWER, EVERY_CONSENT, Scene


@pytest.fixture(params=[-300.0, 300.0], ids=["behind", "ahead"])
def lead(request: pytest.FixtureRequest) -> float:
    """Seconds by which the marketplace's clock is ahead."""
    return float(request.param)


@pytest.fixture
async def sandbox(lead: float) -> AsyncIterator[Sandbox]:
    """A marketplace five minutes behind or ahead of everybody else."""
    async with Sandbox(seed=7, rate_limits=False, clock=lambda: time.time() + lead) as sandbox:
        yield sandbox


async def test_a_reply_whose_answer_was_lost_is_recognized(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.unknown(ref, kind=FaultKind.DROP_AFTER)
    await scene.pulled()
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    assert (await scene.shown(ref)).count(ANSWER) == 1


async def test_a_reply_of_minutes_ago_is_not_taken_for_the_one_that_was_lost(scene: Scene) -> None:
    ref = await scene.chat()
    first = await scene.reply(ref)
    assert await scene.deliver(ref) is OutboxState.SENT
    await scene.pulled()
    # the first one's text and time, as another program of the seller would have sent it
    second = await scene.unknown(ref, kind=FaultKind.DROP_BEFORE)
    await scene.pulled()
    assert await scene.state(ref, first) is OutboxState.CONFIRMED
    assert await scene.state(ref, second) is OutboxState.UNKNOWN
    assert scene.sent_there(ref) == [ANSWER]


async def test_treated_as_sent_it_answers_what_was_asked_before_it_and_not_what_came_after(
    scene: Scene, lead: float
) -> None:
    now_there = datetime.now(UTC) + timedelta(seconds=lead)
    external_id = scene.shop.open_chat()
    scene.shop.buyer_says(external_id, "Здравствуйте! Где мой заказ?", at=now_there - timedelta(minutes=1))
    await scene.pulled()
    ref = await scene.ref(external_id)
    reply_id = await scene.unknown(ref)
    await scene.sql("update outbox set state = 'needs_operator'")
    await resolve(scene.engine, scene.dispatch, ref, reply_id, Resolution.TREAT_AS_SENT)
    assert not (await scene.sql("select needs_reply from chats"))[0][0]
    later = datetime.now(UTC) + timedelta(seconds=lead + 20)
    scene.shop.buyer_says(external_id, "А ещё вопрос: какой размер?", at=later)
    await scene.pulled()
    assert (await scene.sql("select needs_reply from chats"))[0][0]


async def test_a_second_text_behind_the_lost_one_leaves_when_that_is_settled(scene: Scene) -> None:
    ref = await scene.chat()
    await scene.unknown(ref, kind=FaultKind.DROP_AFTER)
    await scene.reply(ref, ANOTHER, consent=EVERY_CONSENT)
    assert await scene.deliver(ref) is None
    await scene.pulled()
    assert await scene.deliver(ref) is OutboxState.SENT
    assert scene.sent_there(ref) == [ANSWER, ANOTHER]

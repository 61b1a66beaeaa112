"""What docs/delivery.md promises holds wherever a reply can be sent: every marketplace, every channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from agentiq_core.connectors.base import Capabilities
from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import Channel
from agentiq_core.domain.outbox import OutboxState, Undelivered, new_client_id
from agentiq_core.domain.views import Resolution
from agentiq_core.engine.context import Engine
from agentiq_core.engine.jobs import Dispatch
from agentiq_core.engine.replies import queue_replies, resolve
from agentiq_core.engine.sweep import sweep
from agentiq_core.sandbox import FaultKind, Sandbox
from tests.scene import ANOTHER, ANSWER, EVERY_CONSENT, Scene, another_worker, on_stage, soon, with_settings

Test = TypeVar("Test", bound=Callable[..., Any])
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
WHERE = [
    (known.id, Channel(channel))
    for known in MARKETPLACES.values()
    for channel, able in known.channels.items()
    if able.can_reply
]


@pytest.fixture
async def scene(
    hasty_engine: Engine, dispatch: Dispatch, sandbox: Sandbox, where: tuple[str, Channel]
) -> Scene:
    return await on_stage(hasty_engine, dispatch, sandbox, *where)


def where_it_can_be(able: Callable[[Capabilities], bool]) -> Callable[[Test], Test]:
    """The test runs in the channels of which this holds."""

    def mark(test: Test) -> Test:
        test.able = able  # type: ignore[attr-defined]
        return test

    return mark


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test runs in every channel in which it can be."""
    if "where" in metafunc.fixturenames:
        able = getattr(metafunc.function, "able", lambda capabilities: True)
        places = [place for place in WHERE if able(MARKETPLACES[place[0]].capabilities(place[1]))]
        metafunc.parametrize("where", places, ids=[" ".join(place) for place in places])


async def test_t1_accepted_but_the_connection_drops_is_confirmed_and_there_once(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.unknown(ref, kind=FaultKind.DROP_AFTER)
    await scene.pulled()
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    assert scene.sent_there(ref) == [ANSWER]
    assert (await scene.shown(ref)).count(ANSWER) == 1
    assert not (await scene.conversation(ref)).needs_reply


async def test_t2_what_never_arrived_goes_to_a_person_after_two_whole_polls(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.sending_goes_wrong(FaultKind.DROP_BEFORE)
    assert await scene.deliver(ref) is OutboxState.UNKNOWN
    hasty = with_settings(scene.engine, unknown_after_seconds=0)
    for _ in range(2):
        await sweep(hasty)
        assert await scene.state(ref, reply_id) is OutboxState.UNKNOWN
        await scene.pulled()
    await sweep(hasty)
    assert await scene.state(ref, reply_id) is OutboxState.NEEDS_OPERATOR
    assert scene.sent_there(ref) == []
    again = (await resolve(scene.engine, scene.dispatch, ref, reply_id, Resolution.SEND_AGAIN)).id
    assert await scene.deliver(ref) is OutboxState.SENT
    await scene.pulled()
    assert await scene.state(ref, again) is OutboxState.CONFIRMED
    assert scene.sent_there(ref) == [ANSWER]


async def test_t3_a_worker_that_dies_between_acceptance_and_commit_leaves_one_message(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.sending_goes_wrong(FaultKind.HANG_AFTER, delay=5)
    attempt = asyncio.create_task(scene.deliver(ref, another_worker(scene.engine)))
    await soon(lambda: scene.sent_there(ref) == [ANSWER])
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)
    await scene.leases_end()
    await sweep(scene.engine)
    assert await scene.state(ref, reply_id) is OutboxState.UNKNOWN
    await scene.pulled()
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    assert scene.sent_there(ref) == [ANSWER]


async def test_t4_and_t5_workers_and_keys_race_and_one_message_is_there(scene: Scene) -> None:
    ref = await scene.chat()
    client_id = uuid4()
    ids = await asyncio.gather(*(scene.reply(ref, client_id=client_id) for _ in range(2)))
    workers = [another_worker(scene.engine) for _ in range(3)]
    await asyncio.gather(*(scene.deliver(ref, worker) for worker in workers))
    await scene.pulled()
    assert await scene.state(ref, ids[0]) is OutboxState.CONFIRMED
    assert scene.sent_there(ref) == [ANSWER]


@where_it_can_be(lambda able: not able.one_answer)
async def test_t6_and_t9_two_identical_texts_pair_up_though_the_first_answer_is_lost(scene: Scene) -> None:
    ref = await scene.chat()
    first = await scene.unknown(ref, kind=FaultKind.DROP_AFTER)
    second = await scene.reply(ref, consent=EVERY_CONSENT)
    assert await scene.deliver(ref) is None, "the second waits until the first is settled"
    await scene.pulled()
    assert await scene.state(ref, first) is OutboxState.CONFIRMED
    assert await scene.deliver(ref) is OutboxState.SENT
    await scene.pulled()
    assert await scene.state(ref, second) is OutboxState.CONFIRMED
    assert scene.sent_there(ref) == [ANSWER, ANSWER]


async def test_t7_too_many_requests_is_sent_once_and_later(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.sending_goes_wrong(FaultKind.RATE_LIMITED, delay=40)
    assert await scene.deliver(ref) is OutboxState.QUEUED
    assert (await scene.view(ref, reply_id)).reason == Undelivered.RATE_LIMITED
    assert await scene.deliver(ref) is None
    await scene.sql("update outbox set not_before = now() where id = :id", id=reply_id)
    assert await scene.deliver(ref) is OutboxState.SENT
    assert scene.sent_there(ref) == [ANSWER]


async def test_t8_an_echo_read_before_the_answer_confirms(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.sending_goes_wrong(FaultKind.HANG_AFTER, delay=0.3)
    attempt = asyncio.create_task(scene.deliver(ref))
    await soon(lambda: scene.sent_there(ref) == [ANSWER])
    await scene.pulled()
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    await attempt
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    assert (await scene.shown(ref)).count(ANSWER) == 1


async def test_t11_a_reply_typed_in_the_cabinet_meanwhile_is_not_taken_for_ours(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.sending_goes_wrong(FaultKind.DROP_BEFORE)
    assert await scene.deliver(ref) is OutboxState.UNKNOWN
    scene.types_in_cabinet(ref, ANOTHER)
    await scene.pulled()
    assert await scene.state(ref, reply_id) is OutboxState.UNKNOWN
    conversation = await scene.conversation(ref)
    assert (conversation.messages[-1].text, conversation.messages[-1].outbox_id) == (ANOTHER, None)
    assert not conversation.needs_reply, "it answers the buyer and stops the clock all the same"


@where_it_can_be(lambda able: bool(able.files.content_types))
async def test_t12_a_text_that_went_is_not_sent_again_with_the_file_that_was_refused(scene: Scene) -> None:
    ref = await scene.chat()
    picture = {1: OutgoingFile("чек.png", "image/png", PNG)}
    seen = (await scene.conversation(ref)).newest
    text, refused = await queue_replies(
        scene.engine, scene.dispatch, ref, ANSWER, picture, client_id=new_client_id(), seen=seen
    )
    operation = scene.roles.send_file or scene.roles.send or ""
    skip = 0 if scene.roles.send_file else 1
    scene.goes_wrong(operation, FaultKind.FILE_REFUSED, market=scene.marketplace, skip=skip)
    assert await scene.deliver(ref) is OutboxState.SENT
    assert await scene.deliver(ref) is OutboxState.FAILED
    assert (await scene.view(ref, refused.id)).reason == Undelivered.FILE_REFUSED
    await scene.pulled()
    assert await scene.state(ref, text.id) is OutboxState.CONFIRMED
    assert scene.sent_there(ref) == [ANSWER], "the text went once"


async def test_an_answer_that_the_marketplace_took_stops_the_clock_and_the_next_word_starts_it(
    scene: Scene,
) -> None:
    ref = await scene.chat("Здравствуйте! Какой размер у коробки?")
    assert (await scene.conversation(ref)).needs_reply
    await scene.reply(ref)
    assert await scene.deliver(ref) is OutboxState.SENT
    await scene.pulled()
    conversation = await scene.conversation(ref)
    assert (conversation.needs_reply, [message.text for message in conversation.messages][-1]) == (
        False,
        ANSWER,
    )
    if scene.channel is Channel.CHAT:
        scene.buyer_says(ref, "А цвет?")
        await scene.pulled()
        assert (await scene.conversation(ref)).needs_reply


async def test_t10_a_review_whose_answer_was_taken_for_a_wrong_id_is_not_shown_as_sent(
    hasty_engine: Engine, dispatch: Dispatch, sandbox: Sandbox
) -> None:
    scene = await on_stage(hasty_engine, dispatch, sandbox, "wildberries", Channel.REVIEW)
    ref = await scene.chat("Кружка треснула через день.")
    reply_id = await scene.reply(ref, consent=EVERY_CONSENT)
    # 204 is answered even for an id that nobody has (WB API, feedbacks/answer)
    scene.sending_goes_wrong(FaultKind.CLOSED)
    assert await scene.deliver(ref) is OutboxState.FAILED
    assert (await scene.view(ref, reply_id)).reason == Undelivered.CHAT_GONE

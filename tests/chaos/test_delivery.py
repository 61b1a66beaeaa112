"""The tests that docs/delivery.md promises: a buyer gets each reply once, and none is silently lost."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import Origin
from agentiq_core.domain.outbox import OutboxState, Undelivered, new_client_id
from agentiq_core.domain.views import ChatRef, Resolution, SellerState
from agentiq_core.engine.replies import queue_replies, resolve, take_back
from agentiq_core.engine.sellers import replace_key
from agentiq_core.engine.sweep import sweep
from agentiq_core.sandbox import FaultKind
from tests.scene import ANSWER, EVERY_CONSENT, Scene, another_worker, eventually, soon, with_settings

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


async def test_t1_accepted_but_the_connection_drops_is_confirmed_and_there_once(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.unknown(ref, kind=FaultKind.DROP_AFTER)
    assert (await scene.view(ref, reply_id)).reason == Undelivered.NO_ANSWER
    await scene.pulled()
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    assert scene.sent_there(ref) == [ANSWER]
    assert (await scene.shown(ref)).count(ANSWER) == 1


async def test_t2_what_never_arrived_goes_to_a_person_after_two_whole_polls(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.unknown(ref)
    hasty = with_settings(scene.engine, unknown_after_seconds=0)
    for polls in (1, 2):
        await sweep(hasty)
        assert await scene.state(ref, reply_id) is OutboxState.UNKNOWN, f"given up after {polls - 1} polls"
        await scene.pulled()
    await sweep(scene.engine)
    assert await scene.state(ref, reply_id) is OutboxState.UNKNOWN, "given up before 90 seconds"
    await sweep(hasty)
    assert await scene.state(ref, reply_id) is OutboxState.NEEDS_OPERATOR
    assert scene.sent_there(ref) == []
    assert (await scene.overview()).need_a_look == 1


async def test_t4_two_workers_race_for_a_reply_and_one_message_is_there(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    workers = [another_worker(scene.engine) for _ in range(4)]
    states = await asyncio.gather(*(scene.deliver(ref, worker) for worker in workers))
    assert sorted(state is None for state in states) == [False, True, True, True]
    await scene.pulled()
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    assert scene.sent_there(ref) == [ANSWER]


async def test_t5_the_same_client_id_twice_is_one_reply(scene: Scene) -> None:
    ref = await scene.chat()
    client_id = uuid4()
    ids = await asyncio.gather(*(scene.reply(ref, client_id=client_id) for _ in range(3)))
    assert len(set(ids)) == 1
    while await scene.deliver(ref) is not None:
        continue
    assert scene.sent_there(ref) == [ANSWER]


async def test_t6_two_identical_texts_pair_up_in_order_though_the_first_answer_is_lost(scene: Scene) -> None:
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
    rows = await scene.sql(
        "select outbox_id from messages where origin = 'api' order by sent_at, external_id"
    )
    assert [row[0] for row in rows] == [first, second]


async def test_t7_a_429_with_a_delay_is_sent_once_and_not_earlier(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.goes_wrong("message", FaultKind.RATE_LIMITED, delay=40)
    assert await scene.deliver(ref) is OutboxState.QUEUED
    assert (await scene.view(ref, reply_id)).reason == Undelivered.RATE_LIMITED
    assert await scene.deliver(ref) is None
    wait = await scene.sql(
        "select extract(epoch from not_before - now()) from outbox where id = :id", id=reply_id
    )
    assert 35 < wait[0][0] <= 40, "the marketplace's own delay decides"
    await scene.sql("update outbox set not_before = now() where id = :id", id=reply_id)
    assert await scene.deliver(ref) is OutboxState.SENT
    assert scene.sent_there(ref) == [ANSWER]


async def test_t8_an_echo_read_before_the_answer_confirms_and_the_late_answer_changes_nothing(
    scene: Scene,
) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.goes_wrong("message", FaultKind.HANG_AFTER, delay=0.2)
    attempt = asyncio.create_task(scene.deliver(ref))
    await soon(lambda: scene.sent_there(ref) == [ANSWER])
    await scene.pulled()
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    assert await attempt is OutboxState.UNKNOWN
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    assert (await scene.shown(ref)).count(ANSWER) == 1


async def test_t9_a_late_echo_of_the_given_up_attempt_is_not_taken_for_the_second_one(scene: Scene) -> None:
    ref = await scene.chat()
    first = await scene.unknown(ref, kind=FaultKind.DROP_AFTER)
    # the marketplace has it, but nobody has read it back when the operator loses patience
    await scene.sql("update outbox set state = 'needs_operator' where id = :id", id=first)
    second = (await resolve(scene.engine, scene.dispatch, ref, first, Resolution.SEND_AGAIN)).id
    scene.goes_wrong("message", FaultKind.DROP_BEFORE)
    assert await scene.deliver(ref) is OutboxState.UNKNOWN
    await scene.pulled()
    assert await scene.state(ref, first) is OutboxState.CONFIRMED
    assert await scene.state(ref, second) is OutboxState.UNKNOWN
    assert scene.sent_there(ref) == [ANSWER]


async def test_t9_sent_again_and_its_answer_lost_too_the_one_echo_is_not_taken_for_the_first(
    scene: Scene,
) -> None:
    ref = await scene.chat()
    first = await scene.unknown(ref)
    await scene.sql("update outbox set state = 'needs_operator'")
    second = (await resolve(scene.engine, scene.dispatch, ref, first, Resolution.SEND_AGAIN)).id
    scene.goes_wrong("message", FaultKind.DROP_AFTER)
    assert await scene.deliver(ref) is OutboxState.UNKNOWN
    await scene.pulled()
    assert await scene.state(ref, second) is OutboxState.CONFIRMED, "a person would send it a third time"
    assert await scene.state(ref, first) is OutboxState.CANCELLED
    assert scene.sent_there(ref) == [ANSWER]


async def test_t11_a_reply_typed_in_the_cabinet_meanwhile_is_not_taken_for_ours(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.unknown(ref)
    scene.types_in_cabinet(ref, ANSWER)
    await scene.pulled()
    assert await scene.state(ref, reply_id) is OutboxState.UNKNOWN
    conversation = await scene.conversation(ref)
    assert [(message.origin, message.outbox_id) for message in conversation.messages][-1] == (
        Origin.CABINET,
        None,
    )
    assert not conversation.needs_reply, "it answers the buyer and stops the clock all the same"


async def test_t12_a_text_that_went_is_not_sent_again_with_the_file_that_was_refused(scene: Scene) -> None:
    ref = await scene.chat()
    picture = {1: OutgoingFile("чек.png", "image/png", PNG)}
    press = {"client_id": new_client_id(), "seen": (await scene.conversation(ref)).newest}
    text, refused = await queue_replies(scene.engine, scene.dispatch, ref, ANSWER, picture, **press)
    assert await queue_replies(scene.engine, scene.dispatch, ref, ANSWER, picture, **press) == (text, refused)
    scene.goes_wrong("message", FaultKind.FILE_REFUSED, skip=1)
    assert await scene.deliver(ref) is OutboxState.SENT
    assert await scene.deliver(ref) is OutboxState.FAILED
    assert (await scene.view(ref, refused.id)).reason == Undelivered.FILE_REFUSED
    back = await take_back(scene.engine, ref, refused.id)
    assert (back.text, back.files) == ("", tuple(picture.values()))
    press = {"client_id": new_client_id(), "seen": (await scene.conversation(ref)).newest}
    (again,) = await queue_replies(scene.engine, scene.dispatch, ref, "", picture, **press)
    assert await scene.deliver(ref) is OutboxState.SENT
    await scene.pulled()
    for reply_id in (text.id, again.id):
        assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    assert scene.sent_there(ref) == [ANSWER, None], "one text, one message that is only a file"


async def test_an_echo_that_comes_late_confirms_when_it_comes(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.goes_wrong("message", FaultKind.SLOW_ECHO, delay=0.5)
    assert await scene.deliver(ref) is OutboxState.SENT
    await scene.pulled()
    assert await scene.state(ref, reply_id) is OutboxState.SENT, "taken, and not yet read back"

    async def confirmed() -> bool:
        await scene.pulled()
        return await scene.state(ref, reply_id) is OutboxState.CONFIRMED

    await eventually(confirmed)
    assert (await scene.shown(ref)).count(ANSWER) == 1


@pytest.mark.parametrize("kind", [FaultKind.UNAUTHORIZED, FaultKind.REVOKED])
async def test_a_key_refused_while_sending_stops_the_seller_and_the_reply_leaves_with_the_next_key(
    scene: Scene, kind: FaultKind
) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.goes_wrong("message", kind)
    assert await scene.deliver(ref) is OutboxState.QUEUED
    assert (await scene.view(ref, reply_id)).reason == Undelivered.KEY_REFUSED
    assert [seller.state for seller in (await scene.overview()).sellers] == [SellerState.STOPPED]
    assert await scene.deliver(ref) is None, "nothing leaves with a key that was refused"
    await replace_key(scene.engine, scene.seller_id, scene.sandbox.wildberries.issue_token(scene.shop))
    assert await scene.deliver(ref) is OutboxState.SENT
    assert scene.sent_there(ref) == [ANSWER]


@pytest.mark.parametrize("kind", [FaultKind.ACCEPT_BUT_ERROR, FaultKind.DROP_AFTER, FaultKind.HANG_AFTER])
async def test_an_accepted_reply_is_confirmed_whatever_became_of_the_answer(
    scene: Scene, kind: FaultKind
) -> None:
    ref = await scene.chat()
    reply_id = await scene.unknown(ref, kind=kind)
    await scene.pulled()
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    assert scene.sent_there(ref) == [ANSWER]


async def test_an_outage_makes_one_unknown_reply_and_the_others_wait(scene: Scene) -> None:
    refs = [await scene.chat(f"Где мой заказ номер {number}?") for number in range(3)]
    first = await scene.unknown(refs[0], kind=FaultKind.SERVER_ERROR)
    others = [(ref, await scene.reply(ref)) for ref in refs[1:]]
    outage = scene.goes_wrong("events", FaultKind.SERVER_ERROR, times=None)
    assert (await scene.pull()).trouble == "server_failed"
    for ref, reply_id in others:
        assert await scene.deliver(ref) is None
        assert await scene.state(ref, reply_id) is OutboxState.QUEUED
    assert (await sweep(scene.engine)).replies == ()
    outage.times = outage.hits
    assert (await scene.pulled()).recovered
    assert set((await sweep(scene.engine)).replies) == set(refs[1:])
    assert [await scene.deliver(ref) for ref, _ in others] == [OutboxState.SENT] * 2
    assert await scene.state(refs[0], first) is OutboxState.UNKNOWN


async def test_t15_the_page_with_one_malformed_event_gives_the_other_49(scene: Scene) -> None:
    external_id = scene.shop.open_chat()
    for number in range(50):
        scene.shop.buyer_says(external_id, f"Сообщение {number}")
    scene.goes_wrong("events", FaultKind.MALFORMED_EVENT)
    report = await scene.pulled()
    assert (report.new, report.unreadable) == (49, 1)
    ref: ChatRef = await scene.ref(external_id)
    assert len((await scene.conversation(ref)).messages) == 49
    overview = await scene.overview()
    assert [seller.quarantined for seller in overview.sellers] == [1]
    rows = await scene.sql("select raw, reason from quarantine")
    assert "Сообщение 25" in rows[0][0] or "текст без конверта" in rows[0][0]
    assert rows[0][1]
    scene.buyer_says(ref, "Вы тут?")
    after = await scene.pulled()
    assert (after.unreadable, (await scene.shown(ref))[-1]) == (0, "Вы тут?"), "the feed is read on behind it"


async def test_a_worker_that_fell_asleep_before_the_first_byte_sends_nothing_when_it_wakes(
    scene: Scene,
) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    asked_for_a_sign = scene.goes_wrong("chats", FaultKind.SLOW, delay=0.25)
    sleeper = asyncio.create_task(scene.deliver(ref))
    await soon(lambda: asked_for_a_sign.hits == 1)
    await scene.leases_end()
    await sweep(another_worker(scene.engine))
    assert await sleeper is None
    assert scene.sent_there(ref) == [], "a person may have sent it again meanwhile"
    assert await scene.state(ref, reply_id) is OutboxState.UNKNOWN

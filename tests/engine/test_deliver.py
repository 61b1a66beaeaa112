"""Sending: what each answer means for a reply, and what must be true before one leaves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pytest

from agentiq_core.connectors.errors import (
    InsecureConnection,
    KeyRefused,
    NoAnswer,
    RateLimited,
    Refused,
    ServerFailed,
    Unintelligible,
    Unreachable,
)
from agentiq_core.domain.errors import AgentIQError, Misconfigured, StoreUnavailable, VaultLocked
from agentiq_core.domain.outbox import OutboxState, Undelivered
from agentiq_core.domain.views import Resolution, SellerState
from agentiq_core.engine.deliver import ATTEMPTS, backoff, outcome_of
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.replies import Consent, queue_reply, resolve
from agentiq_core.engine.sweep import sweep
from agentiq_core.sandbox import Account, FaultKind, Scope
from agentiq_core.store import outbox
from tests.scene import (
    ANOTHER,
    ANSWER,
    EVERY_CONSENT,
    IMPATIENT,
    NO_CONSENT,
    Scene,
    another_worker,
    connect,
    eventually,
    soon,
    with_settings,
)

KINDS_OF_ERROR = [
    (Unreachable("no route"), OutboxState.QUEUED, Undelivered.CONNECT_FAILED),
    (InsecureConnection("bad certificate"), OutboxState.QUEUED, Undelivered.CONNECT_FAILED),
    (RateLimited("429", retry_after=7.0), OutboxState.QUEUED, Undelivered.RATE_LIMITED),
    (StoreUnavailable("no database"), OutboxState.QUEUED, Undelivered.SELLER_UNAVAILABLE),
    (KeyRefused("401"), OutboxState.QUEUED, Undelivered.KEY_REFUSED),
    (
        KeyRefused("402", reason=Undelivered.PAYMENT_REQUIRED),
        OutboxState.QUEUED,
        Undelivered.PAYMENT_REQUIRED,
    ),
    (KeyRefused("403", reason=Undelivered.READ_ONLY_KEY), OutboxState.FAILED, Undelivered.READ_ONLY_KEY),
    (Refused("400", reason=Undelivered.TEXT_REFUSED), OutboxState.FAILED, Undelivered.TEXT_REFUSED),
    (Refused("400", reason=Undelivered.SIGNATURE_REFUSED), OutboxState.FAILED, Undelivered.SIGNATURE_REFUSED),
    (Refused("gone", reason=Undelivered.CHAT_GONE), OutboxState.FAILED, Undelivered.CHAT_GONE),
    (NoAnswer("reset"), OutboxState.UNKNOWN, Undelivered.NO_ANSWER),
    (ServerFailed("502", status=502), OutboxState.UNKNOWN, Undelivered.SERVER_ERROR),
    (TimeoutError(), OutboxState.UNKNOWN, Undelivered.NO_ANSWER),
    (RuntimeError("a bug of ours"), OutboxState.UNKNOWN, Undelivered.NO_ANSWER),
    (VaultLocked("no key here"), OutboxState.QUEUED, Undelivered.SELLER_UNAVAILABLE),
    (Misconfigured("no such address"), OutboxState.FAILED, Undelivered.SELLER_UNAVAILABLE),
]


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    KINDS_OF_ERROR,
    ids=[type(error).__name__ + str(error) for error, *_ in KINDS_OF_ERROR],
)
def test_each_error_decides_the_fate_of_a_reply(
    error: Exception, state: OutboxState, reason: Undelivered
) -> None:
    outcome = outcome_of(error, attempt=1)
    assert (outcome.state, outcome.reason) == (state, reason)


@pytest.mark.parametrize(
    "error", [Unreachable("no route"), RateLimited("429"), StoreUnavailable("no database")]
)
def test_what_surely_did_not_arrive_is_tried_five_times_and_then_given_back(error: AgentIQError) -> None:
    states = [outcome_of(error, attempt).state for attempt in range(1, ATTEMPTS + 1)]
    assert states == [OutboxState.QUEUED] * 4 + [OutboxState.FAILED]


def test_pauses_double_with_jitter_and_the_marketplaces_own_delay_wins() -> None:
    pauses = [backoff(Unreachable("no route"), attempt) for attempt in range(1, 5)]
    for pause, middle in zip(pauses, (1, 2, 4, 8), strict=True):
        assert middle * 0.75 <= pause <= middle * 1.25
    assert backoff(RateLimited("429", retry_after=0.0), 4) == 0.0
    assert backoff(RateLimited("429", retry_after=77.0), 1) == 77.0
    assert backoff(RateLimited("429", retry_after=1e9), 1) == 3600.0
    assert backoff(Unreachable("no route"), 400) == 300.0


def test_an_answer_to_a_read_that_makes_no_sense_is_never_taken_for_a_sent_reply() -> None:
    assert outcome_of(Unintelligible("not JSON"), 1).state is OutboxState.FAILED


async def test_a_reply_is_sent_and_confirmed_by_its_echo(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    assert await scene.deliver(ref) is OutboxState.SENT
    conversation = await scene.conversation(ref)
    assert not conversation.needs_reply, (
        "a reply the marketplace took stops the clock before its echo is read"
    )
    await scene.pulled()
    assert await scene.state(ref, reply_id) is OutboxState.CONFIRMED
    conversation = await scene.conversation(ref)
    assert ([message.text for message in conversation.messages][-1], conversation.replies) == (ANSWER, ())


async def test_sending_is_committed_before_the_first_byte_leaves(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    hanging = scene.goes_wrong("chats", FaultKind.HANG, delay=0.2)
    attempt = asyncio.create_task(scene.deliver(ref))
    await soon(lambda: hanging.hits == 1)
    assert await scene.state(ref, reply_id) is OutboxState.SENDING
    await attempt


async def test_nobody_reachable_makes_five_attempts_and_gives_the_text_back(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.goes_wrong("chats", FaultKind.DROP_BEFORE, times=None)
    for attempt in range(1, ATTEMPTS + 1):
        expected = OutboxState.QUEUED if attempt < ATTEMPTS else OutboxState.FAILED
        assert await scene.deliver(ref) is expected
        assert (await scene.view(ref, reply_id)).attempt == attempt
        assert await scene.deliver(ref) is None, "the next attempt waits"
        await scene.sql("update outbox set not_before = now()")
    assert (await scene.view(ref, reply_id)).reason == Undelivered.CONNECT_FAILED
    assert scene.requests("message") == 0


async def test_waiting_for_a_place_in_the_budget_is_no_attempt(scene: Scene) -> None:
    """A base key sends one reply an hour: the tenth leaves after ten hours instead of being given back after five."""
    shop = scene.sandbox.wildberries.add_seller("Медленный", account=Account.BASE)
    lines = Lines(scene.engine.store, scene.engine.vault, marketplaces=IMPATIENT)
    patient = replace(scene.engine, lines=lines)
    slow = replace(scene, shop=shop, seller_id=await connect(patient, scene.sandbox, shop), engine=patient)
    external_id = shop.open_chat()
    shop.buyer_says(external_id, "Здравствуйте! Где мой заказ?")
    assert (await slow.pull()).new == 1
    ref = await slow.ref(external_id)
    first, second = await slow.reply(ref), await slow.reply(ref, ANOTHER)
    assert await slow.deliver(ref) is OutboxState.SENT
    for _ in range(ATTEMPTS + 3):
        await slow.sql("update outbox set not_before = now() where state = 'queued'")
        assert await slow.deliver(ref) is OutboxState.QUEUED
    waiting = await slow.view(ref, second)
    assert (waiting.attempt, waiting.reason) == (0, Undelivered.RATE_LIMITED)
    left = await slow.sql(
        "select extract(epoch from not_before - now()) from outbox where id = :id", id=second
    )
    assert 3500 < left[0][0] <= 3600, "and it is looked at again when there is a place"
    await slow.sql("update outbox set not_before = now() where state = 'queued'")
    await slow.sql("update budgets set tat = now() - interval '1 second'")
    assert await slow.deliver(ref) is OutboxState.SENT
    assert (await slow.view(ref, first)).state is OutboxState.SENT
    assert slow.sent_there(ref) == [ANSWER, ANOTHER]
    await lines.aclose()


async def test_a_refused_signature_is_taken_anew_once_and_then_the_reply_is_refused(scene: Scene) -> None:
    ref = await scene.chat()
    scene.goes_wrong("message", FaultKind.INVALID_SIGNATURE)
    await scene.reply(ref)
    assert await scene.deliver(ref) is OutboxState.SENT
    scene.goes_wrong("message", FaultKind.INVALID_SIGNATURE, times=2)
    refused = await scene.reply(ref, ANOTHER)
    assert await scene.deliver(ref) is OutboxState.FAILED
    assert (await scene.view(ref, refused)).reason == Undelivered.SIGNATURE_REFUSED
    assert scene.sent_there(ref) == [ANSWER]


async def test_replies_of_a_conversation_leave_in_order_one_at_a_time(scene: Scene) -> None:
    ref = await scene.chat()
    texts = [f"Сообщение номер {number} о вашем заказе." for number in range(4)]
    for said in texts:
        await scene.reply(ref, said)
    workers = [another_worker(scene.engine) for _ in range(3)]
    while any(await asyncio.gather(*(scene.deliver(ref, worker) for worker in workers))):
        continue
    assert scene.sent_there(ref) == texts


async def test_a_reply_behind_an_unknown_one_waits_and_other_conversations_do_not(scene: Scene) -> None:
    stuck, free = await scene.chat(), await scene.chat()
    await scene.unknown(stuck)
    behind = await scene.reply(stuck, ANOTHER)
    await scene.reply(free)
    assert (await sweep(scene.engine)).replies == (free,)
    assert await scene.deliver(stuck) is None
    assert await scene.state(stuck, behind) is OutboxState.QUEUED
    assert await scene.deliver(free) is OutboxState.SENT


async def test_a_reply_waits_for_its_undo_window(scene: Scene) -> None:
    ref = await scene.chat()
    await scene.reply(ref, undo_seconds=60)
    assert await scene.deliver(ref) is None
    assert (await sweep(scene.engine)).replies == ()
    await scene.sql("update outbox set not_before = now()")
    assert await scene.deliver(ref) is OutboxState.SENT


@pytest.mark.parametrize("who", ["the buyer", "a colleague in the cabinet"])
async def test_a_reply_to_a_conversation_that_moved_on_comes_back(scene: Scene, who: str) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    if who == "the buyer":
        scene.buyer_says(ref, "Уже не нужно, спасибо")
    else:
        scene.types_in_cabinet(ref, "Коллега ответил раньше")
    await scene.pulled()
    assert await scene.deliver(ref) is OutboxState.FAILED
    assert (await scene.view(ref, reply_id)).reason == Undelivered.NEW_MESSAGE
    assert scene.sent_there(ref) == []


async def test_the_operator_may_send_anyway(scene: Scene) -> None:
    ref = await scene.chat()
    await scene.reply(ref, consent=Consent(anyway=True))
    scene.buyer_says(ref, "Ау")
    await scene.pulled()
    assert await scene.deliver(ref) is OutboxState.SENT


async def test_an_automatic_message_of_the_marketplace_does_not_hold_a_reply_back(scene: Scene) -> None:
    ref = await scene.chat()
    await scene.reply(ref)
    scene.shop.marketplace_says((await scene.conversation(ref)).external_id, "Оцените покупку")
    await scene.pulled()
    assert await scene.deliver(ref) is OutboxState.SENT


async def test_our_own_earlier_reply_does_not_hold_the_next_one_back(scene: Scene) -> None:
    ref = await scene.chat()
    await scene.reply(ref)
    await scene.reply(ref, ANOTHER)
    assert await scene.deliver(ref) is OutboxState.SENT
    await scene.pulled()
    assert await scene.deliver(ref) is OutboxState.SENT
    assert scene.sent_there(ref) == [ANSWER, ANOTHER]


async def test_a_withdrawn_key_stops_the_seller_and_the_reply_waits_for_another(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.sandbox.wildberries.revoke(scene.shop)
    assert await scene.deliver(ref) is OutboxState.QUEUED
    assert (await scene.view(ref, reply_id)).reason == Undelivered.KEY_REFUSED
    [seller] = (await scene.overview()).sellers
    assert (seller.state, seller.trouble) == (SellerState.STOPPED, "key_refused")
    assert await scene.deliver(ref) is None
    assert (await sweep(scene.engine)).replies == ()


async def test_a_read_only_key_gives_the_text_back_and_goes_on_reading(scene: Scene) -> None:
    token = scene.sandbox.wildberries.issue_token(scene.shop, scopes=[Scope.BUYERS_CHAT], read_only=True)
    await scene.sql(
        "update seller_credentials set ciphertext = :sealed, replaced_at = now()",
        sealed=scene.engine.vault.seal(token),
    )
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    assert await scene.deliver(ref) is OutboxState.FAILED
    assert (await scene.view(ref, reply_id)).reason == Undelivered.READ_ONLY_KEY
    [seller] = (await scene.overview()).sellers
    assert seller.state is SellerState.ACTIVE


async def test_an_attempt_under_way_keeps_its_lease(scene: Scene) -> None:
    ref = await scene.chat()
    await scene.reply(ref)
    hanging = scene.goes_wrong("message", FaultKind.HANG)
    attempt = asyncio.create_task(scene.deliver(ref, with_settings(scene.engine, lease_seconds=0.15)))

    async def lease() -> datetime:
        return (await scene.sql("select lease_until from outbox"))[0][0]

    async def renewed() -> bool:
        return hanging.hits == 1 and await lease() > first

    await soon(lambda: hanging.hits == 1)
    first = await lease()
    await eventually(renewed)
    assert await attempt is OutboxState.UNKNOWN


async def test_a_worker_that_lost_its_lease_cannot_write_over_what_was_decided(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    store = scene.engine.store
    async with store.transaction() as session:
        claimed = await outbox.claim(session, ref, "the silent one", 30)
    assert claimed is not None
    await scene.leases_end()
    await sweep(scene.engine)
    async with store.transaction() as session:
        late = outbox.Outcome(OutboxState.QUEUED, Undelivered.RATE_LIMITED)
        assert not await outbox.finish(session, ref.seller_id, claimed, "the silent one", late)
        assert not await outbox.finish(session, ref.seller_id, claimed, "somebody else", late)
    assert await scene.state(ref, reply_id) is OutboxState.UNKNOWN


async def test_a_reply_sent_again_keeps_its_place_before_those_that_waited_behind_it(scene: Scene) -> None:
    ref = await scene.chat()
    first = await scene.unknown(ref)
    await scene.reply(ref, ANOTHER, consent=EVERY_CONSENT)
    await scene.sql("update outbox set state = 'needs_operator' where id = :id", id=first)
    await resolve(scene.engine, scene.dispatch, ref, first, Resolution.SEND_AGAIN)
    while await scene.deliver(ref) is not None:
        continue
    assert scene.sent_there(ref) == [ANSWER, ANOTHER]


async def test_a_text_of_lone_surrogates_and_nul_is_sent_as_something_that_can_be_sent(scene: Scene) -> None:
    ref = await scene.chat()
    view = await queue_reply(
        scene.engine,
        scene.dispatch,
        ref,
        "Здравствуйте! Посылка \ud83d уже \x00 в пути.",
        client_id=uuid4(),
        seen=(await scene.conversation(ref)).newest,
        consent=NO_CONSENT,
    )
    assert await scene.deliver(ref) is OutboxState.SENT
    await scene.pulled()
    assert await scene.state(ref, view.id) is OutboxState.CONFIRMED

"""An operator's reply on its way into the outbox, and what can be decided about it afterwards."""

from __future__ import annotations

from uuid import uuid4

import pytest

from agentiq_core.domain.chats import ChatStatus
from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.errors import (
    DuplicateReply,
    EmptyReply,
    GuardrailBlocked,
    NotFound,
    Rejected,
    StaleConversation,
    TextTooLong,
)
from agentiq_core.domain.messages import Author
from agentiq_core.domain.outbox import OutboxState, Undelivered
from agentiq_core.domain.views import ChatRef, News, Resolution, TakenBack
from agentiq_core.engine.replies import Consent, no_reply_needed, queue_reply, resolve, take_back, undo
from agentiq_core.engine.sweep import sweep
from agentiq_core.sandbox import FaultKind
from agentiq_core.store import drafts
from tests.scene import ANSWER, EVERY_CONSENT, Scene

PROMISE = "Вернём деньги завтра, обещаем вам это точно."


async def test_the_reply_and_its_job_are_one_transaction(scene: Scene) -> None:
    ref = await scene.chat()
    client_id = uuid4()
    reply_id = await scene.reply(ref, client_id=client_id)
    assert await scene.reply(ref, client_id=client_id) == reply_id
    assert await scene.sql("select count(*) from outbox") == [(1,)]
    jobs = await scene.sql("select task_name, args from procrastinate_jobs")
    assert jobs == [("deliver", {"seller_id": ref.seller_id, "chat_id": ref.chat_id})]


@pytest.mark.parametrize("body", ["", "   ", "\n\t"])
async def test_nothing_cannot_be_sent(scene: Scene, body: str) -> None:
    ref = await scene.chat()
    with pytest.raises(EmptyReply):
        await scene.reply(ref, body, consent=EVERY_CONSENT)


async def test_no_consent_sends_more_than_the_marketplace_takes(scene: Scene) -> None:
    ref = await scene.chat()
    with pytest.raises(TextTooLong) as refused:
        await scene.reply(ref, "я" * 1001, consent=EVERY_CONSENT)
    assert refused.value.params == {"length": 1001, "limit": 1000}
    assert await scene.sql("select count(*) from outbox") == [(0,)]


async def test_a_guardrail_needs_an_explicit_word_which_is_recorded(scene: Scene) -> None:
    ref = await scene.chat()
    with pytest.raises(GuardrailBlocked) as refused:
        await scene.reply(ref, PROMISE)
    assert refused.value.params["rule"] == "promise"
    assert await scene.sql("select count(*) from outbox") == [(0,)]
    reply_id = await scene.reply(ref, PROMISE, consent=Consent(override=True))
    rows = await scene.sql("select overridden, guardrails from outbox where id = :id", id=reply_id)
    assert [violation["rule"] for violation in rows[0][0]] == ["promise"]
    assert rows[0][1], "which version of the rules it was"
    plain = await scene.reply(ref, ANSWER, consent=Consent(override=True))
    assert await scene.sql("select overridden from outbox where id = :id", id=plain) == [(None,)]


async def test_the_same_text_within_ten_minutes_asks_first(scene: Scene) -> None:
    ref, other = await scene.chat(), await scene.chat()
    await scene.reply(ref)
    with pytest.raises(DuplicateReply):
        await scene.reply(ref, "  Здравствуйте!   Уже смотрим,\nгде ваш заказ. ")
    await scene.reply(other)
    await scene.reply(ref, consent=Consent(repeat=True))
    await scene.sql("update outbox set created_at = now() - interval '11 minutes'")
    await scene.reply(ref)


async def test_the_same_text_typed_in_the_cabinet_minutes_ago_asks_too(scene: Scene) -> None:
    ref = await scene.chat()
    scene.types_in_cabinet(ref, ANSWER)
    await scene.pulled()
    with pytest.raises(DuplicateReply):
        await scene.reply(ref)


async def test_a_text_that_was_refused_or_taken_back_is_no_duplicate(scene: Scene) -> None:
    ref = await scene.chat()
    first = await scene.reply(ref)
    assert await undo(scene.engine, ref, first) == TakenBack(ANSWER)
    await scene.reply(ref)
    scene.goes_wrong("message", FaultKind.INVALID_SIGNATURE, times=2)
    assert await scene.deliver(ref) is OutboxState.FAILED
    await scene.reply(ref)


async def test_a_conversation_that_moved_on_asks_before_the_reply_is_queued(scene: Scene) -> None:
    ref = await scene.chat()
    seen = (await scene.conversation(ref)).newest
    scene.buyer_says(ref, "И ещё вопрос")
    await scene.pulled()
    with pytest.raises(StaleConversation):
        await queue_reply(scene.engine, scene.dispatch, ref, ANSWER, client_id=uuid4(), seen=seen)
    await queue_reply(
        scene.engine, scene.dispatch, ref, ANSWER, client_id=uuid4(), seen=seen, consent=Consent(anyway=True)
    )


async def test_what_was_shown_may_be_sent_past_and_nothing_that_came_later(scene: Scene) -> None:
    ref = await scene.chat()
    seen = (await scene.conversation(ref)).newest

    async def send(past: News | None) -> int:
        consent = Consent(past=past)
        return (
            await queue_reply(
                scene.engine, scene.dispatch, ref, ANSWER, client_id=uuid4(), seen=seen, consent=consent
            )
        ).id

    past = None
    for words in ("И ещё вопрос", "Уже не нужно, спасибо"):
        scene.buyer_says(ref, words)
        await scene.pulled()
        with pytest.raises(StaleConversation) as refused:
            await send(past)
        past = refused.value.params["news"]
        assert isinstance(past, News)
        assert past.message is not None
        assert (past.message.text, past.message.author, past.reply) == (words, Author.BUYER, None)
    reply_id = await send(past)
    scene.buyer_says(ref, "Хотя нет, нужно")
    await scene.pulled()
    assert await scene.deliver(ref) is OutboxState.FAILED
    assert (await scene.view(ref, reply_id)).reason == Undelivered.NEW_MESSAGE
    assert scene.sent_there(ref) == []


async def test_a_reply_to_no_conversation_is_not_found(scene: Scene) -> None:
    ref = ChatRef(scene.seller_id, 404)
    with pytest.raises(NotFound):
        await queue_reply(scene.engine, scene.dispatch, ref, ANSWER, client_id=uuid4(), seen=None)


async def test_undo_works_inside_the_window_and_not_after(scene: Scene) -> None:
    ref = await scene.chat()
    taken = await scene.reply(ref, undo_seconds=30)
    assert await undo(scene.engine, ref, taken) == TakenBack(ANSWER)
    assert await scene.state(ref, taken) is OutboxState.CANCELLED
    assert await undo(scene.engine, ref, taken) is None
    gone = await scene.reply(ref)
    await scene.deliver(ref)
    assert await undo(scene.engine, ref, gone) is None
    assert scene.sent_there(ref) == [ANSWER]


async def test_a_refused_reply_gives_its_text_back_once(scene: Scene) -> None:
    ref = await scene.chat()
    reply_id = await scene.reply(ref)
    scene.goes_wrong("message", FaultKind.INVALID_SIGNATURE, times=2)
    await scene.deliver(ref)
    assert await take_back(scene.engine, ref, reply_id) == TakenBack(ANSWER)
    with pytest.raises(Rejected):
        await take_back(scene.engine, ref, reply_id)
    assert ANSWER not in await scene.shown(ref)


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
async def test_a_reply_of_unknown_fate_cannot_be_taken_back(scene: Scene, kind: FaultKind) -> None:
    ref = await scene.chat()
    reply_id = await scene.unknown(ref, kind=kind)
    with pytest.raises(Rejected):
        await take_back(scene.engine, ref, reply_id)
    assert await undo(scene.engine, ref, reply_id) is None


async def stuck(scene: Scene) -> tuple[ChatRef, int]:
    """A conversation with a reply that a person must decide about."""
    ref = await scene.chat()
    reply_id = await scene.unknown(ref)
    await scene.sql("update outbox set state = 'needs_operator' where id = :id", id=reply_id)
    return ref, reply_id


async def test_treated_as_sent_it_stops_the_clock(scene: Scene) -> None:
    ref, reply_id = await stuck(scene)
    view = await resolve(scene.engine, scene.dispatch, ref, reply_id, Resolution.TREAT_AS_SENT)
    assert view.state is OutboxState.SENT
    assert (await scene.conversation(ref)).status is ChatStatus.RESPONDED
    assert scene.sent_there(ref) == []


async def test_sent_again_it_is_a_reply_of_its_own(scene: Scene) -> None:
    ref, reply_id = await stuck(scene)
    again = await resolve(scene.engine, scene.dispatch, ref, reply_id, Resolution.SEND_AGAIN)
    assert again.id != reply_id
    assert await scene.state(ref, reply_id) is OutboxState.CANCELLED
    assert await scene.deliver(ref) is OutboxState.SENT
    assert scene.sent_there(ref) == [ANSWER]


async def test_checked_again_it_is_looked_for_twice_more(scene: Scene) -> None:
    ref, reply_id = await stuck(scene)
    await resolve(scene.engine, scene.dispatch, ref, reply_id, Resolution.CHECK_AGAIN)
    assert await scene.state(ref, reply_id) is OutboxState.UNKNOWN
    await scene.sql("update outbox set attempted_at = now() - interval '5 minutes'")
    for expected in (OutboxState.UNKNOWN, OutboxState.NEEDS_OPERATOR):
        await scene.pulled()
        await sweep(scene.engine)
        assert await scene.state(ref, reply_id) is expected


async def test_a_second_decision_is_refused(scene: Scene) -> None:
    ref, reply_id = await stuck(scene)
    await resolve(scene.engine, scene.dispatch, ref, reply_id, Resolution.TREAT_AS_SENT)
    for choice in Resolution:
        with pytest.raises(Rejected):
            await resolve(scene.engine, scene.dispatch, ref, reply_id, choice)


async def test_no_reply_needed_closes_and_the_next_buyer_message_reopens(scene: Scene) -> None:
    ref = await scene.chat("Спасибо, всё пришло!")
    await no_reply_needed(scene.engine, ref)
    closed = await scene.conversation(ref)
    assert (closed.status, closed.needs_reply, closed.due_at) == (ChatStatus.CLOSED, False, None)
    scene.shop.marketplace_says(closed.external_id, "Оцените покупку")
    await scene.pulled()
    assert (await scene.conversation(ref)).status is ChatStatus.CLOSED
    scene.buyer_says(ref, "Хотя нет, не работает")
    await scene.pulled()
    reopened = await scene.conversation(ref)
    assert (reopened.status, reopened.needs_reply) == (ChatStatus.WAITING, True)
    assert reopened.waiting_since == reopened.messages[-1].sent_at


async def test_a_reply_leaves_what_a_colleague_has_typed_there(scene: Scene) -> None:
    ref = await scene.chat()
    async with scene.engine.store.transaction() as session:
        await drafts.save(session, DraftKey(ref), "Добрый день! Вашу посылку", [])
    await scene.reply(ref)
    assert (await scene.conversation(ref)).draft.text == "Добрый день! Вашу посылку"


async def test_a_queued_reply_drops_the_draft(scene: Scene) -> None:
    ref = await scene.chat()
    async with scene.engine.store.transaction() as session:
        await drafts.save(session, DraftKey(ref), "Здравств", [])
    assert (await scene.conversation(ref)).draft.text == "Здравств"
    await scene.reply(ref, ANSWER)
    assert (await scene.conversation(ref)).draft.text == ""

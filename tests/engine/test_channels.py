"""Reviews, questions and claims beside chats: what each asks for, what belongs together, what the marketplace is told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agentiq_core.connectors import registry
from agentiq_core.connectors.base import ReplyWindow
from agentiq_core.domain.chats import ChatStatus, Priority, Queue
from agentiq_core.domain.errors import NoReplyThere, WindowClosed
from agentiq_core.domain.messages import Channel, IncomingChat, Mark, Product
from agentiq_core.domain.outbox import OutboxState, Undelivered
from agentiq_core.domain.views import ChatRef, FeedRef
from agentiq_core.engine.context import Engine
from agentiq_core.engine.ingest import ingest
from agentiq_core.engine.jobs import Dispatch
from agentiq_core.engine.pull import pull
from agentiq_core.engine.replies import decline, mark_read, no_reply_needed
from agentiq_core.engine.sellers import replace_key
from agentiq_core.engine.sweep import escalate
from agentiq_core.sandbox import FaultKind, Sandbox, Scope
from agentiq_core.store import memory, queues, suggestions, sync
from agentiq_core.store import messages as stored
from tests.scene import ANOTHER, ANSWER, Scene, on_stage


@pytest.fixture
async def scene(hasty_engine: Engine, dispatch: Dispatch, sandbox: Sandbox) -> Scene:
    """A shop of Wildberries with every channel, played in its reviews."""
    return await on_stage(hasty_engine, dispatch, sandbox, "wildberries", Channel.REVIEW)


def of(scene: Scene, channel: Channel) -> Scene:
    """The same shop, another channel."""
    return replace(scene, channel=channel)


def requests(scene: Scene, operation: str) -> int:
    return sum(count for (name, _), count in scene.market.requests.items() if name == operation)


async def test_stars_without_a_word_ask_for_nothing(scene: Scene) -> None:
    silent = scene.shop.leave_review(stars=5)
    spoken = scene.shop.leave_review(stars=5, text="Отличная кружка, пью из неё каждый день")
    await scene.pulled()
    quiet = await scene.conversation(await scene.ref(silent))
    loud = await scene.conversation(await scene.ref(spoken))
    assert (quiet.stars, quiet.needs_reply) == (5, False)
    assert (loud.stars, loud.needs_reply) == (5, True)


async def test_few_stars_want_an_answer_sooner_than_many(scene: Scene) -> None:
    at = datetime(2026, 11, 25, 9, tzinfo=UTC)
    low = scene.shop.leave_review(stars=2, text="Так себе", at=at)
    high = scene.shop.leave_review(stars=5, text="Хорошо", at=at)
    await scene.pulled()
    angry = await scene.conversation(await scene.ref(low))
    happy = await scene.conversation(await scene.ref(high))
    assert (angry.sla_rule, angry.due_at) == ("низкая оценка", at + timedelta(hours=8))
    assert (happy.sla_rule, happy.due_at) == ("остальное", at + timedelta(hours=24))


async def test_the_queue_holds_every_channel_by_what_breaks_first(scene: Scene) -> None:
    now = scene.engine.clock()
    chat = of(scene, Channel.CHAT)
    scene.shop.leave_review(stars=1, text="Сломалась ручка", at=now - timedelta(minutes=2))
    scene.shop.ask_question("Можно мыть в посудомойке?", at=now - timedelta(minutes=1))
    scene.shop.buyer_says(scene.shop.open_chat(), "Кружка пришла разбитая, верните деньги")
    for one in (scene, chat, of(scene, Channel.QUESTION)):
        await one.pulled()
    async with scene.engine.store.transaction() as session:
        rows = [
            row
            for queue in (Queue.WORK, Queue.WAITING)
            for row in (await queues.page(session, queue, None, 10)).rows
        ]
    assert [(row.channel, row.stars) for row in rows] == [("chat", None), ("review", 1), ("question", None)]
    assert rows[0].priority is Priority.URGENT


async def test_a_question_that_needs_no_reply_is_told_to_the_marketplace_once(scene: Scene) -> None:
    question = of(scene, Channel.QUESTION)
    ref = await question.chat("Какой объём?")
    await no_reply_needed(scene.engine, ref)
    assert not (await question.conversation(ref)).needs_reply
    question.goes_wrong(question.roles.send or "", FaultKind.SERVER_ERROR, market="wildberries")
    await question.pulled()
    [(attempts,)] = await scene.sql("select attempts from errands")
    assert attempts == 1, "what failed comes back later"
    await scene.sql("update errands set due_at = now()")
    await question.pulled()
    assert scene.shop.questions[question._external[ref]].viewed
    assert await scene.sql("select * from errands") == []
    told = requests(scene, question.roles.send or "")
    await question.pulled()
    assert requests(scene, question.roles.send or "") == told
    assert not (await question.conversation(ref)).needs_reply


async def test_a_question_on_screen_is_told_to_be_viewed(scene: Scene) -> None:
    question = of(scene, Channel.QUESTION)
    ref = await question.chat("Какой объём?")
    await mark_read(scene.engine, ref)
    await mark_read(scene.engine, ref)
    await question.pulled()
    assert scene.shop.questions[question._external[ref]].viewed
    assert (await question.conversation(ref)).needs_reply, "seen is not answered"


async def test_a_question_is_rejected_and_a_review_cannot_be(scene: Scene) -> None:
    question = of(scene, Channel.QUESTION)
    ref = await question.chat("Продам гараж")
    await decline(scene.engine, scene.dispatch, ref)
    await question.pulled()
    assert scene.shop.questions[question._external[ref]].declined
    assert not (await question.conversation(ref)).needs_reply
    review = await scene.chat("Плохо")
    with pytest.raises(NoReplyThere):
        await decline(scene.engine, scene.dispatch, review)


async def test_a_claim_is_shown_beside_the_chat_of_its_order_and_answered_elsewhere(scene: Scene) -> None:
    chat, claims = of(scene, Channel.CHAT), of(scene, Channel.CLAIM)
    ref = await chat.chat("Ручка отвалилась")
    order = scene.shop.chats[chat._external[ref]].order_id
    claim_id = scene.shop.file_claim("Ручка отвалилась, прошу вернуть деньги", order_id=order)
    await claims.pulled()
    claim = await claims.ref(claim_id)
    [beside] = (await chat.conversation(ref)).related
    assert (beside.ref, beside.channel, beside.maybe) == (claim, "claim", False)
    [back] = (await claims.conversation(claim)).related
    assert back.ref == ref
    assert not (await claims.conversation(claim)).can_reply
    with pytest.raises(NoReplyThere):
        await claims.reply(claim)


async def test_the_same_good_at_the_same_time_only_may_belong_together(scene: Scene) -> None:
    good = scene.shop.goods[0]
    other = scene.shop.goods[1]
    review = scene.shop.leave_review(stars=3, text="Скол на краю", good=good, client_name="Анна")
    near = scene.shop.ask_question("Бывает ли без скола?", good=good)
    scene.shop.ask_question("А крышка есть?", good=other)
    old = scene.engine.clock() - timedelta(days=40)
    scene.shop.ask_question("Какой вес?", good=good, at=old)
    for one in (scene, of(scene, Channel.QUESTION)):
        await one.pulled()
    found = (await scene.conversation(await scene.ref(review))).related
    question = await of(scene, Channel.QUESTION).ref(near)
    assert [(one.ref, one.maybe) for one in found] == [(question, True)]
    await scene.sql("update chats set buyer_name = 'Борис' where id = :id", id=question.chat_id)
    await scene.sql("update chats set buyer_name = 'Анна' where channel = 'review'")
    assert (await scene.conversation(await scene.ref(review))).related == (), "two names are two people"


async def test_the_card_of_a_good_gives_its_name_to_the_conversation(scene: Scene) -> None:
    chat = of(scene, Channel.CHAT)
    ref = await chat.chat("Какая длина?")
    product = (await chat.conversation(ref)).product
    assert product is not None
    assert product.title
    async with scene.engine.store.transaction() as session:
        [known] = await suggestions.context(session, [ref])
    assert product.title in known.card, "what the card says may be stated in a reply"
    assert any(": " in fact for fact in known.card), "its characteristics too"
    asked = requests(scene, "cards")
    chat.buyer_says(ref, "Алло")
    await chat.pulled()
    assert requests(scene, "cards") == asked, "it is known for a week"


async def test_a_channel_without_a_right_waits_alone(scene: Scene) -> None:
    poorer = scene.sandbox.wildberries.issue_token(scene.shop, scopes=[Scope.BUYERS_CHAT])
    await replace_key(scene.engine, scene.seller_id, poorer)
    assert (await scene.pull()).trouble == "channel_closed"
    chat = of(scene, Channel.CHAT)
    ref = await chat.chat()
    await chat.reply(ref)
    assert await chat.deliver(ref) is OutboxState.SENT, "its replies leave although reviews are closed"
    [seller] = (await scene.overview()).sellers
    assert {one.channel: one.trouble for one in seller.channels}["review"] == "channel_closed"
    assert {one.channel: one.trouble for one in seller.channels}["chat"] is None


@pytest.fixture
def two_days(monkeypatch: pytest.MonkeyPatch) -> ReplyWindow:
    """Chats that take no reply two days after the buyer's last word."""
    window = ReplyWindow(timedelta(hours=48), hard=True)
    known = registry.MARKETPLACES["wildberries"]
    chat = replace(known.channels[Channel.CHAT], window=window)
    channels = {**known.channels, Channel.CHAT: chat}
    monkeypatch.setitem(registry.KNOWN, "wildberries", replace(known, channels=channels))
    return window


async def test_a_hard_limit_counts_down_from_the_buyers_last_word(
    scene: Scene, two_days: ReplyWindow
) -> None:
    chat = of(scene, Channel.CHAT)
    now = scene.engine.clock()
    external = scene.shop.open_chat()
    scene.shop.buyer_says(external, "Где заказ?", at=now - timedelta(hours=47))
    await chat.pulled()
    ref = await chat.ref(external)
    first = await chat.conversation(ref)
    assert first.closes_at is not None
    assert first.closes_hard
    assert abs(first.closes_at - (now + timedelta(hours=1))) < timedelta(seconds=1)
    assert first.due_at is not None
    assert first.due_at <= first.closes_at, "whichever runs out first"
    chat.buyer_says(ref, "Вы тут?")
    await chat.pulled()
    second = await chat.conversation(ref)
    assert second.closes_at is not None
    assert second.closes_at > now + timedelta(hours=47)


async def test_behind_a_hard_limit_nothing_is_queued_and_nothing_leaves(
    scene: Scene, two_days: ReplyWindow
) -> None:
    chat = of(scene, Channel.CHAT)
    ref = await chat.chat()
    reply_id = await chat.reply(ref)
    await scene.sql("update chats set closes_at = now() - interval '1 second'")
    with pytest.raises(WindowClosed):
        await chat.reply(ref, ANOTHER)
    assert await chat.deliver(ref) is OutboxState.FAILED
    assert (await chat.view(ref, reply_id)).reason == Undelivered.WINDOW_CLOSED
    assert chat.sent_there(ref) == []


async def test_what_nobody_can_answer_any_more_leaves_the_queue_and_its_breach_is_noted(
    scene: Scene, two_days: ReplyWindow
) -> None:
    chat = of(scene, Channel.CHAT)
    ref = await chat.chat()
    await scene.sql(
        "update chats set closes_at = now() - interval '1 second', due_at = now() - interval '1 hour'"
    )
    await escalate(scene.engine)
    await escalate(scene.engine)
    conversation = await chat.conversation(ref)
    assert (conversation.needs_reply, conversation.status) == (False, ChatStatus.CLOSED)
    assert len(await scene.sql("select * from sla_breaches")) == 1
    chat.buyer_says(ref, "Ау?")
    await chat.pulled()
    assert (await chat.conversation(ref)).needs_reply, "the buyer's next word opens it again"


async def test_an_edited_message_is_shown_as_it_is_now_and_a_deleted_one_asks_no_more(
    hasty_engine: Engine, dispatch: Dispatch, sandbox: Sandbox
) -> None:
    chat = await on_stage(hasty_engine, dispatch, sandbox, "avito", Channel.CHAT)
    ref = await chat.chat("Здравствуйте! Ещё продаёте?")
    assert (await chat.conversation(ref)).needs_reply
    [said] = chat.shop.messages(chat._external[ref])
    chat.shop.deletes(chat._external[ref], said.id)
    await chat.sql("update sync_state set cursor = null")
    await chat.sql("update chats set mark = null")
    await chat.pulled()
    conversation = await chat.conversation(ref)
    assert not conversation.needs_reply
    assert "Ещё продаёте" not in conversation.messages[0].text
    assert conversation.messages[0].edited_at is not None


async def test_what_the_buyer_has_seen_is_told(
    hasty_engine: Engine, dispatch: Dispatch, sandbox: Sandbox
) -> None:
    chat = await on_stage(hasty_engine, dispatch, sandbox, "avito", Channel.CHAT)
    ref = await chat.chat()
    await chat.reply(ref)
    await chat.deliver(ref)
    await chat.pulled()
    assert not (await chat.conversation(ref)).messages[-1].read
    chat.buyer_says(ref, "Спасибо!")
    await chat.pulled()
    mine = [message for message in (await chat.conversation(ref)).messages if message.text == ANSWER]
    assert [message.read for message in mine] == [True], "who answered has read it"


async def test_a_channel_that_ends_its_first_walk_derives_no_conversation_of_another(scene: Scene) -> None:
    scene.shop.fill(chats=20, events=400, until=datetime.now(UTC), span=timedelta(days=5))
    cut_off = await pull(scene.engine, scene.seller_id, turn=2)
    assert cut_off is not None
    assert cut_off.unfinished
    stale = await scene.sql("select id from chats where stale order by id")
    assert stale
    scene.shop.leave_review(stars=1, text="Сломалась")
    await scene.pulled()
    assert await scene.sql("select id from chats where stale order by id") == stale


async def test_an_order_told_without_its_good_leaves_the_good_known(scene: Scene) -> None:
    ref = await scene.chat("Плохо")
    [(external, product)] = await scene.sql("select external_id, product_id from chats")
    assert product
    told = IncomingChat(external, Channel.REVIEW, product=Product(order_id="77"))
    async with scene.engine.store.transaction() as session:
        await stored.store_chats(session, scene.seller_id, [told])
    found = (await scene.conversation(ref)).product
    assert found is not None
    assert (found.external_id, found.order_id) == (product, "77")


async def test_what_somebody_holds_is_neither_marked_nor_closed_and_nobody_waits_for_it(
    scene: Scene, two_days: ReplyWindow
) -> None:
    chat = of(scene, Channel.CHAT)
    held, free = await chat.chat(), await chat.chat()
    await scene.sql("update chats set closes_at = now() - interval '1 second' where channel = 'chat'")
    feed = FeedRef(scene.seller_id, Channel.CHAT)
    names = {ref: chat._external[ref] for ref in (held, free)}
    async with asyncio.timeout(10), scene.engine.store.transaction() as session:
        await stored.lock_chats(session, scene.seller_id, [held.chat_id])
        async with scene.engine.store.transaction() as other:
            await stored.mark_chats(other, feed, [Mark(name, "7") for name in names.values()])
        await escalate(scene.engine)
    assert (await chat.conversation(held)).needs_reply
    assert not (await chat.conversation(free)).needs_reply
    async with scene.engine.store.transaction() as session:
        assert await memory.marks(session, feed, list(names.values())) == {names[free]: "7"}
    await escalate(scene.engine)
    assert not (await chat.conversation(held)).needs_reply, "a minute later it is"


async def test_a_walk_that_was_broken_off_is_as_old_as_its_beginning(scene: Scene) -> None:
    feed = FeedRef(scene.seller_id, Channel.REVIEW)

    async def began() -> datetime:
        async with scene.engine.store.transaction() as session:
            claimed = await sync.claim(session, feed, scene.engine.worker, 60)
        assert claimed is not None
        return claimed.started_at

    first = await began()
    async with scene.engine.store.transaction() as session:
        await sync.postpone(session, feed, scene.engine.worker, 0)
    assert await began() == first, "its cursor is in the middle of that walk"
    async with scene.engine.store.transaction() as session:
        await sync.release(session, feed, scene.engine.worker, poll=30, soon=8)
    assert await began() > first


async def test_a_reply_of_unknown_fate_is_awaited_before_all_others(scene: Scene) -> None:
    given_up, on_screen, unknown = [await scene.chat(said) for said in ("Раз", "Два", "Три")]
    await scene.reply(given_up)
    await scene.sql("update outbox set state = 'sending'")
    await scene.sql("update outbox set state = 'unknown'")
    await scene.sql("update outbox set state = 'needs_operator'")
    await scene.reply(unknown, ANOTHER)
    await scene.sql("update outbox set state = 'sending' where state = 'queued'")
    await scene.sql("update outbox set state = 'unknown' where state = 'sending'")
    feed = FeedRef(scene.seller_id, Channel.REVIEW)
    async with scene.engine.store.transaction() as session:
        assert await memory.watch(session, on_screen, 60) == Channel.REVIEW
        awaited = await memory.awaited(session, feed)
        assert awaited == [scene._external[ref] for ref in (unknown, on_screen, given_up)]
        assert await memory.awaited(session, feed, limit=1) == awaited[:1]
        assert await memory.awaited(session, FeedRef(scene.seller_id, Channel.QUESTION)) == []


async def test_a_conversation_that_is_gone_is_watched_by_nobody(scene: Scene) -> None:
    async with scene.engine.store.transaction() as session:
        assert await memory.watch(session, ChatRef(scene.seller_id, 999_999), 60) is None


async def test_a_marketplace_that_fails_is_asked_for_one_errand_and_the_news_go_on(scene: Scene) -> None:
    question = of(scene, Channel.QUESTION)
    for ref in [await question.chat(said) for said in ("Какой объём?", "Какой вес?")]:
        await no_reply_needed(scene.engine, ref)
    question.goes_wrong(question.roles.send or "", FaultKind.SERVER_ERROR, market="wildberries")
    await question.pulled()
    assert requests(scene, question.roles.send or "") == 1
    await scene.sql("update errands set due_at = now()")
    await question.pulled()
    assert await scene.sql("select * from errands") == []


async def test_an_end_that_is_told_in_the_history_is_derived_behind_it(scene: Scene) -> None:
    ref = await scene.chat("Плохо")
    ended = IncomingChat(scene._external[ref], Channel.REVIEW, closed=True)
    async with scene.engine.store.transaction() as session:
        await ingest(session, scene.seller_id, (), [ended], later=True, now=scene.engine.clock())
    assert await scene.sql("select id from chats where stale") == [(ref.chat_id,)]

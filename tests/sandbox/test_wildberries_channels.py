"""Each channel's line against the sandbox: all that is written there is read once, a reply arrives once, faults are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from agentiq_core.connectors.base import Connector, Credentials
from agentiq_core.connectors.errors import (
    ChannelClosed,
    KeyRefused,
    NoAnswer,
    OutcomeUnknown,
    RateLimited,
    Refused,
    ServerFailed,
)
from agentiq_core.connectors.registry import marketplace
from agentiq_core.connectors.wildberries import shelves
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.messages import Channel, Origin
from agentiq_core.domain.outbox import Undelivered
from agentiq_core.sandbox import Fault, FaultKind, History, Sandbox, SandboxSeller, Scope
from tests.connectors.wildberries_feedbacks import Remembered
from tests.sandbox.sandbox_client import Clock

ANSWERED = (Channel.REVIEW, Channel.QUESTION)
TEXT = "Здравствуйте! Спасибо, что написали."


@pytest.fixture
def clock() -> Clock:
    """The line asks its machine for the time, and the sandbox must agree."""
    clock = Clock()
    clock.now = datetime.now(UTC).timestamp()
    return clock


@asynccontextmanager
async def line(
    sandbox: Sandbox, seller: SandboxSeller, channel: str, memory: Remembered | None = None, token: str = ""
) -> AsyncIterator[Connector]:
    credentials = Credentials(token or seller.token, base_url=f"{sandbox.url}/wildberries")
    opened = marketplace("wildberries").connect(credentials, channel=channel, memory=memory)
    try:
        yield opened
    finally:
        await opened.aclose()


async def settled(connector: Connector, memory: Remembered, cursor: str | None = None) -> str:
    for _ in range(12):
        cursor = await memory.poll(connector, cursor)
    return cursor or ""


def begun(seller: SandboxSeller, channel: Channel, at: datetime | None = None) -> str:
    if channel is Channel.REVIEW:
        return seller.leave_review(stars=2, text="Протекает крышка", at=at)
    if channel is Channel.QUESTION:
        return seller.ask_question("Можно ли мыть в посудомойке?", at=at)
    chat = seller.open_chat()
    seller.buyer_says(chat, "Где заказ?")
    return chat


@pytest.mark.parametrize("channel", ANSWERED)
async def test_all_that_was_ever_written_is_read_once(sandbox, channel, monkeypatch):
    monkeypatch.setattr(shelves, "ALL", 20)
    monkeypatch.setattr(shelves, "NEWEST", 10)
    seller = sandbox.wildberries.add_seller("Со стажем", history=History(reviews=90, questions=90))
    memory = Remembered()
    async with line(sandbox, seller, channel, memory) as connector:
        await settled(connector, memory)
    truth = seller.of_channel(channel)
    assert set(memory.told) == set(truth)
    assert memory.told_messages == len(memory.messages) == sum(len(each.messages) for each in truth.values())
    assert set(await memory.unanswered()) == {each.id for each in seller.waiting(channel)}
    if channel is Channel.REVIEW:
        assert {name: chat.stars for name, chat in memory.told.items()} == {
            each.id: each.stars for each in truth.values()
        }
        assert any(item.message.origin is Origin.RATING for item in memory.messages.values())


@pytest.mark.parametrize("channel", ANSWERED)
async def test_whatever_comes_while_a_walk_is_under_way_is_read_too(
    sandbox, seller, channel, monkeypatch, clock
):
    monkeypatch.setattr(shelves, "ALL", 3)
    monkeypatch.setattr(shelves, "NEWEST", 2)
    begin = datetime.fromtimestamp(clock.now, UTC) - timedelta(hours=1)
    written = [begun(seller, channel, begin + timedelta(minutes=number)) for number in range(10)]
    memory, cursor = Remembered(), None
    async with line(sandbox, seller, channel, memory) as connector:
        for number in range(30):
            page = await connector.page(cursor)
            memory.keep(page)
            cursor = page.cursor
            clock.advance(2)
            if number < 8:
                written.append(begun(seller, channel))
                seller.answers_in_cabinet(written[number], f"ответ {number}")
        # a quarter of an hour later, as the line sees it
        monkeypatch.setattr(shelves, "WHOLE_EVERY", timedelta(0))
        await settled(connector, memory, cursor)
    assert set(memory.told) == set(written)
    assert all(len(memory.texts(name)) == len(seller.messages(name)) for name in written)


@pytest.mark.parametrize("channel", [Channel.CHAT, *ANSWERED])
async def test_a_reply_arrives_once_and_is_read_back(sandbox, seller, channel):
    post, memory = begun(seller, channel), Remembered()
    async with line(sandbox, seller, channel, memory) as connector:
        cursor = await memory.poll(connector, None) if channel in ANSWERED else None
        receipt = await connector.send(post, TEXT)
        memory.waiting_for = (post,)
        for _ in range(3):
            page = await connector.page(cursor)
            memory.keep(page)
            cursor = page.cursor or cursor
    assert [(each.text, each.through_api) for each in seller.messages(post)][1:] == [(TEXT, True)]
    (echo,) = [item.message for item in memory.messages.values() if item.message.text == TEXT]
    assert echo.is_answer
    assert receipt.message_id in (None, echo.external_id)
    assert await memory.unanswered() == []


FAULTS: list[tuple[FaultKind, type[MarketplaceError], int]] = [
    (FaultKind.DROP_BEFORE, NoAnswer, 0),
    (FaultKind.DROP_AFTER, NoAnswer, 1),
    (FaultKind.SERVER_ERROR, ServerFailed, 0),
    (FaultKind.ACCEPT_BUT_ERROR, OutcomeUnknown, 1),
    (FaultKind.RATE_LIMITED, RateLimited, 0),
    (FaultKind.UNAUTHORIZED, KeyRefused, 0),
    (FaultKind.REVOKED, KeyRefused, 0),
    (FaultKind.FORBIDDEN, KeyRefused, 0),
    (FaultKind.CLOSED, Refused, 0),
]


@pytest.mark.parametrize("channel", ANSWERED)
@pytest.mark.parametrize(("kind", "error", "arrived"), FAULTS)
async def test_every_fault_of_sending_is_told_for_what_it_is(sandbox, seller, channel, kind, error, arrived):
    post = begun(seller, channel)
    role = sandbox.wildberries.roles[channel].send
    sandbox.faults.add(Fault(role, kind, delay=7, match={"chat": post}))
    async with line(sandbox, seller, channel) as connector:
        with pytest.raises(error) as caught:
            await connector.send(post, TEXT)
    assert len(seller.api_messages()) == arrived
    if kind is FaultKind.RATE_LIMITED:
        assert caught.value.retry_after == 7
    if kind is FaultKind.CLOSED:
        assert caught.value.reason is Undelivered.CHAT_GONE


@pytest.mark.parametrize("channel", ANSWERED)
async def test_an_answer_that_is_shown_late_was_sent(sandbox, seller, channel, clock):
    post, memory = begun(seller, channel), Remembered()
    sandbox.faults.add(Fault(sandbox.wildberries.roles[channel].send, FaultKind.SLOW_ECHO, delay=30))
    async with line(sandbox, seller, channel, memory) as connector:
        cursor = await memory.poll(connector, None)
        await connector.send(post, TEXT)
        memory.waiting_for = (post,)
        cursor = await memory.poll(connector, cursor)
        assert memory.texts(post)[1:] == []
        clock.advance(30)
        await memory.poll(connector, cursor)
    assert memory.texts(post)[1:] == [TEXT]


@pytest.mark.parametrize("channel", ANSWERED)
async def test_a_reply_typed_in_the_cabinet_meanwhile_is_edited_once_and_never_doubled(
    sandbox, seller, channel
):
    post = begun(seller, channel)
    seller.answers_in_cabinet(post, "Ответ коллеги")
    async with line(sandbox, seller, channel) as connector:
        await connector.send(post, TEXT)
        with pytest.raises(Refused) as caught:
            await connector.send(post, "И ещё раз")
    assert caught.value.reason is Undelivered.ALREADY_ANSWERED
    assert [each.text for each in seller.api_messages()] == [TEXT]


async def test_an_answer_under_moderation_is_one_until_it_is_refused(sandbox, seller, clock):
    seller.behaviour.change({"answer_moderation": 60})
    post, memory = begun(seller, Channel.REVIEW), Remembered()
    async with line(sandbox, seller, Channel.REVIEW, memory) as connector:
        cursor = await memory.poll(connector, None)
        await connector.send(post, TEXT)
        cursor = await memory.poll(connector, cursor)
        assert memory.texts(post)[1:] == [TEXT]
        seller.behaviour.change({"reject_answers": True})
        clock.advance(61)
        memory.waiting_for = (post,)
        await memory.poll(connector, cursor)
    assert memory.texts(post)[-1] == f"Ответ не прошёл проверку Wildberries: {TEXT}"


@pytest.mark.parametrize("channel", [*ANSWERED, Channel.CLAIM])
@pytest.mark.parametrize("kind", [FaultKind.MALFORMED_EVENT, FaultKind.DUPLICATES, FaultKind.GARBAGE_JSON])
async def test_a_page_with_a_flaw_costs_no_other_item(sandbox, seller, channel, kind):
    for _ in range(5):
        seller.file_claim("Не тот цвет") if channel is Channel.CLAIM else begun(seller, channel)
    sandbox.faults.add(Fault(sandbox.wildberries.roles[channel].read[0], kind))
    memory = Remembered()
    async with line(sandbox, seller, channel, memory) as connector:
        if kind is FaultKind.GARBAGE_JSON:
            with pytest.raises(MarketplaceError):
                await connector.page(None)
        page = await connector.page(None)
        memory.keep(page)
    spoilt = 1 if kind is FaultKind.MALFORMED_EVENT else 0
    assert (len(memory.messages), len(page.unreadable)) == (5 - spoilt, spoilt)


async def test_a_question_is_rejected_and_leaves_the_queue(sandbox, seller):
    post, memory = begun(seller, Channel.QUESTION), Remembered()
    async with line(sandbox, seller, Channel.QUESTION, memory) as connector:
        cursor = await memory.poll(connector, None)
        await connector.mark_read(post, post)
        await connector.dismiss(post)
        assert seller.questions[post].viewed
        assert await memory.unanswered() == [post]
        await connector.decline(post)
        await memory.poll(connector, cursor)
    assert await memory.unanswered() == []
    assert len(seller.messages(post)) == 1


async def test_claims_are_read_once_and_their_decisions_too(sandbox, seller, clock):
    memory = Remembered()
    claims = [seller.file_claim(f"Не тот цвет {number}", images=1) for number in range(3)]
    async with line(sandbox, seller, Channel.CLAIM, memory) as connector:
        cursor = await memory.poll(connector, None)
        assert await memory.unanswered() == sorted(claims)
        clock.advance(3600)
        seller.decide_claim(claims[0], "Ждите курьера")
        cursor = await memory.poll(connector, cursor)
        await memory.poll(connector, cursor)
        with pytest.raises(Refused):
            await connector.send(claims[1], TEXT)
    assert await memory.unanswered() == sorted(claims[1:])
    assert memory.told_messages == 3 + 2
    assert memory.texts(claims[0])[-1].endswith("Ответ покупателю: Ждите курьера")
    order = memory.told[claims[0]].product
    assert order is not None
    assert order.order_id == seller.claims[claims[0]].order_id


async def test_goods_have_cards_and_accounts_have_names(sandbox, seller):
    good = seller.goods[0]
    for channel in marketplace("wildberries").channels:
        async with line(sandbox, seller, channel) as connector:
            (card,) = await connector.products([str(good.nm_id)])
            assert (card.title, card.brand) == (good.title, good.brand)
            assert (await connector.account()).account_id == seller.sid


@pytest.mark.parametrize("channel", list(Channel))
async def test_a_key_without_the_category_closes_that_channel_only(sandbox, seller, channel):
    scopes = {Channel.CHAT: Scope.BUYERS_CHAT, Channel.CLAIM: Scope.BUYERS_RETURNS}
    token = sandbox.wildberries.issue_token(seller, scopes=[scopes.get(channel, Scope.FEEDBACKS)])
    report = marketplace("wildberries").inspect_key(Credentials(token), datetime.now(UTC))
    for other in Channel:
        async with line(sandbox, seller, other, token=token) as connector:
            if report.opens(other):
                await connector.page(None)
            else:
                with pytest.raises(ChannelClosed):
                    await connector.page(None)
    assert report.opens(channel)
    assert report.usable


async def test_old_reviews_leave_the_queue_when_wildberries_archives_them(sandbox, seller, clock):
    memory = Remembered()
    old = seller.leave_review(
        stars=2, text="Протекает", at=datetime.fromtimestamp(clock.now, UTC) - timedelta(days=31)
    )
    async with line(sandbox, seller, Channel.REVIEW, memory) as connector:
        await memory.poll(connector, None)
    assert len(memory.texts(old)) == 1
    assert await memory.unanswered() == []

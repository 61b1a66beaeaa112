"""The connectors of Ozon against the sandbox's Ozon over HTTP: all that is written is read once, a reply arrives once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
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
from agentiq_core.connectors.ozon.chats import OzonChats
from agentiq_core.connectors.ozon.line import OzonLine
from agentiq_core.connectors.ozon.questions import OzonQuestions
from agentiq_core.connectors.ozon.reviews import OzonReviews
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import AttachmentKind, Author, Channel, Origin
from agentiq_core.domain.outbox import Undelivered
from agentiq_core.sandbox import Fault, FaultKind, History, Moderation, Photo, Sandbox
from agentiq_core.sandbox.ozon.market import OzonMarket
from agentiq_core.sandbox.ozon.records import Scheme
from agentiq_core.sandbox.ozon.seller import OzonSeller
from agentiq_core.sandbox.ozon.wire import review_text
from tests.connectors.kept import Kept, poll
from tests.connectors.ozon_lines import AnyChannel
from tests.sandbox.sandbox_client import Clock

PNG = OutgoingFile("снимок.png", "image/png", b"\x89PNG\r\n\x1a\n")
CHANNELS = (Channel.CHAT, Channel.REVIEW, Channel.QUESTION)
EVERY = pytest.mark.parametrize("channel", CHANNELS)


@dataclass
class Desk:
    """A seller's lines to a running market, and what was read through them."""

    sandbox: Sandbox
    shop: OzonSeller
    clock: Clock
    kept: dict[Channel, Kept] = field(default_factory=lambda: {each: Kept() for each in CHANNELS})
    cursors: dict[Channel, str | None] = field(default_factory=dict)
    lines: dict[Channel, AnyChannel] = field(default_factory=dict)

    def line(self, channel: Channel, *, history_limit: int = 1000) -> AnyChannel:
        line = OzonLine(
            Credentials(self.shop.token, self.shop.client_id, base_url=f"{self.sandbox.url}/ozon"),
            memory=self.kept[channel],
            clock=lambda: datetime.fromtimestamp(self.clock(), UTC),
        )
        if channel is Channel.CHAT:
            return OzonChats(line, history_limit=history_limit)
        return OzonReviews(line) if channel is Channel.REVIEW else OzonQuestions(line)

    def of(self, channel: Channel) -> AnyChannel:
        if channel not in self.lines:
            self.lines[channel] = self.line(channel)
        return self.lines[channel]

    async def poll(self, channel: Channel, *, whole: bool = False) -> Kept:
        if whole:
            self.clock.advance(15 * 60)
        kept = self.kept[channel]
        self.cursors[channel] = await poll(self.of(channel), kept, self.cursors.get(channel), most=3000)
        return kept

    def begun(self, channel: Channel, text: str = "Где мой заказ?") -> str:
        if channel is Channel.REVIEW:
            return self.shop.leave_review(stars=2, text=text)
        if channel is Channel.QUESTION:
            return self.shop.ask_question(text)
        chat = self.shop.open_chat()
        self.shop.buyer_says(chat, text)
        return chat

    def truth(self, channel: Channel) -> dict[str, list[str]]:
        """The texts of every conversation, as the market has them."""
        told = {}
        for each in self.shop.conversations(channel):
            texts = [message.text or "" for message in each.messages]
            if channel is Channel.REVIEW:
                texts[0] = review_text(each)
            if texts:
                told[each.id] = texts
        return told

    def read(self, channel: Channel) -> dict[str, list[str]]:
        kept = self.kept[channel]
        return {chat: kept.texts(chat) for chat in {chat for chat, _ in kept.messages}}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=clock, rate_limits=False, markets=[OzonMarket]) as running:
        yield running


@pytest.fixture
async def desk(sandbox: Sandbox, clock: Clock) -> AsyncIterator[Desk]:
    desk = Desk(sandbox, sandbox.market("ozon").add_seller("Тихий дом"), clock)
    yield desk
    for line in desk.lines.values():
        await line.aclose()


@pytest.fixture
async def old_desk(sandbox: Sandbox, clock: Clock) -> AsyncIterator[Desk]:
    history = History(chats=25, waiting=8, reviews=130, questions=25)
    desk = Desk(sandbox, sandbox.market("ozon").add_seller("Со стажем", history=history), clock)
    yield desk
    for line in desk.lines.values():
        await line.aclose()


@EVERY
async def test_a_long_past_is_read_whole_and_once(old_desk: Desk, channel: Channel) -> None:
    old_desk.shop.behaviour.change({"chats_on_page": 7, "messages_on_page": 3})
    kept = await old_desk.poll(channel)
    assert old_desk.read(channel) == old_desk.truth(channel)
    assert kept.unreadable == []
    requests = sum(old_desk.sandbox.market("ozon").requests.values())
    await old_desk.poll(channel, whole=True)
    pages = {Channel.CHAT: 4, Channel.REVIEW: 2, Channel.QUESTION: 3}[channel]
    assert sum(old_desk.sandbox.market("ozon").requests.values()) == requests + pages


@EVERY
async def test_every_page_may_be_read_twice_and_by_another_process(old_desk: Desk, channel: Channel) -> None:
    kept, cursor = old_desk.kept[channel], None
    for _ in range(3000):
        again = old_desk.line(channel)
        first = await old_desk.of(channel).page(cursor)
        second = await again.page(cursor)
        await again.aclose()
        assert (first.messages, first.cursor, first.complete) == (
            second.messages,
            second.cursor,
            second.complete,
        )
        kept.keep(first)
        cursor = first.cursor
        if first.complete:
            break
    assert old_desk.read(channel) == old_desk.truth(channel)


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("history_limit", [2, 5, 1000])
async def test_nothing_is_lost_while_buyers_write_during_a_walk(
    old_desk: Desk, inclusive: bool, history_limit: int
) -> None:
    old_desk.shop.behaviour.change({"inclusive": inclusive, "chats_on_page": 5})
    old_desk.lines[Channel.CHAT] = old_desk.line(Channel.CHAT, history_limit=history_limit)
    kept, chats = old_desk.kept[Channel.CHAT], list(old_desk.shop.chats)
    cursor: str | None = None
    for step in range(2000):
        page = await old_desk.of(Channel.CHAT).page(cursor)
        kept.keep(page)
        cursor = page.cursor
        if step < 60:
            old_desk.clock.advance(1)
            old_desk.shop.buyer_says(chats[step * 7 % len(chats)], f"И ещё: {step}")
            if step % 9 == 0:
                old_desk.begun(Channel.CHAT, f"Новый покупатель {step}")
        elif page.complete:
            break
    old_desk.cursors[Channel.CHAT] = cursor
    await old_desk.poll(Channel.CHAT)
    await old_desk.poll(Channel.CHAT, whole=True)
    assert old_desk.read(Channel.CHAT) == old_desk.truth(Channel.CHAT)


@pytest.mark.parametrize("channel", [Channel.REVIEW, Channel.QUESTION])
async def test_feedback_written_during_a_walk_is_read(old_desk: Desk, channel: Channel) -> None:
    cursor: str | None = None
    kept = old_desk.kept[channel]
    for step in range(500):
        page = await old_desk.of(channel).page(cursor)
        kept.keep(page)
        cursor = page.cursor
        if step < 10:
            old_desk.clock.advance(1)
            old_desk.begun(channel, f"Свежее {step}")
        elif page.complete:
            break
    old_desk.cursors[channel] = cursor
    await old_desk.poll(channel)
    assert old_desk.read(channel) == old_desk.truth(channel)


@EVERY
async def test_a_reply_arrives_once_and_is_read_back(desk: Desk, channel: Channel) -> None:
    to = desk.begun(channel)
    await desk.poll(channel)
    receipt = await desk.of(channel).send(to, "Уже проверяем!")
    desk.kept[channel].wanted = [to]
    kept = await desk.poll(channel)
    (ours,) = [message for message in kept.messages.values() if message.author is Author.SELLER]
    assert (ours.text, ours.origin) == ("Уже проверяем!", Origin.UNTOLD)
    assert receipt.message_id == (None if channel is Channel.CHAT else ours.external_id)
    assert [message.text for message in desk.shop.api_messages()] == ["Уже проверяем!"]
    assert desk.shop.duplicates == 0


@EVERY
async def test_a_reply_accepted_and_dropped_is_unknown_and_found_by_reading(
    desk: Desk, channel: Channel
) -> None:
    to = desk.begun(channel)
    roles = desk.sandbox.market("ozon").roles[channel]
    await desk.poll(channel)
    desk.sandbox.faults.add(Fault(roles.send, FaultKind.DROP_AFTER, match={"chat": to}))
    with pytest.raises(NoAnswer):
        await desk.of(channel).send(to, "Уже проверяем!")
    desk.kept[channel].wanted = [to]
    kept = await desk.poll(channel)
    assert kept.texts(to)[-1] == "Уже проверяем!"
    assert len(desk.shop.api_messages()) == 1


Faulty = Callable[[type[Exception]], object]


@EVERY
@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        (Fault("", FaultKind.DROP_BEFORE), NoAnswer, 0),
        (Fault("", FaultKind.SERVER_ERROR, status=502, body="html"), ServerFailed, 0),
        (Fault("", FaultKind.ACCEPT_BUT_ERROR), OutcomeUnknown, 1),
        (Fault("", FaultKind.GARBAGE_JSON), OutcomeUnknown, 1),
        (Fault("", FaultKind.UNAUTHORIZED), KeyRefused, 0),
        (Fault("", FaultKind.REVOKED), KeyRefused, 0),
        (Fault("", FaultKind.FORBIDDEN), ChannelClosed, 0),
        (Fault("", FaultKind.CLOSED), Refused, 0),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Fault) else None,
)
async def test_every_fault_of_sending_is_its_own_error(
    desk: Desk, channel: Channel, fault: Fault, error: type[Exception], arrived: int
) -> None:
    to = desk.begun(channel)
    await desk.poll(channel)
    send = desk.sandbox.market("ozon").roles[channel].send
    desk.sandbox.faults.add(Fault(send, fault.kind, status=fault.status, body=fault.body))
    with pytest.raises(error):
        await desk.of(channel).send(to, "Уже проверяем!")
    assert len(desk.shop.api_messages()) == arrived


@EVERY
@pytest.mark.parametrize(("tells", "delay"), [(True, 7.0), (False, None)])
async def test_a_limited_reply_waits_as_long_as_it_is_told(
    desk: Desk, channel: Channel, tells: bool, delay: float | None
) -> None:
    to = desk.begun(channel)
    await desk.poll(channel)
    desk.shop.behaviour.change({"tells_delay": tells})
    desk.sandbox.faults.add(
        Fault(desk.sandbox.market("ozon").roles[channel].send, FaultKind.RATE_LIMITED, delay=7)
    )
    with pytest.raises(RateLimited) as caught:
        await desk.of(channel).send(to, "Уже проверяем!")
    assert caught.value.retry_after == delay
    await desk.of(channel).send(to, "Уже проверяем!")
    assert len(desk.shop.api_messages()) == 1


@EVERY
async def test_a_slow_echo_is_read_when_it_is_shown(desk: Desk, channel: Channel) -> None:
    to = desk.begun(channel)
    await desk.poll(channel)
    send = desk.sandbox.market("ozon").roles[channel].send
    desk.sandbox.faults.add(Fault(send, FaultKind.SLOW_ECHO, delay=30))
    await desk.of(channel).send(to, "Уже проверяем!")
    desk.kept[channel].wanted = [to]
    assert (await desk.poll(channel)).texts(to) == ["Где мой заказ?"]
    desk.clock.advance(31)
    assert (await desk.poll(channel)).texts(to) == ["Где мой заказ?", "Уже проверяем!"]


@EVERY
async def test_a_reply_typed_in_the_cabinet_is_read_as_an_answer(desk: Desk, channel: Channel) -> None:
    to = desk.begun(channel)
    await desk.poll(channel)
    desk.clock.advance(60)
    desk.shop.types_in_cabinet(to, "Ответил коллега")
    kept = await desk.poll(channel, whole=True)
    (theirs,) = [message for message in kept.messages.values() if message.author is Author.SELLER]
    assert theirs.is_answer
    assert desk.shop.api_messages() == []


@EVERY
async def test_a_spoilt_item_costs_no_other(old_desk: Desk, channel: Channel) -> None:
    roles = old_desk.sandbox.market("ozon").roles[channel]
    read = roles.read[-1] if channel is Channel.CHAT else roles.read[0]
    old_desk.sandbox.faults.add(Fault(read, FaultKind.MALFORMED_EVENT, times=3))
    kept = await old_desk.poll(channel)
    assert kept.unreadable
    assert all(item.channel == channel for item in kept.unreadable)
    total = sum(map(len, old_desk.truth(channel).values()))
    assert sum(map(len, old_desk.read(channel).values())) >= total - 2 * len(kept.unreadable)


async def test_a_message_that_the_list_tells_before_its_history_is_read_later(desk: Desk) -> None:
    chat = desk.begun(Channel.CHAT, "Первое")
    await desk.poll(Channel.CHAT)
    desk.shop.behaviour.change({"history_delay": 20})
    desk.clock.advance(30)
    desk.shop.buyer_says(chat, "Второе")
    assert (await desk.poll(Channel.CHAT)).texts(chat) == ["Первое"]
    desk.clock.advance(30)
    assert (await desk.poll(Channel.CHAT)).texts(chat) == ["Первое", "Второе"]


async def test_an_edited_message_and_a_receipt_are_seen_with_the_next_news(desk: Desk) -> None:
    chat = desk.shop.open_chat()
    first = desk.shop.buyer_says(chat, "Где закас?")
    await desk.poll(Channel.CHAT)
    await desk.of(Channel.CHAT).send(chat, "Едет")
    desk.shop.edits(chat, first.id, "Где заказ?")
    desk.clock.advance(5)
    desk.shop.buyer_says(chat, "Спасибо")
    kept = await desk.poll(Channel.CHAT)
    assert kept.texts(chat) == ["Где заказ?", "Едет", "Спасибо"]
    assert [message.read for message in kept.messages.values() if message.author is Author.SELLER] == [True]


async def test_what_was_read_is_told_to_ozon(desk: Desk) -> None:
    chat = desk.begun(Channel.CHAT)
    kept = await desk.poll(Channel.CHAT)
    ((_, newest),) = kept.messages
    assert desk.shop.chats[chat].seen == 0
    await desk.of(Channel.CHAT).mark_read(chat, newest)
    assert desk.shop.chats[chat].seen == int(newest)


@pytest.mark.parametrize("channel", [Channel.REVIEW, Channel.QUESTION])
async def test_feedback_is_dismissed_and_settled(desk: Desk, channel: Channel) -> None:
    viewed, dismissed = desk.begun(channel, "Первый"), desk.begun(channel, "Второй")
    await desk.poll(channel)
    desk.shop.sees_in_cabinet(viewed)
    await desk.of(channel).dismiss(dismissed)
    kept = await desk.poll(channel, whole=True)
    for chat in (viewed, dismissed):
        assert kept.chats[chat].settled_through == kept.messages[chat, chat].sent_at


async def test_a_comment_that_moderation_refuses_is_a_note_and_no_answer(desk: Desk) -> None:
    review = desk.begun(Channel.REVIEW)
    await desk.poll(Channel.REVIEW)
    desk.shop.reviews[review].refused = "ссылка"
    await desk.of(Channel.REVIEW).send(review, "Пишите на сайт")
    desk.kept[Channel.REVIEW].wanted = [review]
    kept = await desk.poll(Channel.REVIEW)
    (note,) = [message for message in kept.messages.values() if message.external_id.startswith("refused:")]
    assert "ссылка" in note.text
    assert not any(message.is_answer for message in kept.messages.values())


async def test_a_picture_is_shown_to_both_sides(desk: Desk) -> None:
    chat = desk.shop.open_chat()
    desk.shop.buyer_says(chat, "Вот скол", images=1)
    await desk.of(Channel.CHAT).send(chat, "", (PNG,))
    kept = await desk.poll(Channel.CHAT)
    files = [file for message in kept.messages.values() for file in message.attachments]
    assert [file.kind for file in files] == [AttachmentKind.IMAGE] * 2
    contents = [
        (await desk.of(Channel.CHAT).download(file.download_id or "")).content or b"" for file in files
    ]
    assert all(content.startswith(b"\x89PNG") for content in contents)
    assert PNG.content in contents


async def test_a_picture_in_moderation_is_there_later(desk: Desk) -> None:
    chat = desk.shop.open_chat()
    desk.shop.buyer_says(chat, None, images=[Photo(moderation=Moderation.PENDING, wait=60)])
    desk.shop.buyer_says(chat, None, images=[Photo(moderation=Moderation.REFUSED)])
    kept = await desk.poll(Channel.CHAT)
    pending, refused = (message.attachments[0] for message in kept.messages.values())
    if pending.download_id is None:
        pending, refused = refused, pending
    assert refused.download_id is None
    line = desk.of(Channel.CHAT)
    assert (await line.download(pending.download_id or "")).retry_after == 30
    desk.clock.advance(61)
    assert ((await line.download(pending.download_id or "")).content or b"").startswith(b"\x89PNG")


async def test_a_refused_file_leaves_the_text_alone(desk: Desk) -> None:
    chat = desk.begun(Channel.CHAT)
    desk.sandbox.faults.add(Fault("send_file", FaultKind.FILE_REFUSED))
    receipt = await desk.of(Channel.CHAT).send(chat, "Вот", (PNG,))
    assert receipt.file_errors == ("unsupported file format",)
    assert [message.text for message in desk.shop.api_messages()] == ["Вот"]


async def test_a_review_with_pictures_is_read_with_them(desk: Desk) -> None:
    review = desk.shop.leave_review(stars=1, text="Скол", pros="цена", cons="скол на дне", images=2)
    kept = await desk.poll(Channel.REVIEW)
    message = kept.messages[review, review]
    assert message.text == "Скол\nДостоинства: цена\nНедостатки: скол на дне"
    assert len(message.attachments) == 2
    got = await desk.of(Channel.REVIEW).download(message.attachments[0].download_id or "")
    assert (got.content or b"").startswith(b"\x89PNG")


@pytest.mark.parametrize(("scheme", "open_for"), [(Scheme.FBO, None), (Scheme.FBS, 48)])
async def test_the_time_to_write_follows_the_order(desk: Desk, scheme: Scheme, open_for: int | None) -> None:
    desk.shop.scheme = scheme
    chat = desk.begun(Channel.CHAT)
    kept = await desk.poll(Channel.CHAT)
    until = kept.chats[chat].open_until
    if open_for is None:
        assert until is None
    else:
        assert until is not None
        left = until - datetime.fromtimestamp(desk.clock(), UTC)
        assert abs(left - timedelta(hours=open_for)) < timedelta(seconds=1)


async def test_a_late_reply_is_refused_for_being_late(desk: Desk) -> None:
    chat = desk.begun(Channel.CHAT)
    desk.clock.advance(49 * 3600)
    with pytest.raises(Refused) as caught:
        await desk.of(Channel.CHAT).send(chat, "Простите за молчание")
    assert caught.value.reason is Undelivered.WINDOW_CLOSED
    assert desk.shop.api_messages() == []


async def test_a_missing_subscription_closes_one_channel_only(desk: Desk) -> None:
    for channel in CHANNELS:
        desk.begun(channel)
    desk.shop.behaviour.change({"reviews_paid": False})
    with pytest.raises(ChannelClosed):
        await desk.poll(Channel.REVIEW)
    for channel in (Channel.CHAT, Channel.QUESTION):
        await desk.poll(channel)
        assert desk.read(channel) == desk.truth(channel)


async def test_chats_are_read_without_the_subscription_that_writing_needs(desk: Desk) -> None:
    chat = desk.begun(Channel.CHAT)
    desk.shop.behaviour.change({"chats_paid": False})
    await desk.poll(Channel.CHAT)
    assert desk.read(Channel.CHAT) == desk.truth(Channel.CHAT)
    for act in (desk.of(Channel.CHAT).send(chat, "Да"), desk.of(Channel.CHAT).mark_read(chat, "1")):
        with pytest.raises(ChannelClosed):
            await act


async def test_an_open_circuit_and_a_revoked_key_are_told_apart(desk: Desk) -> None:
    desk.shop.behaviour.change({"circuit_open": True})
    with pytest.raises(RateLimited) as caught:
        await desk.poll(Channel.CHAT)
    assert caught.value.retry_after == 180
    desk.shop.behaviour.change({"circuit_open": False})
    desk.sandbox.market("ozon").revoke(desk.shop)
    with pytest.raises(KeyRefused):
        await desk.poll(Channel.CHAT)


async def test_the_account_tells_the_key(sandbox: Sandbox, clock: Clock) -> None:
    roles = [("Чаты", ["/v3/chat/list", "/v3/chat/history", "/v1/chat/send/message"])]
    shop = sandbox.market("ozon").add_seller("Лавка", roles=roles)
    desk = Desk(sandbox, shop, clock)
    report = await desk.of(Channel.CHAT).account()
    assert (report.account_id, report.channels, report.kind) == (shop.client_id, {Channel.CHAT}, "unknown")
    assert report.expires_at is not None
    with pytest.raises(ChannelClosed):
        await desk.poll(Channel.REVIEW)
    for line in desk.lines.values():
        await line.aclose()


async def test_the_cards_of_goods_are_those_of_the_shop(desk: Desk) -> None:
    good = desk.shop.goods[0]
    (card,) = await desk.of(Channel.QUESTION).products([str(good.nm_id), "1"])
    assert (card.external_id, card.title) == (str(good.nm_id), good.title)


def test_a_line_is_a_connector() -> None:
    line: Connector = OzonChats(OzonLine(Credentials("x" * 16, "1")))
    assert line.since(datetime.now(UTC)) is None

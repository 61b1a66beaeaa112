"""The connectors of Avito against the sandbox's Avito over HTTP: all that is written is read once, a reply arrives once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from agentiq_core.connectors.avito.chats import AvitoChats
from agentiq_core.connectors.avito.line import AvitoLine
from agentiq_core.connectors.avito.reviews import AvitoReviews
from agentiq_core.connectors.base import Credentials
from agentiq_core.connectors.errors import (
    ChannelClosed,
    KeyRefused,
    NoAnswer,
    NotDelivered,
    OutcomeUnknown,
    RateLimited,
    Refused,
    ServerFailed,
)
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import AttachmentKind, Author, Channel, Message, Origin
from agentiq_core.domain.outbox import Undelivered
from agentiq_core.sandbox import Fault, FaultKind, History, Photo, Sandbox
from agentiq_core.sandbox.avito.market import AvitoMarket
from agentiq_core.sandbox.avito.seller import AvitoSeller
from agentiq_core.sandbox.avito.wire import review_text
from tests.connectors.avito_lines import Desk
from tests.sandbox.sandbox_client import Clock

PNG = OutgoingFile("снимок.png", "image/png", b"\x89PNG\r\n\x1a\n0")
CHANNELS = (Channel.CHAT, Channel.REVIEW)
EVERY = pytest.mark.parametrize("channel", CHANNELS)
REPLY = "Уже проверяем!"


@dataclass
class Stand:
    """A seller's lines to a running market, and what was read through them."""

    sandbox: Sandbox
    shop: AvitoSeller
    clock: Clock
    desks: dict[Channel, Desk] = field(default_factory=lambda: {each: Desk() for each in CHANNELS})
    lines: dict[Channel, AvitoChats | AvitoReviews] = field(default_factory=dict)

    @property
    def market(self) -> AvitoMarket:
        return self.sandbox.market("avito")

    def line(self, channel: Channel, account_id: str | None = None) -> AvitoChats | AvitoReviews:
        """A line as another process would open it, but for the token."""
        url = f"{self.sandbox.url}/avito"
        line = AvitoLine(
            Credentials(self.shop.token, self.shop.client_id, base_url=url, account_id=account_id),
            memory=self.desks[channel],
            clock=lambda: datetime.fromtimestamp(self.clock(), UTC),
        )
        return AvitoReviews(line) if channel is Channel.REVIEW else AvitoChats(line)

    def of(self, channel: Channel) -> AvitoChats | AvitoReviews:
        if channel not in self.lines:
            self.lines[channel] = self.line(channel)
        return self.lines[channel]

    async def poll(self, channel: Channel, *, whole: bool = False) -> Desk:
        if whole:
            self.clock.advance(3600)
        await self.desks[channel].poll(self.of(channel), 3000)
        return self.desks[channel]

    def begun(self, channel: Channel, text: str = "Где мой заказ?") -> str:
        if channel is Channel.REVIEW:
            return self.shop.leave_review(stars=2, text=text)
        chat = self.shop.open_chat()
        self.shop.buyer_says(chat, text)
        return chat

    def send_fault(self, channel: Channel, kind: FaultKind, **of_fault: object) -> Fault:
        return self.sandbox.faults.add(
            Fault(self.market.roles[channel].send, kind, market="avito", **of_fault)
        )

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
        desk = self.desks[channel]
        return {chat: desk.texts(chat) for chat in {chat for chat, _ in desk.messages}}

    def ours(self, channel: Channel) -> list[Message]:
        """The messages of the seller's that were read."""
        told = [item.message for item in self.desks[channel].messages.values()]
        return [message for message in told if message.author is Author.SELLER]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=clock, rate_limits=False, markets=[AvitoMarket]) as running:
        yield running


@pytest.fixture
async def stand(sandbox: Sandbox, clock: Clock) -> AsyncIterator[Stand]:
    stand = Stand(sandbox, sandbox.market("avito").add_seller("Детская комната"), clock)
    yield stand
    for line in stand.lines.values():
        await line.aclose()


@pytest.fixture
async def old_stand(sandbox: Sandbox, clock: Clock) -> AsyncIterator[Stand]:
    history = History(chats=120, waiting=30, reviews=130)
    stand = Stand(sandbox, sandbox.market("avito").add_seller("Со стажем", history=history), clock)
    yield stand
    for line in stand.lines.values():
        await line.aclose()


@EVERY
@pytest.mark.parametrize("newest_first", [True, False])
async def test_a_long_past_is_read_whole_and_once(old_stand: Stand, channel: Channel, newest_first: bool):
    old_stand.shop.behaviour.change({"newest_first": newest_first, "wrapped": not newest_first})
    desk = await old_stand.poll(channel)
    assert old_stand.read(channel) == old_stand.truth(channel)
    assert desk.unreadable == []
    asked = sum(old_stand.market.requests.values())
    await old_stand.poll(channel, whole=True)
    # two pages of chats and the empty one behind them; three of reviews with the overlap
    assert sum(old_stand.market.requests.values()) == asked + 3


@EVERY
async def test_every_page_may_be_read_twice_and_by_another_process(old_stand: Stand, channel: Channel):
    desk = old_stand.desks[channel]
    for _ in range(3000):
        again = old_stand.line(channel)
        first = await old_stand.of(channel).page(desk.cursor)
        assert await again.page(desk.cursor) == first
        await again.aclose()
        desk.keep(first)
        if first.complete:
            break
    assert old_stand.read(channel) == old_stand.truth(channel)


@EVERY
async def test_nothing_is_lost_while_buyers_write_during_a_walk(old_stand: Stand, channel: Channel):
    desk, chats = old_stand.desks[channel], list(old_stand.shop.chats)
    for step in range(2000):
        page = await old_stand.of(channel).page(desk.cursor)
        desk.keep(page)
        if step < 60:
            old_stand.clock.advance(1)
            if channel is Channel.CHAT:
                old_stand.shop.buyer_says(chats[step * 7 % len(chats)], f"И ещё: {step}")
            if step % 9 == 0:
                old_stand.begun(channel, f"Новое {step}")
        elif page.complete:
            break
    await old_stand.poll(channel)
    await old_stand.poll(channel, whole=True)
    assert old_stand.read(channel) == old_stand.truth(channel)


@EVERY
async def test_a_reply_arrives_once_and_is_read_back_under_its_receipt(stand: Stand, channel: Channel):
    to = stand.begun(channel)
    await stand.poll(channel)
    receipt = await stand.of(channel).send(to, REPLY)
    await stand.poll(channel)
    (ours,) = stand.ours(channel)
    assert (ours.text, ours.origin) == (REPLY, Origin.UNTOLD)
    assert (receipt.message_id, receipt.accepted_at) == (ours.external_id, ours.sent_at)
    assert [message.text for message in stand.shop.api_messages()] == [REPLY]
    assert stand.shop.duplicates == 0


@EVERY
async def test_a_reply_accepted_and_dropped_is_unknown_and_found_by_reading(stand: Stand, channel: Channel):
    to = stand.begun(channel)
    await stand.poll(channel)
    stand.send_fault(channel, FaultKind.DROP_AFTER, match={"chat": to, "text": "проверяем"})
    with pytest.raises(NoAnswer):
        await stand.of(channel).send(to, REPLY)
    stand.desks[channel].waits = [to]
    assert (await stand.poll(channel)).texts(to)[-1] == REPLY
    assert len(stand.shop.api_messages()) == 1


@EVERY
@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        (Fault("", FaultKind.DROP_BEFORE), NoAnswer, 0),
        (Fault("", FaultKind.SERVER_ERROR, status=502, body="html"), ServerFailed, 0),
        (Fault("", FaultKind.ACCEPT_BUT_ERROR), OutcomeUnknown, 1),
        (Fault("", FaultKind.GARBAGE_JSON), OutcomeUnknown, 1),
        (Fault("", FaultKind.UNAUTHORIZED, times=2), KeyRefused, 0),
        (Fault("", FaultKind.REVOKED, times=2), ChannelClosed, 0),
        (Fault("", FaultKind.FORBIDDEN), ChannelClosed, 0),
        (Fault("", FaultKind.CLOSED), Refused, 0),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Fault) else None,
)
async def test_every_fault_of_sending_is_its_own_error(
    stand: Stand, channel: Channel, fault: Fault, error: type[Exception], arrived: int
):
    to = stand.begun(channel)
    await stand.poll(channel)
    stand.send_fault(channel, fault.kind, status=fault.status, body=fault.body, times=fault.times)
    with pytest.raises(error):
        await stand.of(channel).send(to, REPLY)
    assert len(stand.shop.api_messages()) == arrived


@EVERY
@pytest.mark.parametrize("kind", [FaultKind.UNAUTHORIZED, FaultKind.REVOKED])
async def test_a_refusal_of_the_token_costs_a_new_one_and_no_reply(
    stand: Stand, channel: Channel, kind: FaultKind
):
    to = stand.begun(channel)
    await stand.poll(channel)
    stand.clock.advance(600)
    stand.send_fault(channel, kind)
    await stand.of(channel).send(to, REPLY)
    assert len(stand.shop.api_messages()) == 1
    assert stand.market.requests["token", "200"] == 2


@EVERY
@pytest.mark.parametrize("status", [401, 403])
async def test_a_token_that_ended_is_replaced_without_a_word(stand: Stand, channel: Channel, status: int):
    stand.shop.behaviour.change({"ended_status": status})
    to = stand.begun(channel)
    await stand.poll(channel)
    stand.clock.advance(600)
    stand.market.end_tokens(stand.shop)
    stand.clock.advance(1)
    await stand.of(channel).send(to, REPLY)
    await stand.poll(channel)
    assert stand.read(channel) == stand.truth(channel)


@EVERY
@pytest.mark.parametrize(("tells", "delay"), [(True, 7.0), (False, 60.0)])
async def test_a_limited_reply_waits_as_long_as_it_is_told(
    stand: Stand, channel: Channel, tells: bool, delay: float
):
    to = stand.begun(channel)
    await stand.poll(channel)
    stand.shop.behaviour.change({"tells_delay": tells})
    stand.send_fault(channel, FaultKind.RATE_LIMITED, delay=7)
    with pytest.raises(RateLimited) as caught:
        await stand.of(channel).send(to, REPLY)
    assert caught.value.retry_after == delay
    await stand.of(channel).send(to, REPLY)
    assert len(stand.shop.api_messages()) == 1


@EVERY
async def test_a_slow_echo_is_read_when_it_is_shown(stand: Stand, channel: Channel):
    to = stand.begun(channel)
    await stand.poll(channel)
    stand.send_fault(channel, FaultKind.SLOW_ECHO, delay=30)
    await stand.of(channel).send(to, REPLY)
    stand.desks[channel].waits = [to]
    assert (await stand.poll(channel)).texts(to) == ["Где мой заказ?"]
    stand.clock.advance(31)
    assert (await stand.poll(channel)).texts(to) == ["Где мой заказ?", REPLY]


@EVERY
async def test_a_reply_typed_in_the_cabinet_is_read_as_an_answer(stand: Stand, channel: Channel):
    to = stand.begun(channel)
    await stand.poll(channel)
    stand.clock.advance(60)
    stand.shop.types_in_cabinet(to, "Ответил коллега")
    await stand.poll(channel)
    (theirs,) = stand.ours(channel)
    assert theirs.is_answer
    assert stand.shop.api_messages() == []


@EVERY
async def test_a_spoilt_item_costs_no_other(old_stand: Stand, channel: Channel):
    for operation in old_stand.market.roles[channel].read:
        old_stand.sandbox.faults.add(Fault(operation, FaultKind.MALFORMED_EVENT))
    desk = await old_stand.poll(channel)
    assert desk.unreadable
    assert all(item.channel == channel for item in desk.unreadable)
    await old_stand.poll(channel, whole=True)
    missing = {
        chat: told
        for chat, told in old_stand.truth(channel).items()
        if old_stand.read(channel).get(chat) != told
    }
    assert len(missing) <= 1


@EVERY
@pytest.mark.parametrize("kind", [FaultKind.DUPLICATES, FaultKind.SLOW])
async def test_what_comes_twice_or_late_counts_once(old_stand: Stand, channel: Channel, kind: FaultKind):
    for operation in old_stand.market.roles[channel].read:
        old_stand.sandbox.faults.add(Fault(operation, kind, times=5, delay=0.01))
    await old_stand.poll(channel)
    assert old_stand.read(channel) == old_stand.truth(channel)


async def test_an_empty_list_of_chats_loses_nothing(old_stand: Stand):
    old_stand.sandbox.faults.add(Fault("chat_list", FaultKind.EMPTY_CHATS))
    await old_stand.poll(Channel.CHAT)
    await old_stand.poll(Channel.CHAT, whole=True)
    assert old_stand.read(Channel.CHAT) == old_stand.truth(Channel.CHAT)


async def test_a_history_behind_the_list_is_read_when_it_has_caught_up(stand: Stand):
    chat = stand.begun(Channel.CHAT, "Первое")
    await stand.poll(Channel.CHAT)
    stand.shop.behaviour.change({"history_delay": 20})
    stand.clock.advance(30)
    stand.shop.buyer_says(chat, "Второе")
    stand.shop.buyer_says(chat, "Третье")
    assert (await stand.poll(Channel.CHAT)).texts(chat) == ["Первое", "Третье"]
    stand.clock.advance(30)
    assert (await stand.poll(Channel.CHAT)).texts(chat) == ["Первое", "Второе", "Третье"]


async def test_a_chat_that_was_opened_on_a_telephone_is_still_news(stand: Stand):
    chat = stand.begun(Channel.CHAT, "Первое")
    await stand.poll(Channel.CHAT)
    stand.shop.buyer_says(chat, "Второе")
    stand.shop.sees_in_cabinet(chat)
    assert (await stand.poll(Channel.CHAT)).texts(chat) == ["Первое", "Второе"]


async def test_what_was_read_is_told_to_avito(stand: Stand):
    chat = stand.begun(Channel.CHAT)
    await stand.poll(Channel.CHAT)
    assert stand.shop.chats[chat].seen == 0
    await stand.of(Channel.CHAT).mark_read(chat, "any")
    assert stand.shop.chats[chat].seen == stand.shop.chats[chat].messages[-1].time


async def test_receipts_deletions_and_auto_replies_are_seen(stand: Stand):
    chat = stand.shop.open_chat(greeting="Здравствуйте! Ответим в рабочее время.")
    wrong = stand.shop.buyer_says(chat, "Не туда")
    await stand.poll(Channel.CHAT)
    await stand.of(Channel.CHAT).send(chat, "Едет")
    stand.shop.deletes(chat, wrong.id)
    stand.clock.advance(5)
    stand.shop.buyer_says(chat, "Спасибо")
    desk = await stand.poll(Channel.CHAT)
    assert desk.texts(chat) == [
        "Здравствуйте! Ответим в рабочее время.",
        "Сообщение удалено",
        "Едет",
        "Спасибо",
    ]
    (ours,) = stand.ours(Channel.CHAT)
    assert ours.read
    greeting = min((item.message for item in desk.messages.values()), key=lambda one: one.order)
    assert (greeting.author, greeting.origin) == (Author.MARKETPLACE, Origin.AUTOMATIC)


async def test_pictures_go_both_ways_and_voices_come(stand: Stand):
    chat = stand.shop.open_chat()
    stand.shop.buyer_says(chat, "Вот скол", images=1)
    stand.shop.buyer_says(chat, None, images=[Photo(content_type="audio/mp4", name="v.mp4")])
    await stand.of(Channel.CHAT).send(chat, "", (PNG,))
    desk = await stand.poll(Channel.CHAT)
    files = [file for item in desk.messages.values() for file in item.message.attachments]
    assert sorted(file.kind for file in files) == [
        AttachmentKind.FILE,
        AttachmentKind.IMAGE,
        AttachmentKind.IMAGE,
    ]
    contents = [
        (await stand.of(Channel.CHAT).download(file.download_id or "")).content or b"" for file in files
    ]
    assert PNG.content in contents
    assert sum(content.startswith(b"\x89PNG") for content in contents) == 2
    assert any(b"ftypmp42" in content for content in contents)


async def test_whatever_is_neither_words_nor_a_picture_has_words(stand: Stand):
    chat = stand.shop.open_chat()
    for kind, content in (("call", {"call": {"status": "missed"}}), ("video", {}), ("hologram", {})):
        stand.shop.buyer_sends(chat, kind, content)
    desk = await stand.poll(Channel.CHAT)
    assert [text.partition(":")[0] for text in desk.texts(chat)] == [
        "Пропущенный звонок",
        "Видео",
        "Сообщение вида hologram",
    ]


@pytest.mark.parametrize("operation", ["upload_image", "send_image"])
async def test_a_refused_file_leaves_the_text_alone(stand: Stand, operation: str):
    chat = stand.begun(Channel.CHAT)
    stand.sandbox.faults.add(Fault(operation, FaultKind.FILE_REFUSED))
    receipt = await stand.of(Channel.CHAT).send(chat, "Вот", (PNG,))
    assert receipt.file_errors == ("image is not accepted",)
    assert [message.text for message in stand.shop.api_messages()] == ["Вот"]


@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.SERVER_ERROR, FaultKind.GARBAGE_JSON])
async def test_a_lost_upload_delivers_nothing(stand: Stand, kind: FaultKind):
    chat = stand.begun(Channel.CHAT)
    stand.sandbox.faults.add(Fault("upload_image", kind))
    with pytest.raises(NotDelivered):
        await stand.of(Channel.CHAT).send(chat, "", (PNG,))
    assert stand.shop.api_messages() == []
    await stand.of(Channel.CHAT).send(chat, "", (PNG,))
    assert len(stand.shop.api_messages()) == 1


@EVERY
@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.SERVER_ERROR, FaultKind.GARBAGE_JSON])
async def test_without_a_token_nothing_is_delivered(stand: Stand, channel: Channel, kind: FaultKind):
    to = stand.begun(channel)
    stand.sandbox.faults.add(Fault("token", kind, times=3))
    with pytest.raises(NotDelivered):
        await stand.of(channel).send(to, REPLY)
    assert stand.shop.api_messages() == []


@pytest.mark.parametrize("shape", ["nested", "flat", "list", "result"])
async def test_a_chat_that_is_gone_is_told_in_every_shape(stand: Stand, shape: str):
    stand.shop.behaviour.change({"problems": shape})
    with pytest.raises(Refused) as caught:
        await stand.of(Channel.CHAT).send("u2i-gone", REPLY)
    assert (caught.value.reason, caught.value.detail) == (Undelivered.CHAT_GONE, "chat not found")


async def test_a_second_answer_to_a_review_is_refused(stand: Stand):
    review = stand.begun(Channel.REVIEW)
    await stand.of(Channel.REVIEW).send(review, REPLY)
    with pytest.raises(Refused) as caught:
        await stand.of(Channel.REVIEW).send(review, "И ещё")
    assert caught.value.reason is Undelivered.ALREADY_ANSWERED


async def test_an_answer_that_moderation_rejects_becomes_a_note(stand: Stand):
    stand.shop.behaviour.change({"answer_moderation": 600})
    review = stand.begun(Channel.REVIEW)
    stand.shop.reviews[review].refused = "Реклама"
    await stand.of(Channel.REVIEW).send(review, "Пишите на сайт")
    desk = await stand.poll(Channel.REVIEW)
    assert stand.ours(Channel.REVIEW)[0].text == "Пишите на сайт"
    stand.clock.advance(601)
    desk = await stand.poll(Channel.REVIEW)
    assert desk.texts(review)[-1] == "Авито отклонил ответ (Реклама): Пишите на сайт"
    assert desk.chats[review].closed is False


async def test_a_review_with_pictures_is_read_with_them(stand: Stand):
    review = stand.shop.leave_review(stars=1, text="Скол", pros="цена", cons="скол на дне", images=2)
    stars = stand.shop.leave_review(stars=5)
    desk = await stand.poll(Channel.REVIEW)
    message = desk.messages[review, review].message
    assert message.words == "Скол\nцена\nскол на дне"
    got = await stand.of(Channel.REVIEW).download(message.attachments[1].download_id or "")
    assert (got.content or b"").startswith(b"\x89PNG")
    assert desk.messages[stars, stars].message.origin is Origin.RATING
    assert desk.chats[stars].stars == 5


async def test_a_tariff_closes_the_messenger_and_leaves_the_reviews(stand: Stand):
    stand.begun(Channel.CHAT)
    stand.begun(Channel.REVIEW)
    stand.shop.behaviour.change({"paid": False})
    with pytest.raises(ChannelClosed):
        await stand.poll(Channel.CHAT)
    await stand.poll(Channel.REVIEW)
    assert stand.read(Channel.REVIEW) == stand.truth(Channel.REVIEW)


async def test_an_employees_key_reads_only_what_the_list_tells(stand: Stand):
    chats = [stand.begun(Channel.CHAT, f"Вопрос {number}") for number in range(4)]
    stand.shop.behaviour.change({"employee": True})
    desk = await stand.poll(Channel.CHAT)
    assert sorted(desk.chats) == sorted(chats[::2])
    assert len(desk.messages) == 2
    with pytest.raises(ChannelClosed):
        await stand.of(Channel.CHAT).send(chats[0], REPLY)


async def test_a_withdrawn_key_is_refused_and_a_new_one_works(stand: Stand):
    stand.begun(Channel.CHAT)
    await stand.poll(Channel.CHAT)
    stand.clock.advance(600)
    stand.market.revoke(stand.shop)
    with pytest.raises(KeyRefused):
        await stand.poll(Channel.CHAT)
    stand.market.issue_key(stand.shop)
    await stand.lines.pop(Channel.CHAT).aclose()
    await stand.poll(Channel.CHAT)


async def test_the_account_is_the_shops(stand: Stand):
    report = await stand.of(Channel.CHAT).account()
    assert (report.account_id, report.channels) == (str(stand.shop.user_id), None)
    assert stand.market.requests["token", "200"] == 1


async def test_the_cards_of_goods_are_those_of_the_shop(stand: Stand):
    good = stand.shop.goods[0]
    (card,) = await stand.of(Channel.CHAT).products([str(good.nm_id), "1"])
    assert (card.external_id, card.title) == (str(good.nm_id), good.title)
    assert ("Цена", f"{good.price // 100} ₽") in card.facts


async def test_limits_of_the_sandbox_are_kept_by_resting(stand: Stand):
    stand.sandbox.rate_limits = True
    chat = stand.begun(Channel.CHAT)
    sent = 0
    for number in range(60):
        try:
            await stand.of(Channel.CHAT).send(chat, f"Ответ {number}")
            sent += 1
        except RateLimited as limited:
            stand.clock.advance(limited.retry_after or 1)
    assert len(stand.shop.api_messages()) == sent
    assert stand.market.requests["send_text", "429"] == 0

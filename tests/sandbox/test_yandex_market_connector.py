"""The connector of each channel against the sandbox's Yandex Market: everything is read once, a reply arrives once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from agentiq_core.connectors.base import Connector, Credentials, Marketplace
from agentiq_core.connectors.errors import (
    ChannelClosed,
    KeyRefused,
    NoAnswer,
    RateLimited,
    Refused,
    ServerFailed,
)
from agentiq_core.connectors.http import Timeouts
from agentiq_core.connectors.registry import marketplace
from agentiq_core.connectors.yandex_market.chats import YandexChats
from agentiq_core.connectors.yandex_market.line import YandexLine
from agentiq_core.connectors.yandex_market.questions import YandexQuestions
from agentiq_core.connectors.yandex_market.reviews import YandexReviews
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import Author, Channel, Message
from agentiq_core.domain.outbox import Undelivered
from agentiq_core.sandbox import Fault, FaultKind, History, Sandbox
from agentiq_core.sandbox.yandex_market.market import YandexMarket
from agentiq_core.sandbox.yandex_market.records import Moderation
from agentiq_core.sandbox.yandex_market.seller import YandexSeller
from tests.connectors.kept import KeptFirst as Kept
from tests.connectors.kept import poll

CHANNELS = (Channel.CHAT, Channel.REVIEW, Channel.QUESTION)
KINDS = {Channel.CHAT: YandexChats, Channel.REVIEW: YandexReviews, Channel.QUESTION: YandexQuestions}
PNG = OutgoingFile("фото.png", "image/png", b"\x89PNG\r\n\x1a\n0")


class Line:
    """One channel's connector with its memory; it polls when told."""

    def __init__(
        self,
        sandbox: Sandbox,
        shop: YandexSeller,
        channel: Channel,
        kept: Kept | None = None,
        **timeouts: float,
    ) -> None:
        self.kept = kept or Kept()
        self.cursor: str | None = None
        line = YandexLine(
            Credentials(shop.token, base_url=f"{sandbox.url}/yandex-market", account_id=str(shop.business)),
            memory=self.kept,
            timeouts=Timeouts(**{"read": 3.0, "total": 10.0, **timeouts}),
            sleep=lambda seconds: _nothing(),
            clock=lambda: datetime.fromtimestamp(sandbox.market("yandex-market").clock(), UTC),
        )
        self.connector: Connector = KINDS[channel](line)

    async def poll(self) -> Kept:
        self.cursor = await poll(self.connector, self.kept, self.cursor, most=3000)
        return self.kept

    def of(self, chat: str, author: Author | None = None) -> list[Message]:
        """The messages of a conversation as they were read, by time."""
        mine = [message for (of, _), message in self.kept.messages.items() if of == chat]
        return sorted((each for each in mine if author in (None, each.author)), key=lambda each: each.order)


async def _nothing() -> None:
    return None


@pytest.fixture
def market(sandbox: Sandbox) -> YandexMarket:
    found = sandbox.market("yandex-market")
    assert isinstance(found, YandexMarket)
    return found


@pytest.fixture
def shop(market: YandexMarket) -> YandexSeller:
    return market.add_seller("Звук и свет")


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> Channel:
    return Channel(request.param)


@pytest.fixture
async def line(sandbox, shop, channel) -> AsyncIterator[Line]:
    opened = Line(sandbox, shop, channel)
    yield opened
    await opened.connector.aclose()


def begun(shop: YandexSeller, channel: Channel) -> str:
    match channel:
        case Channel.REVIEW:
            return shop.leave_review(stars=2, text="Протекает крышка", pros="цена")
        case Channel.QUESTION:
            return shop.ask_question("Можно ли мыть в посудомойке?")
    chat = shop.open_chat()
    shop.buyer_says(chat, "Где заказ?")
    return chat


async def test_everything_that_was_written_is_read_once(sandbox, market, channel, clock):
    history = History(
        chats=45, waiting=10, reviews=130, questions=70, until=datetime.fromtimestamp(clock(), UTC)
    )
    shop = market.add_seller("Со стажем", history=history)
    shop.behaviour.messages_on_page = 3
    line = Line(sandbox, shop, channel)
    pages = 0
    cursor = None
    seen: list[tuple[str, str]] = []
    while True:
        page = await line.connector.page(cursor)
        seen += [(item.chat_external_id, item.message.external_id) for item in page.messages]
        line.kept.keep(page)
        cursor, pages = page.cursor, pages + 1
        if page.complete:
            break
    assert line.kept.unreadable == []
    assert len(seen) == len(set(seen))
    for conversation in shop.of_channel(channel).values():
        written = [message.text or "" for message in conversation.messages]
        read = [message.text for message in line.of(conversation.id)]
        if channel is Channel.REVIEW:
            assert (read[0].startswith(written[0]), read[1:]) == (True, written[1:])
        else:
            assert read == written
    assert set(line.kept.chats) == set(shop.of_channel(channel))
    await line.connector.aclose()


async def test_a_walk_may_be_broken_off_anywhere(sandbox, market, channel, clock):
    history = History(
        chats=12, waiting=3, reviews=20, questions=12, until=datetime.fromtimestamp(clock(), UTC)
    )
    shop = market.add_seller("Со стажем", history=history)
    shop.behaviour.messages_on_page, shop.behaviour.chats_on_page, shop.behaviour.goods_on_page = 2, 3, 4
    rng, kept, cursor = random.Random(7), Kept(), None
    complete = False
    while not complete:
        line = Line(sandbox, shop, channel, kept)
        for _ in range(rng.randint(1, 4)):
            page = await line.connector.page(cursor)
            if rng.random() < 0.3:
                page = await line.connector.page(cursor)
            kept.keep(page)
            cursor, complete = page.cursor, page.complete
            if complete:
                break
        await line.connector.aclose()
    told = sum(len(each.messages) for each in shop.of_channel(channel).values())
    assert len(kept.messages) == told


async def test_nothing_is_lost_that_comes_while_a_walk_is_under_way(sandbox, shop, line, channel, clock):
    chats = [begun(shop, channel) for _ in range(12)]
    shop.behaviour.messages_on_page, shop.behaviour.chats_on_page, shop.behaviour.goods_on_page = 2, 4, 4
    rng, cursor = random.Random(3), None
    line.kept.wanted = chats[:3]
    for step in range(200):
        page = await line.connector.page(cursor)
        line.kept.keep(page)
        cursor = page.cursor
        clock.advance(2)
        if step < 60 and rng.random() < 0.5:
            shop.buyer_says(rng.choice(chats), f"Ещё {step}")
        if step < 60 and rng.random() < 0.1:
            chats.append(begun(shop, channel))
    for _ in range(3):
        clock.advance(3700)
        line.cursor = cursor
        await line.poll()
        cursor = line.cursor
    told = {(chat, message.text) for chat in chats for message in shop.messages(chat)[1:]}
    read = {(chat, message.text.rpartition(": ")[2]) for (chat, _), message in line.kept.messages.items()}
    assert told <= read


async def test_a_reply_arrives_once_and_is_read_back(market, shop, line, channel):
    chat = begun(shop, channel)
    await line.poll()
    receipt = await line.connector.send(chat, "Здравствуйте! Уже смотрим.")
    line.kept.wanted = [chat]
    await line.poll()
    (sent,) = shop.api_messages()
    (echo,) = line.of(chat, Author.SELLER)
    assert (echo.text, echo.is_answer) == (sent.text, True)
    if receipt.message_id is not None:
        assert receipt.message_id == echo.external_id
    assert (receipt.message_id is None) == (channel is Channel.CHAT)
    assert market.stats()["duplicates"] == 0


FAULTS = (
    (FaultKind.DROP_AFTER, NoAnswer, 1),
    (FaultKind.DROP_BEFORE, NoAnswer, 0),
    (FaultKind.HANG_AFTER, NoAnswer, 1),
    (FaultKind.HANG, NoAnswer, 0),
    (FaultKind.ACCEPT_BUT_ERROR, ServerFailed, 1),
    (FaultKind.SERVER_ERROR, ServerFailed, 0),
    (FaultKind.GARBAGE_JSON, ServerFailed, 1),
    (FaultKind.RATE_LIMITED, RateLimited, 0),
    (FaultKind.UNAUTHORIZED, KeyRefused, 0),
    (FaultKind.REVOKED, KeyRefused, 0),
    (FaultKind.FORBIDDEN, ChannelClosed, 0),
    (FaultKind.CLOSED, Refused, 0),
)


@pytest.mark.parametrize(("kind", "error", "arrived"), FAULTS)
async def test_a_fault_of_sending_is_the_right_error_and_never_a_second_reply(
    sandbox, market, shop, channel, kind: FaultKind, error: type[MarketplaceError], arrived: int
):
    line = Line(sandbox, shop, channel, read=0.3)
    chat = begun(shop, channel)
    await line.poll()
    operation = market.roles[channel].send
    fault = sandbox.faults.add(Fault(operation, kind, delay=30 if kind is FaultKind.RATE_LIMITED else None))
    with pytest.raises(error) as raised:
        await line.connector.send(chat, "Здравствуйте! Уже смотрим.")
    assert fault.hits == 1
    assert len(shop.api_messages()) == arrived
    if kind is FaultKind.RATE_LIMITED:
        assert 28 <= raised.value.retry_after <= 31
    line.kept.wanted = [chat]
    await line.poll()
    assert len(line.of(chat, Author.SELLER)) == arrived
    await line.connector.aclose()


async def test_a_slow_echo_is_read_when_it_shows(sandbox, market, shop, line, channel, clock):
    chat = begun(shop, channel)
    await line.poll()
    sandbox.faults.add(Fault(market.roles[channel].send, FaultKind.SLOW_ECHO, delay=60))
    await line.connector.send(chat, "Здравствуйте! Уже смотрим.")
    line.kept.wanted = [chat]
    await line.poll()
    assert line.of(chat, Author.SELLER) == []
    clock.advance(61)
    await line.poll()
    assert len(line.of(chat, Author.SELLER)) == 1


async def test_a_reply_typed_in_the_cabinet_is_read_too(shop, line, channel, clock):
    chat = begun(shop, channel)
    await line.poll()
    clock.advance(5)
    shop.types_in_cabinet(chat, "Ответили из кабинета")
    clock.advance(3700)
    await line.poll()
    (answer,) = line.of(chat, Author.SELLER)
    assert (answer.text, answer.is_answer) == ("Ответили из кабинета", True)


async def test_a_malformed_item_costs_no_other(sandbox, market, shop, line, channel):
    chats = [begun(shop, channel) for _ in range(5)]
    for chat in chats:
        shop.types_in_cabinet(chat, "Раз")
        shop.buyer_says(chat, "Два")
    for operation in market.roles[channel].read:
        sandbox.faults.add(Fault(operation, FaultKind.MALFORMED_EVENT))
    kept = await line.poll()
    assert len(kept.unreadable) == 2
    assert len(kept.chats) == 4
    assert len(kept.messages) >= 4 * 3 - 2


async def test_repeated_messages_are_counted_once(sandbox, shop):
    line = Line(sandbox, shop, Channel.CHAT)
    chat = begun(shop, Channel.CHAT)
    await line.poll()
    for number in range(3):
        shop.buyer_says(chat, f"Ещё {number}")
    sandbox.faults.add(Fault("history", FaultKind.DUPLICATES))
    await line.poll()
    assert len(line.of(chat)) == 4
    await line.connector.aclose()


async def test_a_history_that_lags_behind_the_list_loses_nothing(sandbox, shop, clock):
    line = Line(sandbox, shop, Channel.CHAT)
    shop.behaviour.history_delay = 25
    chat = begun(shop, Channel.CHAT)
    await line.poll()
    assert line.of(chat) == []
    clock.advance(30)
    await line.poll()
    assert [message.text for message in line.of(chat)] == ["Где заказ?"]
    await line.connector.aclose()


async def test_a_text_goes_and_a_file_is_refused(sandbox, market, shop):
    line = Line(sandbox, shop, Channel.CHAT)
    chat = begun(shop, Channel.CHAT)
    sandbox.faults.add(Fault(market.roles[Channel.CHAT].send_file, FaultKind.FILE_REFUSED))
    receipt = await line.connector.send(chat, "Смотрите фото", (PNG,))
    assert len(receipt.file_errors) == 1
    assert (await line.connector.send(chat, "", (PNG,))).file_errors == ()
    assert [message.text for message in shop.api_messages()] == ["Смотрите фото", None]
    kept = await line.poll()
    (file,) = [each for message in line.of(chat) for each in message.attachments]
    told = await line.connector.download(file.download_id or "")
    assert (told.content, told.content_type) == (PNG.content, "image/png")
    shop.behaviour.files_open = False
    with pytest.raises(Refused):
        await line.connector.download(file.download_id or "")
    assert kept.unreadable == []
    await line.connector.aclose()


async def test_moderation_is_told_by_the_market(shop, sandbox, clock):
    line = Line(sandbox, shop, Channel.REVIEW)
    review = begun(shop, Channel.REVIEW)
    shop.behaviour.moderation = Moderation.BANNED
    with pytest.raises(Refused) as refused:
        await line.connector.send(review, "Звоните нам")
    assert refused.value.reason is Undelivered.TEXT_REFUSED
    shop.behaviour.moderation = Moderation.UNMODERATED
    receipt = await line.connector.send(review, "Заменим")
    await line.poll()
    (answer,) = line.of(review, Author.SELLER)
    assert answer.external_id == receipt.message_id
    assert [message.text for message in line.of(review, Author.MARKETPLACE)] == [
        "Маркет не опубликовал ответ: Звоните нам"
    ]
    await line.connector.aclose()


async def test_a_dismissed_review_is_settled_at_both_ends(shop, sandbox):
    line = Line(sandbox, shop, Channel.REVIEW)
    review = begun(shop, Channel.REVIEW)
    await line.poll()
    await line.connector.dismiss(review)
    assert not shop.reviews[review].needs_reaction
    line.kept.waiting = [review]
    await line.poll()
    assert review in line.kept.settled
    await line.connector.aclose()


async def test_the_account_and_its_goods(shop, sandbox, market):
    known: Marketplace = marketplace("yandex-market")
    base = f"{sandbox.url}/yandex-market"
    line = known.connect(Credentials(shop.token, base_url=base))
    report = await line.account()
    assert (report.account_id, report.usable, report.read_only) == (str(shop.business), True, False)
    good = shop.goods[0]
    (card,) = await line.products([f"SKU-{good.nm_id}", "SKU-0"])
    assert (card.title, card.brand, card.description) == (good.title, good.brand, good.title)
    shop.scopes = ("ALL_METHODS_READ_ONLY",)
    assert (await line.account()).read_only
    with pytest.raises(KeyRefused) as refused:
        await line.send(begun(shop, Channel.CHAT), "Здравствуйте")
    assert refused.value.reason is Undelivered.READ_ONLY_KEY
    shop.scopes = ("PRICING",)
    assert not (await line.account()).usable
    with pytest.raises(ChannelClosed):
        await line.page(None)
    await line.aclose()
    oauth = known.connect(Credentials(market.issue_token(shop, oauth=True), base_url=base))
    assert (await oauth.account()).kind == "oauth"
    await oauth.aclose()


async def test_all_channels_at_once_stay_below_two_requests(sandbox, market, clock):
    sandbox.rate_limits = True
    history = History(
        chats=20, waiting=5, reviews=20, questions=20, until=datetime.fromtimestamp(clock(), UTC)
    )
    shop = market.add_seller("Со стажем", history=history)
    sandbox.faults.add(Fault("*", FaultKind.SLOW, delay=0.01, times=None))
    lines = [Line(sandbox, shop, channel) for channel in CHANNELS]

    await asyncio.gather(*(line.poll() for line in lines))
    assert {outcome for _, outcome in market.requests} == {"200"}
    for line in lines:
        await line.connector.aclose()


async def test_a_finished_chat_is_shut(shop, sandbox, clock):
    line = Line(sandbox, shop, Channel.CHAT)
    chat = begun(shop, Channel.CHAT)
    await line.poll()
    assert line.kept.chats[chat].closed is False
    shop.finishes(chat)
    clock.advance(timedelta(minutes=16).total_seconds())
    await line.poll()
    assert line.kept.chats[chat].closed is True
    with pytest.raises(Refused) as refused:
        await line.connector.send(chat, "Здравствуйте")
    assert refused.value.reason is Undelivered.CHAT_GONE
    await line.connector.aclose()

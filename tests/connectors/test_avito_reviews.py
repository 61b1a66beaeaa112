"""Avito's reviews: one list that moves, an answer with moderation, no method for a single one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from agentiq_core.connectors.avito import AVITO
from agentiq_core.connectors.avito.feedback import ReadReview, review_of
from agentiq_core.connectors.base import Receipt
from agentiq_core.connectors.errors import (
    ChannelClosed,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unintelligible,
)
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import (
    AttachmentKind,
    Author,
    Channel,
    IncomingChat,
    Origin,
    Product,
    Unreadable,
)
from agentiq_core.domain.outbox import Undelivered
from tests.connectors.avito_answers import (
    ANSWERS,
    NOW,
    REVIEWS,
    make_answer,
    make_review,
    make_reviews,
)
from tests.connectors.avito_lines import AvitoLines, Desk
from tests.connectors.avito_messenger import Messenger
from tests.connectors.scripted_host import ScriptedHost

TEXT = "Спасибо, ждём вас снова!"


def read(**fields: Any) -> ReadReview:
    outcome = review_of(make_review(**fields))
    assert isinstance(outcome, ReadReview), outcome
    return outcome


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def line(avito: AvitoLines, desk: Desk):
    return avito.reviews(memory=desk)


@pytest.fixture
def market(host: ScriptedHost) -> Messenger:
    return Messenger(host)


def test_a_review_is_a_conversation_with_stars_and_a_listing():
    review = read(score=4)
    assert review.chat == IncomingChat(
        "92000001",
        Channel.REVIEW,
        buyer_name="Вера",
        product=Product("1768000444", "Чайник со свистком"),
        stars=4,
        closed=False,
    )
    (words,) = review.messages
    assert (words.message.external_id, words.message.words) == ("92000001", "Отличный чайник 1")
    assert words.message.text == "Отличный чайник 1\nОтметки: сделка состоялась"
    assert (words.message.author, words.message.origin) == (Author.BUYER, Origin.BUYER)
    assert words.channel == Channel.REVIEW


@pytest.mark.parametrize("text", ["", " \n", None])
def test_stars_alone_ask_for_nothing(text):
    (words,) = read(text=text).messages
    assert (words.message.origin, words.message.words) == (Origin.RATING, "")
    assert not words.message.asks


@pytest.mark.parametrize("stage", [None, "", "a new one", 7])
def test_a_stage_that_nobody_knows_is_no_line(stage):
    assert read(stage=stage).messages[0].message.text == "Отличный чайник 1"


def test_a_picture_without_a_word_is_no_mere_rating():
    sizes = [{"size": "100x100", "url": "https://a/1.jpg"}, {"size": "640x480", "url": "https://a/2.jpg"}, 7]
    (words,) = read(
        text="", images=[{"number": 1, "sizes": sizes}, {"number": 2, "sizes": None}, None]
    ).messages
    assert words.message.origin is Origin.BUYER
    assert [one.url for one in words.message.attachments] == ["https://a/2.jpg", None, None]
    assert {one.kind for one in words.message.attachments} == {AttachmentKind.IMAGE}


@pytest.mark.parametrize("score", [0, 6, None, "five"])
def test_a_score_that_is_none_is_no_stars(score):
    assert read(score=score).chat.stars is None


@pytest.mark.parametrize("status", ["published", "moderation", "on a new status", None])
def test_an_answer_is_a_message_of_the_sellers(status):
    _, answer = read(answer=make_answer(status=status), canAnswer=False).messages
    assert (answer.message.external_id, answer.message.text) == ("answer:501", "Спасибо за отзыв!")
    assert (answer.message.author, answer.message.origin) == (Author.SELLER, Origin.UNTOLD)
    assert answer.message.sent_at == NOW
    assert answer.message.is_answer


def test_a_rejected_answer_is_a_note_that_answers_nothing():
    review = read(answer=make_answer(status="rejected", reject_reasons=[{"id": 1, "title": "Реклама"}, None]))
    _, note = review.messages
    assert note.message.text == "Авито отклонил ответ (Реклама): Спасибо за отзыв!"
    assert (note.message.author, note.message.origin) == (Author.MARKETPLACE, Origin.AUTOMATIC)
    assert not note.message.is_answer


def test_what_can_be_answered_no_more_and_was_not_is_settled():
    over = read(canAnswer=False).chat
    assert (over.closed, over.settled_through) == (True, read().created_at)
    answered = read(canAnswer=False, answer=make_answer()).chat
    assert (answered.closed, answered.settled_through) == (True, None)
    assert read(canAnswer=None).chat.closed is None


def test_an_answer_that_cannot_be_read_costs_the_review_nothing():
    review = read(answer={"id": 501, "text": ["тайное"], "createdAt": 0})
    assert len(review.messages) == 1
    assert review.flawed is not None
    assert (review.flawed.reason, review.flawed.channel) == ("text: string_type", Channel.REVIEW)
    assert AVITO.reread(review.flawed) == review.flawed


def test_a_kept_review_and_a_kept_answer_are_read_again():
    kept = review_of(make_review(createdAt=0))
    assert isinstance(kept, Unreadable)
    assert kept.reason == "no usable createdAt"
    assert AVITO.reread(kept) == kept
    later = Unreadable(
        json.dumps(make_review(answer=make_answer())), "x", "92000001", "92000001", Channel.REVIEW
    )
    assert [one.message.external_id for one in AVITO.reread(later)] == ["92000001", "answer:501"]
    answer = Unreadable(json.dumps(make_answer()), "x", "92000001", "answer:501", Channel.REVIEW)
    assert [one.message.external_id for one in AVITO.reread(answer)] == ["answer:501"]


async def test_reviews_are_asked_for_fifty_at_a_time(market, line):
    await line.page(None)
    assert market.host.asked(REVIEWS)[0].query == {"offset": ["0"], "limit": ["50"]}


async def test_all_reviews_are_read_and_then_the_fresh_ones_alone(market, line, desk, avito):
    market.reviews = [make_review(number) for number in range(1, 171)]
    await desk.poll(line)
    assert len(desk.messages) == 170
    market.host.received.clear()
    market.reviews.insert(0, make_review(999, createdAt=int(NOW.timestamp())))
    await desk.poll(line)
    assert len(desk.messages) == 171
    # fifty reviews reach back two days and two hours
    assert market.asked() == ["reviews"]
    avito.now += timedelta(hours=1, minutes=1)
    market.host.received.clear()
    await desk.poll(line)
    assert len(market.asked()) == 4


async def test_a_list_with_the_oldest_first_is_read_to_its_end(market, line, desk):
    market.reviews = [make_review(number) for number in range(120, 0, -1)]
    await desk.poll(line)
    market.reviews.append(make_review(0, id=5))
    await desk.poll(line)
    assert ("5", "5") in desk.messages


async def test_reviews_that_come_while_the_list_is_read_lose_nothing(market, line, desk):
    market.reviews = [make_review(number) for number in range(1, 171)]
    count = iter(range(3))

    def another(path: str, query: object) -> None:
        number = next(count, None)
        if number is not None:
            market.reviews.insert(0, make_review(500 + number, createdAt=int(NOW.timestamp()) + number))

    market.before = another
    await desk.poll(line)
    await desk.poll(line)
    assert len(desk.messages) == 173


async def test_a_review_that_did_not_change_tells_nothing(market, line, desk):
    market.reviews = [make_review(1), make_review(2)]
    await desk.poll(line)
    page = await line.page(desk.cursor)
    assert (page.messages, page.marks) == ((), ())
    market.reviews[1] |= {"answer": make_answer(), "canAnswer": False}
    page = await line.page(desk.cursor)
    assert [one.message.external_id for one in page.messages] == ["92000002", "answer:501"]
    assert len(page.marks) == 1


@pytest.mark.parametrize("at", [3, 80, 169])
async def test_an_awaited_review_is_found_wherever_it_stands(market, line, desk, at):
    market.reviews = [make_review(number) for number in range(1, 171)]
    await desk.poll(line)
    review = str(market.reviews[at]["id"])
    market.reviews[at] |= {"answer": make_answer(text=TEXT)}
    market.reviews[:0] = [make_review(600 + number, createdAt=int(NOW.timestamp())) for number in range(2)]
    desk.waits = [review]
    market.host.received.clear()
    page = await line.page(desk.cursor)
    assert [one.message.text for one in page.messages][-1] == TEXT
    assert len(market.asked()) == 1


async def test_an_awaited_review_that_moved_up_or_is_gone_ends_the_search(market, line, desk):
    market.reviews = [make_review(number) for number in range(1, 171)]
    await desk.poll(line)
    moved = market.reviews.pop(160)
    market.reviews.insert(0, moved | {"answer": make_answer(text=TEXT)})
    gone = market.reviews.pop(100)
    desk.waits = [str(moved["id"]), str(gone["id"]), "unheard of"]
    assert await desk.poll(line)
    assert desk.texts(str(moved["id"]))[-1] == TEXT


async def test_one_spoilt_review_leaves_the_others(host, line, desk):
    spoilt = make_review(2, text={"тайное": 1})
    host.script(REVIEWS, host.json(make_reviews(make_review(1), spoilt, None, make_review(3))))
    await desk.poll(line)
    assert sorted(desk.chats) == ["92000001", "92000003"]
    assert [one.reason for one in desk.unreadable] == ["text: string_type", ": model_type"]
    assert all(one.channel == Channel.REVIEW for one in desk.unreadable)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"reviews": 7}'])
async def test_a_list_that_is_none_is_unintelligible(host, line, body):
    host.script(REVIEWS, host.raw(body))
    with pytest.raises(Unintelligible):
        await line.page(None)


async def test_an_answer_is_posted_once_and_its_id_is_the_echos(host, line):
    host.script(ANSWERS, host.json({"id": 501, "createdAt": int(NOW.timestamp())}))
    assert await line.send("92000001", TEXT) == Receipt(NOW, "answer:501")
    assert json.loads(host.asked(ANSWERS)[0].body) == {"message": TEXT, "reviewId": 92000001}


@pytest.mark.parametrize(
    ("status", "message", "reason"),
    [
        (400, "Field `message` is too long", Undelivered.TEXT_REFUSED),
        (400, "Review already has an answer", Undelivered.ALREADY_ANSWERED),
        (409, "", Undelivered.ALREADY_ANSWERED),
        (400, "На отзыв нельзя ответить", Undelivered.ALREADY_ANSWERED),
        (404, "not found", Undelivered.CHAT_GONE),
    ],
)
async def test_a_refused_answer_says_why(host, line, status, message, reason):
    host.script(ANSWERS, host.json({"error": {"code": "validation", "message": message}}, status))
    with pytest.raises(Refused) as caught:
        await line.send("92000001", TEXT)
    assert caught.value.reason is reason


@pytest.mark.parametrize("failure", ["drop", "500", "no id", "garbage"])
async def test_an_answer_that_was_lost_is_unknown(host, line, failure):
    step = {"drop": host.drop(), "500": host.json({}, 500), "no id": host.json({}), "garbage": host.raw(b"{")}
    host.script(ANSWERS, step[failure])
    with pytest.raises(OutcomeUnknown):
        await line.send("92000001", TEXT)
    assert len(host.asked(ANSWERS)) == 1


async def test_a_limit_and_a_missing_right_are_told_apart(host, line):
    host.script(ANSWERS, host.json({}, 429, {"Retry-After": "9"}), host.json({}, 403))
    with pytest.raises(RateLimited) as caught:
        await line.send("92000001", TEXT)
    assert caught.value.retry_after == 9.0
    with pytest.raises(ChannelClosed):
        await line.send("92000001", TEXT)


@pytest.mark.parametrize(
    ("review", "text", "files"),
    [
        ("not a number", TEXT, ()),
        ("9" * 30, TEXT, ()),
        ("1", "", ()),
        ("1", "я" * 1001, ()),
        ("1", TEXT, (OutgoingFile("p.png", "image/png", b"x"),)),
    ],
)
async def test_what_is_surely_wrong_is_refused_before_any_request(host, line, review, text, files):
    with pytest.raises(Refused):
        await line.send(review, text, files)
    assert host.received == []


async def test_what_reviews_do_not_have_costs_no_request(host, line):
    await line.mark_read("1", "1")
    await line.dismiss("1")
    await line.decline("1")
    assert host.received == []

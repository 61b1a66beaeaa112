"""Reviews of goods at Yandex Market: words, stars, comments, and what wants no reaction any more."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from agentiq_core.domain.messages import AttachmentKind, Author, Origin, Product
from tests.connectors.kept import KeptFirst as Kept
from tests.connectors.kept import poll
from tests.connectors.scripted_host import ScriptedHost
from tests.connectors.yandex_answers import (
    COMMENTS,
    NOW,
    REVIEW,
    REVIEWS,
    counted,
    error,
    make_comment,
    make_review,
    paged,
)
from tests.connectors.yandex_lines import YandexLines


def listed(*reviews: object, more: str | None = None) -> dict[str, Any]:
    """A page of reviews."""
    return paged("feedbacks", *reviews, more=more)


def asked_for(host: ScriptedHost, path: str) -> list[dict[str, Any]]:
    """The bodies of the requests to a path."""
    return [json.loads(request.body) for request in host.asked(path)]


async def test_a_review_is_a_conversation_that_its_buyer_begins(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    host.script(REVIEWS, host.json(listed(make_review())))
    page = await yandex.reviews().page(None)
    (chat,), (item,), (mark,) = page.chats, page.messages, page.marks
    assert page.complete
    assert mark.chat_external_id == REVIEW
    assert (chat.external_id, chat.channel, chat.buyer_name, chat.stars) == (REVIEW, "review", "Лада", 4)
    assert chat.product == item.product == Product("SKU-7", order_id="40777001")
    assert chat.settled_through is None
    assert item.message.text == "Хороший чайник\nДостоинства: греет быстро\nНедостатки: шумит"
    assert (item.message.author, item.message.origin) == (Author.BUYER, Origin.BUYER)
    assert item.message.sent_at == NOW - timedelta(minutes=100)


@pytest.mark.parametrize("description", [None, {}, {"comment": "", "advantages": " ", "disadvantages": None}])
async def test_stars_alone_ask_for_nothing(
    host: ScriptedHost, yandex: YandexLines, description: object
) -> None:
    media = {
        "photos": ["https://avatars.mds.yandex.net/get-market-ugc/1/orig", 7],
        "videos": ["https://x/v.mp4"],
    }
    host.script(REVIEWS, host.json(listed(make_review(description=description, media=media))))
    (item,) = (await yandex.reviews().page(None)).messages
    assert (item.message.text, item.message.origin) == ("", Origin.RATING)
    photo, film = item.message.attachments
    assert (photo.kind, film.kind) == (AttachmentKind.IMAGE, AttachmentKind.FILE)
    assert photo.download_id == photo.url == media["photos"][0]


async def test_comments_are_read_below_the_reviews_that_have_some(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    told = make_review(statistics=counted(2), needReaction=False)
    host.script(REVIEWS, host.json(listed(told, make_review("9"))))
    host.script(
        COMMENTS,
        host.json(paged("comments", make_comment(), more="two")),
        host.json(
            paged("comments", make_comment(502, text="А гарантия?", author={"type": "USER"}, parentId=501))
        ),
    )
    kept = Kept()
    await poll(yandex.reviews(memory=kept), kept)
    ours, asks = kept.messages[REVIEW, "comment:501"], kept.messages[REVIEW, "comment:502"]
    assert (ours.author, ours.origin, ours.text) == (Author.SELLER, Origin.UNTOLD, "Спасибо за отзыв!")
    assert (asks.author, asks.origin) == (Author.BUYER, Origin.BUYER)
    assert asked_for(host, COMMENTS) == [{"feedbackId": int(REVIEW)}] * 2
    assert set(kept.marked) == {REVIEW, "9"}


async def test_comments_have_the_time_of_their_first_reading_in_their_order(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    host.script(REVIEWS, host.json(listed(make_review(statistics=counted(3)))))
    comments = [make_comment(id) for id in (509, 501, 505)]
    host.script(COMMENTS, host.json(paged("comments", *comments)))
    kept = Kept()
    await poll(yandex.reviews(memory=kept), kept)
    order = sorted(kept.messages.values(), key=lambda message: message.order)
    assert [message.external_id for message in order] == [REVIEW, "comment:509", "comment:501", "comment:505"]
    assert order[1].sent_at == NOW


@pytest.mark.parametrize(
    ("fields", "author", "text"),
    [
        ({"status": "UNMODERATED"}, Author.SELLER, "Спасибо за отзыв!"),
        ({"status": "STATUS_OF_TOMORROW"}, Author.SELLER, "Спасибо за отзыв!"),
        ({"status": "BANNED"}, Author.MARKETPLACE, "Маркет не опубликовал ответ: Спасибо за отзыв!"),
        ({"status": "DELETED"}, None, ""),
        ({"status": "BANNED", "author": {"type": "USER"}}, None, ""),
        ({"author": {"type": "BRAND", "name": "Пар"}}, Author.MARKETPLACE, "Бренд Пар: Спасибо за отзыв!"),
        ({"author": None}, Author.SELLER, "Спасибо за отзыв!"),
        ({"author": None, "canModify": None}, Author.MARKETPLACE, "Спасибо за отзыв!"),
        ({"author": {"type": "ROBOT"}}, Author.MARKETPLACE, "Спасибо за отзыв!"),
    ],
)
async def test_whose_comment_it_is(
    host: ScriptedHost, yandex: YandexLines, fields: dict[str, Any], author: Author | None, text: str
) -> None:
    host.script(REVIEWS, host.json(listed(make_review(statistics=counted(1)))))
    host.script(COMMENTS, host.json(paged("comments", make_comment(**fields))))
    kept = Kept()
    await poll(yandex.reviews(memory=kept), kept)
    told = [message for (_, id), message in kept.messages.items() if id != REVIEW]
    assert [(message.author, message.text) for message in told] == (
        [] if author is None else [(author, text)]
    )


async def test_a_review_put_aside_in_the_cabinet_is_settled(host: ScriptedHost, yandex: YandexLines) -> None:
    kept = Kept(waiting=[REVIEW])
    line = yandex.reviews(memory=kept)
    host.script(
        REVIEWS,
        host.json(listed(make_review())),
        host.json(listed()),
        host.json(listed(make_review(needReaction=False))),
    )
    cursor = await poll(line, kept)
    assert kept.settled == {}
    await poll(line, kept, cursor)
    assert kept.settled == {REVIEW: NOW - timedelta(minutes=100)}
    assert asked_for(host, REVIEWS) == [
        {"reactionStatus": "ALL"},
        {"reactionStatus": "NEED_REACTION"},
        {"feedbackIds": [int(REVIEW)]},
    ]


async def test_a_review_answered_in_the_cabinet_is_read_with_the_next_poll(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    kept = Kept(waiting=[REVIEW])
    line = yandex.reviews(memory=kept)
    answered = make_review(needReaction=False, statistics=counted(1))
    host.script(REVIEWS, host.json(listed(make_review())), host.json(listed()), host.json(listed(answered)))
    host.script(COMMENTS, host.json(paged("comments", make_comment())))
    await poll(line, kept, await poll(line, kept))
    assert kept.messages[REVIEW, "comment:501"].is_answer
    assert kept.settled == {REVIEW: NOW}


async def test_what_a_buyer_writes_after_the_review_was_settled_is_not_settled(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    kept = Kept()
    line = yandex.reviews(memory=kept)
    done = {"needReaction": False}
    host.script(
        REVIEWS,
        host.json(listed(make_review(statistics=counted(1), **done))),
        host.json(listed(make_review(statistics=counted(2), **done))),
    )
    theirs = make_comment(502, author={"type": "USER"}, text="Так не честно")
    host.script(
        COMMENTS,
        host.json(paged("comments", make_comment())),
        host.json(paged("comments", make_comment(), theirs)),
    )
    cursor = await poll(line, kept)
    yandex.now += timedelta(minutes=20)
    await poll(line, kept, cursor)
    assert kept.settled == {REVIEW: NOW}
    assert kept.messages[REVIEW, "comment:502"].sent_at > NOW


async def test_comments_on_comments_are_found_by_looking_again(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    kept = Kept()
    line = yandex.reviews(memory=kept)
    same = host.json(listed(make_review(statistics=counted(1))))
    host.script(REVIEWS, same, same, same)
    host.script(COMMENTS, *[host.json(paged("comments", make_comment()))] * 2)
    cursor = await poll(line, kept)
    cursor = await poll(line, kept, cursor)
    assert len(host.asked(COMMENTS)) == 1
    yandex.now += timedelta(minutes=61)
    await poll(line, kept, cursor)
    assert len(host.asked(COMMENTS)) == 2


async def test_an_edited_review_is_told_again(host: ScriptedHost, yandex: YandexLines) -> None:
    kept = Kept()
    line = yandex.reviews(memory=kept)
    edited = make_review(description={"comment": "Сломался"})
    host.script(REVIEWS, *[host.json(listed(make_review()))] * 2, host.json(listed(edited)))
    await line.page(None)
    kept.keep(await yandex.reviews(memory=kept).page(None))
    page = await line.page(None)
    assert [item.message.text for item in page.messages] == ["Сломался"]


async def test_an_unchanged_review_is_not_told_again(host: ScriptedHost, yandex: YandexLines) -> None:
    kept = Kept()
    host.script(REVIEWS, *[host.json(listed(make_review()))] * 2)
    for told in (1, 0):
        page = await yandex.reviews(memory=kept).page(None)
        kept.keep(page)
        assert len(page.messages) == told


async def test_an_awaited_review_has_its_comments_read_first(host: ScriptedHost, yandex: YandexLines) -> None:
    kept = Kept(wanted=[REVIEW])
    host.script(REVIEWS, host.json(listed()))
    host.script(COMMENTS, host.json(paged("comments", make_comment())))
    await poll(yandex.reviews(memory=kept), kept)
    assert [request.path for request in host.received] == [COMMENTS, REVIEWS]
    assert (REVIEW, "comment:501") in kept.messages


@pytest.mark.parametrize(("status", "marked"), [(404, True), (400, False), (403, False)])
async def test_comments_that_cannot_be_read_hold_nothing_up(
    host: ScriptedHost, yandex: YandexLines, status: int, marked: bool
) -> None:
    host.script(REVIEWS, host.json(listed(make_review(statistics=counted(1)), make_review("9"))))
    host.script(COMMENTS, host.json(error("NO", "Access denied"), status))
    kept = Kept()
    await poll(yandex.reviews(memory=kept), kept)
    assert (REVIEW in kept.marked) is marked
    assert ("9", "9") in kept.messages


async def test_one_spoilt_review_costs_no_other(host: ScriptedHost, yandex: YandexLines) -> None:
    spoilt = [
        make_review("1", createdAt=None),
        make_review("2", description="секрет"),
        {"feedbackId": []},
        None,
    ]
    host.script(REVIEWS, host.json(listed(*spoilt, make_review(statistics="lost", identifiers=3, media=[]))))
    comments = [{"id": None}, "x", make_comment(text=["секрет"]), make_comment(504)]
    host.script(COMMENTS, host.json(paged("comments", *comments)))
    kept = Kept()
    await poll(yandex.reviews(memory=kept), kept)
    assert set(kept.messages) == {(REVIEW, REVIEW), (REVIEW, "comment:504")}
    assert len(kept.unreadable) == 7
    assert all("секрет" not in item.reason for item in kept.unreadable)
    assert {item.channel for item in kept.unreadable} == {"review"}

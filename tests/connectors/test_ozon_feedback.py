"""Reading Ozon's reviews and questions: what the list tells, what is asked for behind it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from agentiq_core.connectors.errors import ChannelClosed, Refused
from agentiq_core.domain.messages import AttachmentKind, Author, Channel, Origin, Product
from tests.connectors.kept import Kept, poll
from tests.connectors.ozon_answers import (
    ANSWERS,
    COMMENTS,
    NO_SUBSCRIPTION,
    NOW,
    QUESTION,
    QUESTIONS,
    REVIEW,
    REVIEWS,
    make_answer,
    make_comment,
    make_problem,
    make_question,
    make_questions,
    make_review,
    make_reviews,
)
from tests.connectors.ozon_lines import OzonLines
from tests.connectors.scripted_host import ScriptedHost

REVIEWED = str(make_review()["id"])
ASKED = str(make_question()["id"])


def bodies(host: ScriptedHost, path: str) -> list[dict[str, object]]:
    return [json.loads(request.body) for request in host.asked(path)]


async def test_a_review_without_comments_is_read_from_the_list_alone(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    host.script(REVIEWS, host.json(make_reviews(make_review(1), make_review(0, rating=1, sku="5"))))
    kept = Kept()
    page = await ozon.reviews(memory=kept).page(None)
    kept.keep(page)
    assert bodies(host, REVIEWS) == [{"limit": 100, "sort_dir": "DESC", "filters": {"status": "ALL"}}]
    assert page.complete
    assert kept.texts(REVIEWED) == ["Отзыв 0: ручка шатается"]
    chat = kept.chats[REVIEWED]
    assert (chat.channel, chat.stars, chat.product) == (Channel.REVIEW, 1, Product("5"))
    assert len(kept.marked) == 2


async def test_what_did_not_change_is_not_passed_on_again(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(REVIEWS, *[host.json(make_reviews(make_review()))] * 2)
    kept = Kept()
    line = ozon.reviews(memory=kept)
    cursor = await poll(line, kept)
    page = await line.page(cursor)
    assert (page.messages, page.marks, len(page.chats)) == ((), (), 1)
    assert bodies(host, REVIEWS)[1]["filters"] == {"status": "NEW"}


async def test_an_edited_review_is_read_again(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(
        REVIEWS,
        host.json(make_reviews(make_review())),
        host.json(make_reviews(make_review(text="Ручка отвалилась"))),
    )
    kept = Kept()
    line = ozon.reviews(memory=kept)
    await poll(line, kept, await poll(line, kept))
    assert kept.texts(REVIEWED) == ["Ручка отвалилась"]


async def test_the_comments_of_a_review_are_asked_for_behind_the_list(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    host.script(REVIEWS, host.json(make_reviews(make_review(comments_amount=2, status="PROCESSED"))))
    buyers = make_comment(0, is_owner=False, is_official=False)
    host.script(COMMENTS, host.json({"comments": [buyers, make_comment(1)], "offset": 2}))
    kept = Kept()
    await poll(ozon.reviews(memory=kept), kept)
    assert bodies(host, COMMENTS) == [{"review_id": REVIEWED, "limit": 100, "offset": 0, "sort_dir": "ASC"}]
    assert kept.texts(REVIEWED) == ["Отзыв 0: ручка шатается", "Комментарий 0", "Комментарий 1"]
    assert kept.messages[REVIEWED, "comment-1"].origin is Origin.UNTOLD
    assert kept.chats[REVIEWED].settled_through == NOW - timedelta(minutes=29)
    assert REVIEWED in kept.marked


async def test_a_comment_after_a_review_was_settled_asks_again(host: ScriptedHost, ozon: OzonLines) -> None:
    processed = {"status": "PROCESSED"}
    host.script(
        REVIEWS,
        host.json(make_reviews(make_review(**processed))),
        host.json(make_reviews(make_review(comments_amount=1, **processed))),
    )
    host.script(COMMENTS, host.json({"comments": [make_comment(0, is_owner=False, is_official=False)]}))
    kept = Kept()
    line = ozon.reviews(memory=kept)
    cursor = await poll(line, kept)
    assert kept.chats[REVIEWED].settled_through == NOW - timedelta(minutes=60)
    await poll(line, kept, cursor)
    comment = kept.messages[REVIEWED, "comment-0"]
    settled = kept.chats[REVIEWED].settled_through
    assert settled is not None
    assert (comment.asks, comment.sent_at > settled) == (True, True)


async def test_many_comments_come_by_the_hundred(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(REVIEWS, host.json(make_reviews(make_review(comments_amount=101))))
    host.script(
        COMMENTS,
        host.json({"comments": [make_comment(number) for number in range(100)], "offset": 100}),
        host.json({"comments": [make_comment(100)], "offset": 101}),
    )
    kept = Kept()
    cursor: str | None = None
    for _ in range(3):
        page = await ozon.reviews(memory=kept).page(cursor)
        kept.keep(page)
        cursor = page.cursor
    assert [body["offset"] for body in bodies(host, COMMENTS)] == [0, 100]
    assert page.complete
    assert len(kept.messages) == 102


async def test_a_review_with_pictures_is_asked_for_itself(host: ScriptedHost, ozon: OzonLines) -> None:
    pictured = make_review(photos_amount=2, videos_amount=1)
    host.script(REVIEWS, host.json(make_reviews(pictured)))
    links = {
        "photos": [{"url": "https://cdn1.ozone.ru/a.jpg"}],
        "videos": [{"url": "https://cdn1.ozone.ru/b.mp4"}],
    }
    host.script(REVIEW, host.json({**pictured, **links}))
    kept = Kept()
    await poll(ozon.reviews(memory=kept), kept)
    message = kept.messages[REVIEWED, REVIEWED]
    assert [(file.kind, file.name) for file in message.attachments] == [
        (AttachmentKind.IMAGE, "a.jpg"),
        (AttachmentKind.FILE, "b.mp4"),
        (AttachmentKind.IMAGE, None),
    ]
    assert host.asked(COMMENTS) == []
    assert REVIEWED in kept.marked


async def test_pictures_without_words_are_stars_alone(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(REVIEWS, host.json(make_reviews(make_review(text="", photos_amount=1))))
    host.script(REVIEW, host.json(make_review(text="", photos_amount=1)))
    kept = Kept()
    await poll(ozon.reviews(memory=kept), kept)
    assert kept.messages[REVIEWED, REVIEWED].origin is Origin.RATING


async def test_a_pictured_review_that_cannot_be_read_does_not_hold_the_walk_up(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    host.script(
        REVIEWS, host.json(make_reviews(make_review(0, photos_amount=1), make_review(1, photos_amount=1)))
    )
    host.script(REVIEW, host.json({"id": REVIEWED}), host.json(make_problem("review not found", 5), 404))
    kept = Kept()
    await poll(ozon.reviews(memory=kept), kept)
    assert [item.reason for item in kept.unreadable] == ["no usable published_at"]
    assert set(kept.marked) == {REVIEWED}


async def test_a_review_on_an_open_screen_has_its_comments_read_first(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    kept = Kept(wanted=[REVIEWED], marked={REVIEWED: "0 new 0 sign"})
    host.script(COMMENTS, host.json({"comments": [make_comment()]}))
    host.script(REVIEWS, host.json(make_reviews()))
    await poll(ozon.reviews(memory=kept), kept)
    assert [request.path for request in host.received] == [COMMENTS, REVIEWS]
    assert kept.messages[REVIEWED, "comment-0"].is_answer
    assert kept.marked == {REVIEWED: "0 new 0 sign"}


async def test_pages_of_reviews_follow_each_other_by_last_id(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(
        REVIEWS,
        host.json(make_reviews(make_review(1), has_next="true", last_id=str(make_review(1)["id"]))),
        host.json(make_reviews(make_review(0), has_next=False, last_id="x")),
    )
    kept = Kept()
    await poll(ozon.reviews(memory=kept), kept)
    assert [body.get("last_id") for body in bodies(host, REVIEWS)] == [None, make_review(1)["id"]]
    assert len(kept.messages) == 2


async def test_a_last_id_that_stands_still_ends_the_walk(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(REVIEWS, *[host.json(make_reviews(make_review(), has_next=True, last_id="same"))] * 5)
    kept = Kept()
    await poll(ozon.reviews(memory=kept), kept)
    assert len(host.asked(REVIEWS)) == 2


async def test_a_spoilt_review_or_comment_costs_no_other(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(REVIEWS, host.json(make_reviews({"id": None}, make_review(comments_amount=None), "noise")))
    host.script(COMMENTS, host.json({"comments": [{"id": "c"}, make_comment(), 7]}))
    kept = Kept()
    await poll(ozon.reviews(memory=kept), kept)
    assert len(kept.texts(REVIEWED)) == 2
    assert len(kept.unreadable) == 4
    assert {item.channel for item in kept.unreadable} == {Channel.REVIEW}


async def test_reviews_without_their_subscription_are_closed(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(REVIEWS, host.json(NO_SUBSCRIPTION, 403), host.json(make_problem("access denied", 7), 403))
    for _ in range(2):
        with pytest.raises(ChannelClosed):
            await ozon.reviews().page(None)


async def test_a_question_is_read_from_the_list_with_who_asked(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(QUESTIONS, host.json(make_questions(make_question())))
    kept = Kept()
    await poll(ozon.questions(memory=kept), kept)
    assert bodies(host, QUESTIONS) == [{"limit": 100, "sort_dir": "DESC", "filter": {"status": "ALL"}}]
    chat = kept.chats[ASKED]
    assert (chat.channel, chat.buyer_name, chat.product) == (
        Channel.QUESTION,
        "Мария К.",
        Product("731204865"),
    )
    message = kept.messages[ASKED, ASKED]
    assert (message.author, message.text) == (Author.BUYER, "Вопрос 0: какой цвет?")


async def test_the_answers_to_a_question_are_asked_for_with_its_good(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    host.script(QUESTIONS, host.json(make_questions(make_question(answers_count="2", status="VIEWED"))))
    host.script(
        ANSWERS,
        host.json({"answers": [make_answer(0)], "last_id": "answer-0"}),
        host.json({"answers": [make_answer(1)], "last_id": "answer-1"}),
    )
    kept = Kept()
    cursor: str | None = None
    for _ in range(3):
        page = await ozon.questions(memory=kept).page(cursor)
        kept.keep(page)
        cursor = page.cursor
    assert bodies(host, ANSWERS) == [
        {"question_id": ASKED, "sku": 731204865},
        {"question_id": ASKED, "sku": 731204865, "last_id": "answer-0"},
    ]
    assert page.complete
    assert kept.texts(ASKED)[1:] == ["Ответ 0", "Ответ 1"]
    assert kept.chats[ASKED].settled_through == NOW - timedelta(minutes=29)


async def test_a_question_that_was_never_listed_is_asked_for_itself(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    kept = Kept(wanted=[ASKED])
    host.script(QUESTION, host.json(make_question(answers_count=1)))
    host.script(ANSWERS, host.json({"answers": [make_answer()], "last_id": ""}))
    host.script(QUESTIONS, host.json(make_questions()))
    await poll(ozon.questions(memory=kept), kept)
    assert [request.path for request in host.received] == [QUESTION, ANSWERS, QUESTIONS]
    assert len(kept.texts(ASKED)) == 2


@pytest.mark.parametrize("sku", [None, "", "белый", 0])
async def test_a_question_about_no_good_is_read_without_its_answers(
    host: ScriptedHost, ozon: OzonLines, sku: object
) -> None:
    host.script(QUESTIONS, host.json(make_questions(make_question(answers_count=1, sku=sku))))
    kept = Kept()
    await poll(ozon.questions(memory=kept), kept)
    assert len(kept.texts(ASKED)) == 1
    assert ASKED in kept.marked


@pytest.mark.parametrize("status", [403, 404])
async def test_a_question_that_is_gone_holds_no_other_up(
    host: ScriptedHost, ozon: OzonLines, status: int
) -> None:
    host.script(
        QUESTIONS,
        host.json(make_questions(make_question(0, answers_count=1), make_question(1, answers_count=1))),
    )
    host.script(
        ANSWERS,
        host.json(make_problem("no such question"), status),
        host.json({"answers": [make_answer()], "last_id": ""}),
    )
    kept = Kept()
    await poll(ozon.questions(memory=kept), kept)
    assert set(kept.marked) == {str(make_question(1)["id"])}


async def test_answers_that_refuse_everything_are_told(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(QUESTIONS, host.json(make_questions(make_question(answers_count=1))))
    host.script(ANSWERS, host.json(make_problem("sku: invalid"), 400))
    line = ozon.questions()
    page = await line.page(None)
    with pytest.raises(Refused):
        await line.page(page.cursor)


@pytest.mark.parametrize(
    "place", ["noise", "[1,2,3]", '["5", "x", ""]', "comments -1", "comments " + "9" * 40]
)
@pytest.mark.parametrize("channel", ["review", "question"])
async def test_a_place_of_another_version_begins_anew(
    host: ScriptedHost, ozon: OzonLines, channel: str, place: str
) -> None:
    cursor = json.dumps(
        {
            "whole": True,
            "whole_at": NOW.timestamp(),
            "listing": False,
            "position": None,
            "left": [["id", None, "1 new 5 sign", place, None]],
            "asked": [],
        }
    )
    host.script(COMMENTS, host.json({"comments": []}))
    host.script(REVIEW, host.json(make_review()))
    host.script(ANSWERS, host.json({"answers": []}))
    line = ozon.reviews() if channel == "review" else ozon.questions()
    assert (await line.page(cursor)).complete

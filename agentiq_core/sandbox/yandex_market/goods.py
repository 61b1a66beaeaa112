"""The operations of reviews and questions of goods (Yandex Market API, goods-feedback, goods-questions)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.asked import json_reader
from agentiq_core.sandbox.faults import FaultKind
from agentiq_core.sandbox.gateway import Call, Operation
from agentiq_core.sandbox.yandex_market import problems, wire
from agentiq_core.sandbox.yandex_market.chats import files_at
from agentiq_core.sandbox.yandex_market.paging import (
    Unusable,
    checked,
    listed,
    number,
    numbers,
    page_of,
    words,
)
from agentiq_core.sandbox.yandex_market.records import YandexConversation, YandexMessage
from agentiq_core.sandbox.yandex_market.seller import YandexSeller

MAX_COMMENT: Final = 4096
MAX_ANSWER: Final = 5000
_HALF_A_YEAR: Final = timedelta(days=183)
_MONTH: Final = timedelta(days=31)
_MOST: Final = 50
_USUAL: Final = 25


def feedbacks(call: Call[YandexSeller]) -> web.Response:
    """A page of the reviews of half a year, in the order of their publication; or those of these ids."""
    shop, body = call.shop, call.body
    ids = body.get("feedbackIds")
    if ids:
        if set(body) - {"feedbackIds"}:
            raise Unusable("feedbackIds must not be used with other filters")
        wanted = numbers(ids, "feedbackIds", _MOST)
        chosen = [review for review in shop.reviews.values() if review.id in wanted]
    else:
        since = (call.now - _HALF_A_YEAR.total_seconds()) * 1000
        waits = body.get("reactionStatus") == "NEED_REACTION"
        reviews = shop.reviews.values()
        chosen = [each for each in reviews if each.created > since and (each.needs_reaction or not waits)]
    page, token = _page(call, sorted(chosen, key=lambda each: (each.created, each.id)))
    items = [wire.review_json(each, call.now, files_at(call)) for each in page]
    return listed("feedbacks", _perhaps_broken(call, items), token)


def comments(call: Call[YandexSeller]) -> web.Response:
    """What was said below a review."""
    review = call.shop.reviews.get(number(call.body.get("feedbackId"), "feedbackId"))
    if review is None:
        return problems.not_found("Feedback")
    page, token = _page(call, wire.comments_of(review, call.now))
    items = [wire.comment_json(call.shop, review, each) for each in page]
    return listed("comments", _perhaps_broken(call, items), token)


def comment(call: Call[YandexSeller]) -> web.Response:
    """A new comment of the shop's, or another text of one."""
    review = call.shop.reviews.get(number(call.body.get("feedbackId"), "feedbackId"))
    told = call.body.get("comment")
    if not isinstance(told, dict):
        raise Unusable("Missing field: comment")
    text = words(told.get("text"), "text", MAX_COMMENT)
    if review is None:
        return problems.not_found("Feedback")
    if call.meets(FaultKind.CLOSED):
        raise Unusable("Feedback is closed for comments")
    written = _own(review, told["id"]) if told.get("id") else call.accept(review.id, text)
    if not isinstance(written, YandexMessage):
        return problems.not_found("Comment")
    written.text = text
    return web.json_response({"status": "OK", "result": wire.comment_json(call.shop, review, written)})


def skip(call: Call[YandexSeller]) -> web.Response:
    """These reviews want no reaction."""
    reviews = [
        call.shop.reviews.get(id) for id in numbers(call.body.get("feedbackIds"), "feedbackIds", _MOST)
    ]
    if any(review is None for review in reviews):
        return problems.not_found("Feedback")
    for review in reviews:
        if review is not None:
            review.needs_reaction = False
    return web.json_response({"status": "OK"})


def questions(call: Call[YandexSeller]) -> web.Response:
    """A page of the questions of a month, the newest first."""
    body = call.body
    begin, end = _span(call)
    chosen = [
        each
        for each in call.shop.questions.values()
        if begin <= datetime.fromtimestamp(each.created / 1000, UTC).date() <= end
        and not (body.get("needAnswer") and wire.answered(each, call.now))
    ]
    chosen.sort(
        key=lambda each: (each.created, each.id),
        reverse=body.get("sort", "CREATED_AT_DESC") == "CREATED_AT_DESC",
    )
    page, token = _page(call, chosen)
    items = [wire.question_json(call.shop, each) for each in page]
    return listed("questions", _perhaps_broken(call, items), token, totalCount=len(chosen))


def answers(call: Call[YandexSeller]) -> web.Response:
    """The answers to a question, with what was said below them."""
    question = call.shop.questions.get(number(call.body.get("questionId"), "questionId"))
    if question is None:
        return problems.not_found("Question")
    told = wire.answers_json(call.shop, question, call.now)
    page, token = page_of(
        call,
        told,
        lambda each: each["id"],
        usual=_USUAL,
        most=_MOST,
        on_page=call.shop.behaviour.goods_on_page,
    )
    return listed("answers", _perhaps_broken(call, page), token)


def answer(call: Call[YandexSeller]) -> web.Response:
    """A new answer to a question. Comments on answers, changes and deletions are not played here."""
    if call.body.get("operationType") != "CREATE":
        raise Unusable("Value of operationType must be CREATE")
    parent = call.body.get("parentEntityId")
    if not isinstance(parent, dict) or parent.get("type") != "QUESTION":
        raise Unusable("Missing field: parentEntityId")
    question = call.shop.questions.get(number(parent.get("id"), "parentEntityId.id"))
    text = words(call.body.get("text"), "text", MAX_ANSWER)
    if question is None:
        return problems.not_found("Question")
    if call.meets(FaultKind.CLOSED):
        raise Unusable("Question is closed for answers")
    written = call.accept(question.id, text)
    result = {"entity": {"id": int(written.id), "type": "ANSWER"}}
    return web.json_response({"status": "OK", "result": result})


def _page(call: Call[YandexSeller], items: list[Any]) -> tuple[list[Any], str | None]:
    return page_of(
        call, items, lambda each: each.id, usual=_USUAL, most=_MOST, on_page=call.shop.behaviour.goods_on_page
    )


def _perhaps_broken(call: Call[YandexSeller], items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if call.meets(FaultKind.MALFORMED_EVENT) and items:
        middle = items[len(items) // 2]
        items[len(items) // 2] = {name: [] for name in middle}
    return items


def _own(review: YandexConversation, id: object) -> YandexMessage | None:
    wanted = number(id, "comment.id")
    return next(
        (each for each in review.messages[1:] if isinstance(each, YandexMessage) and each.id == wanted), None
    )


def _span(call: Call[YandexSeller]) -> tuple[date, date]:
    """The days that are asked for; a month up to today by default."""
    today = datetime.fromtimestamp(call.now, UTC).date()
    try:
        end = date.fromisoformat(call.body["dateTo"]) if "dateTo" in call.body else today
        begin = date.fromisoformat(call.body["dateFrom"]) if "dateFrom" in call.body else end - _MONTH
    except (ValueError, TypeError):
        raise Unusable("Value of dateFrom or dateTo is no date") from None
    if end - begin > _MONTH:
        raise Unusable("Too long time period. Maximum is '31' days")
    return begin, end


_FEEDBACK: Final = "/v2/businesses/{business}/goods-feedback"
_QUESTIONS: Final = "/v1/businesses/{business}/goods-questions"

OPERATIONS: Final = (
    Operation("feedbacks", "POST", _FEEDBACK, checked(feedbacks), Channel.REVIEW, json_reader()),
    Operation(
        "comments",
        "POST",
        f"{_FEEDBACK}/comments",
        checked(comments),
        Channel.REVIEW,
        json_reader(chat="feedbackId"),
    ),
    Operation(
        "comment",
        "POST",
        f"{_FEEDBACK}/comments/update",
        checked(comment),
        Channel.REVIEW,
        json_reader(chat="feedbackId", text="comment.text"),
    ),
    Operation("skip", "POST", f"{_FEEDBACK}/skip-reaction", checked(skip), Channel.REVIEW, json_reader()),
    Operation("questions", "POST", _QUESTIONS, checked(questions), Channel.QUESTION, json_reader()),
    Operation(
        "answers",
        "POST",
        f"{_QUESTIONS}/answers",
        checked(answers),
        Channel.QUESTION,
        json_reader(chat="questionId"),
    ),
    Operation(
        "answer",
        "POST",
        f"{_QUESTIONS}/update",
        checked(answer),
        Channel.QUESTION,
        json_reader(chat="parentEntityId.id", text="text"),
    ),
)

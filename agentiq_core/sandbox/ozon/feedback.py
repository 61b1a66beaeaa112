"""The operations of reviews and questions (Ozon API, ReviewAPI and Questions&Answers)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.asked import json_reader
from agentiq_core.sandbox.conversation import Message
from agentiq_core.sandbox.faults import FaultKind
from agentiq_core.sandbox.gateway import Call, Operation
from agentiq_core.sandbox.ozon import problems, wire
from agentiq_core.sandbox.ozon.records import OzonConversation, Status
from agentiq_core.sandbox.ozon.seller import OzonSeller

LEAST: Final = 20
MOST: Final = 100
MAX_ANSWER: Final = 3000
_ANSWERS_ON_PAGE: Final = 10
_UNPROCESSED: Final = (Status.NEW, Status.VIEWED)


def review_list(call: Call[OzonSeller]) -> web.Response:
    """A page of the reviews; a limit below 20 is refused before the subscription is looked at (live answers)."""
    limit = call.body.get("limit")
    if not isinstance(limit, int) or not LEAST <= limit <= MOST:
        return problems.bad_request("limit: value must be inside range [20, 100]")
    if not call.shop.behaviour.reviews_paid:
        return problems.denied(problems.NO_SUBSCRIPTION)
    status = str((call.body.get("filters") or {}).get("status") or "ALL")
    page, more = _page(call, call.shop.reviews.values(), status, limit)
    quirks = call.shop.behaviour.quirks
    items = [wire.review_json(each, len(_comments(each, call.now)), quirks=quirks) for each in page]
    return _listed(call, "reviews", items, page, more)


def review_info(call: Call[OzonSeller]) -> web.Response:
    """One review with its pictures."""
    review = call.shop.reviews.get(str(call.body.get("review_id")))
    if not call.shop.behaviour.reviews_paid:
        return problems.denied(problems.NO_SUBSCRIPTION)
    if review is None:
        return problems.not_found("review")
    item = wire.review_json(review, len(_comments(review, call.now)), quirks=False)
    files_at = f"{call.request.url.origin()}{call.request.path.partition('/v2/')[0]}/v2/chat/file"
    photos = [
        {"url": f"{files_at}/{file.download_id}/{file.name}", "width": 48, "height": 48}
        for file in review.messages[0].attachments
    ]
    return web.json_response(item | {"photos": photos, "videos": [], "likes_amount": 0, "dislikes_amount": 0})


def review_status(call: Call[OzonSeller]) -> web.Response:
    """Up to a hundred reviews at once; nothing comes back."""
    if not call.shop.behaviour.reviews_paid:
        return problems.denied(problems.NO_SUBSCRIPTION)
    return _set_status(call.shop.reviews, call.body.get("review_ids"), call.body.get("status"))


def comment_list(call: Call[OzonSeller]) -> web.Response:
    """What was said below a review, by offset; nothing says whether there is more."""
    limit, offset = call.body.get("limit"), call.body.get("offset", 0)
    if not isinstance(limit, int) or not LEAST <= limit <= MOST:
        return problems.bad_request("limit: value must be inside range [20, 100]")
    if not call.shop.behaviour.reviews_paid:
        return problems.denied(problems.NO_SUBSCRIPTION)
    review = call.shop.reviews.get(str(call.body.get("review_id")))
    comments = _comments(review, call.now) if review is not None else []
    if str(call.body.get("sort_dir") or "ASC") == "DESC":
        comments.reverse()
    page = [wire.comment_json(each) for each in comments[offset : offset + limit]]
    if call.meets(FaultKind.MALFORMED_EVENT) and page:
        page[len(page) // 2] = wire.break_message(page[len(page) // 2], call.rng)
    return web.json_response({"comments": page, "offset": offset + len(page)})


def comment_create(call: Call[OzonSeller]) -> web.Response:
    """A comment of the seller; it may settle the review."""
    if not call.shop.behaviour.reviews_paid:
        return problems.denied(problems.NO_SUBSCRIPTION)
    text = call.body.get("text")
    if not isinstance(text, str) or not text.strip():
        return problems.bad_request("text: value is required")
    review = call.shop.reviews.get(str(call.body.get("review_id")))
    if review is None:
        return problems.not_found("review")
    if call.meets(FaultKind.CLOSED):
        return problems.denied("rpc error: code = PermissionDenied desc = the review is closed")
    message = call.accept(review.id, text)
    if call.body.get("mark_review_as_processed"):
        review.status = Status.PROCESSED
    return web.json_response({"comment_id": message.id})


def question_list(call: Call[OzonSeller]) -> web.Response:
    """A page of the questions; ten whatever is asked for (the specification's maxItems)."""
    limit = call.body.get("limit", MOST)
    if not isinstance(limit, int) or not 1 <= limit <= MOST:
        return problems.bad_request("limit: value must be less than or equal to 100")
    if not call.shop.behaviour.questions_paid:
        return problems.denied(problems.NO_SUBSCRIPTION)
    status = str((call.body.get("filter") or {}).get("status") or "ALL")
    most = min(limit, call.shop.behaviour.questions_on_page)
    page, more = _page(call, call.shop.questions.values(), status, most)
    quirks = call.shop.behaviour.quirks
    items = [wire.question_json(each, len(_comments(each, call.now)), quirks=quirks) for each in page]
    return _listed(call, "questions", items, page, more)


def question_info(call: Call[OzonSeller]) -> web.Response:
    """One question."""
    question = call.shop.questions.get(str(call.body.get("question_id")))
    if not call.shop.behaviour.questions_paid:
        return problems.denied(problems.NO_SUBSCRIPTION)
    if question is None:
        return problems.not_found("question")
    quirks = call.shop.behaviour.quirks
    return web.json_response(wire.question_json(question, len(_comments(question, call.now)), quirks=quirks))


def question_status(call: Call[OzonSeller]) -> web.Response:
    """Several questions at once; nothing comes back."""
    if not call.shop.behaviour.questions_paid:
        return problems.denied(problems.NO_SUBSCRIPTION)
    return _set_status(call.shop.questions, call.body.get("question_ids"), call.body.get("status"))


def answer_list(call: Call[OzonSeller]) -> web.Response:
    """The answers to a question about a good, by `last_id`; nothing says whether there is more."""
    if not call.shop.behaviour.questions_paid:
        return problems.denied(problems.NO_SUBSCRIPTION)
    question = _asked(call)
    if isinstance(question, web.Response):
        return question
    answers = _comments(question, call.now)
    last_id = str(call.body.get("last_id") or "")
    start = next((place + 1 for place, each in enumerate(answers) if each.id == last_id), 0)
    page = answers[start : start + _ANSWERS_ON_PAGE]
    items = [wire.answer_json(each, question, call.shop.name) for each in page]
    if call.meets(FaultKind.MALFORMED_EVENT) and items:
        items[len(items) // 2] = wire.break_message(items[len(items) // 2], call.rng)
    return web.json_response({"answers": items, "last_id": page[-1].id if page else ""})


def answer_create(call: Call[OzonSeller]) -> web.Response:
    """An answer of 2 to 3000 characters; the good must be the question's."""
    if not call.shop.behaviour.questions_paid:
        return problems.denied(problems.NO_SUBSCRIPTION)
    text = call.body.get("text")
    if not isinstance(text, str) or not 2 <= len(text) <= MAX_ANSWER:
        return problems.bad_request("text: value length must be between 2 and 3000 symbols")
    question = _asked(call)
    if isinstance(question, web.Response):
        return question
    if call.meets(FaultKind.CLOSED):
        return problems.denied("rpc error: code = PermissionDenied desc = the question is closed")
    message = call.accept(question.id, text)
    question.status = Status.PROCESSED
    return web.json_response({"answer_id": message.id})


def _asked(call: Call[OzonSeller]) -> OzonConversation | web.Response:
    question = call.shop.questions.get(str(call.body.get("question_id")))
    if question is None:
        return problems.not_found("question")
    if call.body.get("sku") != question.good.nm_id:
        return problems.bad_request("sku: not the question's")
    return question


def _comments(conversation: OzonConversation, now: float) -> list[Message]:
    """What was said after the first message, as far as it is shown by now."""
    return conversation.shown(now)[1:]


def _page(call: Call[OzonSeller], kept: Any, status: str, limit: int) -> tuple[list[OzonConversation], bool]:
    chosen = [each for each in kept if each.messages and _is(each.status, status)]
    chosen.sort(
        key=lambda each: (each.messages[0].time, each.id), reverse=call.body.get("sort_dir", "DESC") == "DESC"
    )
    if call.meets(FaultKind.EMPTY_CHATS):
        chosen = []
    last_id = str(call.body.get("last_id") or "")
    start = next((place + 1 for place, each in enumerate(chosen) if each.id == last_id), 0)
    page = chosen[start : start + limit]
    return page, start + len(page) < len(chosen)


def _is(status: Status, wanted: str) -> bool:
    return wanted == "ALL" or status == wanted or (wanted == "UNPROCESSED" and status in _UNPROCESSED)


def _listed(
    call: Call[OzonSeller],
    name: str,
    items: list[dict[str, Any]],
    page: Sequence[OzonConversation],
    more: bool,
) -> web.Response:
    if call.meets(FaultKind.MALFORMED_EVENT) and items:
        items[len(items) // 2] = wire.break_message(items[len(items) // 2], call.rng)
    if call.meets(FaultKind.DUPLICATES):
        items = items[:1] + items
    last_id = page[-1].id if page else ""
    flag = wire.flag(more, call.shop.behaviour.quirks)
    return web.json_response({name: items, "has_next": flag, "last_id": last_id})


def _set_status(kept: dict[str, OzonConversation], ids: Any, status: Any) -> web.Response:
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST or status not in tuple(Status):
        return problems.bad_request("status: invalid value")
    for each in ids:
        if each in kept:
            kept[each].status = Status(status)
    return web.json_response({})


_OF_REVIEW: Final = json_reader(chat="review_id", text="text")
_OF_QUESTION: Final = json_reader(chat="question_id", text="text")
_REVIEW: Final = Channel.REVIEW
_QUESTION: Final = Channel.QUESTION

OPERATIONS: Final = (
    Operation("review_list", "POST", "/v2/review/list", review_list, _REVIEW, json_reader()),
    Operation("review_info", "POST", "/v2/review/info", review_info, _REVIEW, _OF_REVIEW),
    Operation("review_status", "POST", "/v2/review/change-status", review_status, _REVIEW, json_reader()),
    Operation("comment_list", "POST", "/v1/review/comment/list", comment_list, _REVIEW, _OF_REVIEW),
    Operation("comment_create", "POST", "/v1/review/comment/create", comment_create, _REVIEW, _OF_REVIEW),
    Operation("question_list", "POST", "/v1/question/list", question_list, _QUESTION, json_reader()),
    Operation("question_info", "POST", "/v1/question/info", question_info, _QUESTION, _OF_QUESTION),
    Operation(
        "question_status", "POST", "/v1/question/change-status", question_status, _QUESTION, json_reader()
    ),
    Operation("answer_list", "POST", "/v1/question/answer/list", answer_list, _QUESTION, _OF_QUESTION),
    Operation("answer_create", "POST", "/v1/question/answer/create", answer_create, _QUESTION, _OF_QUESTION),
)

"""The operations for reviews and questions (WB API, feedbacks and questions)."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.asked import Asked, BadBody, Reader, json_reader, query_reader
from agentiq_core.sandbox.faults import FaultKind
from agentiq_core.sandbox.gateway import Call, Operation
from agentiq_core.sandbox.wildberries import posts, problems
from agentiq_core.sandbox.wildberries.lists import BadQuery, flag_of, page_of, posted_on, spoilt
from agentiq_core.sandbox.wildberries.seller import SandboxSeller

_MOST_REVIEWS, _MOST_SKIPPED, _MOST_QUESTIONS = 5_000, 199_990, 10_000
_LEAST_TEXT, _MOST_TEXT = 2, 5_000
_NO_JSON: Final = "failed to decode JSON request."
_read_json = json_reader(chat="id", text="text")
_read_question = json_reader(chat="id", text="answer.text")


async def _lenient(request: web.Request, read: Reader) -> Asked:
    try:
        return await read(request)
    except BadBody:
        return Asked()


async def read_answer(request: web.Request) -> Asked:
    """An answer to a review; a body that is none is left to the operation."""
    return await _lenient(request, _read_json)


async def read_change(request: web.Request) -> Asked:
    """A change of a question; a body that is none is left to the operation."""
    return await _lenient(request, _read_question)


def _ok(data: Any) -> web.Response:
    body = {"data": data, "error": False, "errorText": "", "additionalErrors": None}
    return _json(body)


def _json(body: Any, status: int = 200) -> web.Response:
    return web.Response(
        status=status, text=json.dumps(body, ensure_ascii=False), content_type="application/json"
    )


def news(call: Call[SandboxSeller]) -> web.Response:
    """GET /api/v1/new-feedbacks-questions: whether anything was not viewed yet."""
    return _ok(
        {
            "hasNewQuestions": any(not each.viewed for each in call.shop.questions.values()),
            "hasNewFeedbacks": any(not each.viewed for each in call.shop.reviews.values()),
        }
    )


def reviews(call: Call[SandboxSeller]) -> web.Response:
    """GET /api/v1/feedbacks: those that wait for an answer and are no older than 30 days, or the answered ones."""
    now, posted = call.now, posted_on(call.shop.reviews)
    try:
        wanted = flag_of(call.request.query)
        found = [each for each in posted if bool(posts.answers(each, now)) == wanted]
        if not wanted:
            found = [each for each in found if not posts.is_archived(each, now)]
        page = page_of(call, found, take_at_most=_MOST_REVIEWS, last_skip=_MOST_SKIPPED)
    except BadQuery as flaw:
        return problems.fq_error(400, str(flaw))
    archived = sum(posts.is_archived(each, now) for each in posted)
    printed = [posts.review_json(each, now, call.shop.behaviour) for each in page]
    counts = {"countUnanswered": len(posted) - archived, "countArchive": archived}
    return _ok(counts | {"feedbacks": spoilt(call, printed)})


def archive(call: Call[SandboxSeller]) -> web.Response:
    """GET /api/v1/feedbacks/archive."""
    found = [each for each in posted_on(call.shop.reviews) if posts.is_archived(each, call.now)]
    try:
        page = page_of(call, found, take_at_most=_MOST_REVIEWS, last_skip=_MOST_SKIPPED)
    except BadQuery as flaw:
        return problems.fq_error(400, str(flaw))
    printed = [posts.review_json(each, call.now, call.shop.behaviour) for each in page]
    return _ok({"feedbacks": spoilt(call, printed)})


def review(call: Call[SandboxSeller]) -> web.Response:
    """GET /api/v1/feedback: 422 for an id that stands for nothing."""
    found = call.shop.reviews.get(call.request.query.get("id", ""))
    if found is None or not found.messages:
        return problems.fq_error(422, "Невозможно получить отзыв по id")
    return _ok(posts.review_json(found, call.now, call.shop.behaviour))


def answer_review(call: Call[SandboxSeller]) -> web.Response:
    """POST /api/v1/feedbacks/answer: 204 whatever the id; a review that was taken away swallows its answer."""
    return _answer_review(call, edit=False)


def edit_review(call: Call[SandboxSeller]) -> web.Response:
    """PATCH /api/v1/feedbacks/answer: 204 whatever the id, and also where nothing may be edited any more."""
    return _answer_review(call, edit=True)


def _answer_review(call: Call[SandboxSeller], *, edit: bool) -> web.Response:
    text = _text_of(call.body)
    if text is None or not isinstance(call.body.get("id"), str):
        return problems.fq_problem("Неверный синтаксис JSON")
    if not _LEAST_TEXT <= len(text) <= _MOST_TEXT:
        return problems.fq_problem("Неверная длина текста ответа")
    if call.meets(FaultKind.CLOSED):
        call.shop.reviews.pop(call.body["id"], None)
    found = call.shop.reviews.get(call.body["id"])
    if found is not None and (not edit or posts.is_editable(found, call.now)):
        call.accept(found.id, text)
    return web.Response(status=204)


def questions(call: Call[SandboxSeller]) -> web.Response:
    """GET /api/v1/questions: those that wait, or the answered and the rejected."""
    now, posted = call.now, posted_on(call.shop.questions)
    try:
        wanted = flag_of(call.request.query)
        done = [each for each in posted if each.declined or posts.answers(each, now)]
        found = done if wanted else [each for each in posted if each not in done]
        page = page_of(
            call, found, take_at_most=_MOST_QUESTIONS, last_skip=_MOST_QUESTIONS, together=_MOST_QUESTIONS
        )
    except BadQuery as flaw:
        return problems.fq_error(400, str(flaw))
    counts = {"countUnanswered": len(posted) - len(done), "countArchive": len(done)}
    return _ok(counts | {"questions": spoilt(call, [posts.question_json(each, now) for each in page])})


def question(call: Call[SandboxSeller]) -> web.Response:
    """GET /api/v1/question: 422 for an id that stands for nothing."""
    found = call.shop.questions.get(call.request.query.get("id", ""))
    if found is None or not found.messages:
        return problems.fq_error(422, "Невозможно получить вопрос по id")
    return _ok(posts.question_json(found, call.now))


def change_question(call: Call[SandboxSeller]) -> web.Response:
    """PATCH /api/v1/questions: views, answers, edits once or rejects."""
    body = call.body
    if not isinstance(body, dict) or not isinstance(body.get("id"), str):
        return problems.fq_error(400, _NO_JSON)
    found = call.shop.questions.get(body["id"])
    if found is None or call.meets(FaultKind.CLOSED):
        return problems.fq_error(404, "Не найден отзыв")
    if "answer" not in body:
        if not isinstance(body.get("wasViewed"), bool):
            return problems.fq_error(400, _NO_JSON)
        found.viewed = body["wasViewed"]
        return _ok(None)
    text = _text_of(body["answer"])
    if text is None or body.get("state") not in ("none", "wbRu"):
        return problems.fq_error(400, _NO_JSON)
    found.viewed = True
    if body["state"] == "none":
        found.declined = True
        return _ok(None)
    if posts.answers(found, call.now) and not posts.is_editable(found, call.now):
        return problems.fq_error(422, "Не удалось отредактировать вопрос")
    call.accept(found.id, text)
    return _ok(None)


def _text_of(body: Any) -> str | None:
    text = body.get("text") if isinstance(body, dict) else None
    return text if isinstance(text, str) else None


_BY_ID: Final = query_reader("id")
PREFIX: Final = "/feedbacks/api/v1"
"""Each live host is a part of the market's address (connectors, `line.Host`)."""

OPERATIONS: Final = (
    Operation("news", "GET", f"{PREFIX}/new-feedbacks-questions", news, Channel.REVIEW),
    Operation("reviews", "GET", f"{PREFIX}/feedbacks", reviews, Channel.REVIEW),
    Operation("reviews-archive", "GET", f"{PREFIX}/feedbacks/archive", archive, Channel.REVIEW),
    Operation("review", "GET", f"{PREFIX}/feedback", review, Channel.REVIEW, _BY_ID),
    Operation("review-answer", "POST", f"{PREFIX}/feedbacks/answer", answer_review, Channel.REVIEW, read_answer),
    Operation("review-edit", "PATCH", f"{PREFIX}/feedbacks/answer", edit_review, Channel.REVIEW, read_answer),
    Operation("questions", "GET", f"{PREFIX}/questions", questions, Channel.QUESTION),
    Operation("question", "GET", f"{PREFIX}/question", question, Channel.QUESTION, _BY_ID),
    Operation("question-change", "PATCH", f"{PREFIX}/questions", change_question, Channel.QUESTION, read_change),
)  # fmt: skip

"""Tokens, the account, its listings and its reviews (Avito API, auth, core, items, ratings)."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from agentiq_core.domain.messages import Author, Channel
from agentiq_core.sandbox.asked import json_reader
from agentiq_core.sandbox.avito import wire
from agentiq_core.sandbox.avito.chats import AvitoCall, cut, echo_delay, files_at, place_of
from agentiq_core.sandbox.avito.problems import problem, review_problem
from agentiq_core.sandbox.faults import FaultKind
from agentiq_core.sandbox.gateway import Operation

REVIEWS_PAGE: Final = 50
MAX_ANSWER: Final = 1000
"""Invented: Avito documents no length."""
_ANY_OFFSET: Final = 10**9
_LAST_ID: Final = 2**63


def account_self(call: AvitoCall) -> web.Response:
    """Whose account the token opens."""
    told = {"id": call.shop.user_id, "name": call.shop.name, "email": "lavka@example.invalid"}
    return web.json_response(told | {"profile_url": f"https://avito.ru/user/{call.shop.user_id}/profile"})


def items(call: AvitoCall) -> web.Response:
    """The active listings by pages."""
    query = call.request.query
    size, page = int(query.get("per_page", "25")), int(query.get("page", "1"))
    if not 0 < size < 100 or page < 1:
        return problem(400, "per_page: more than 0 and less than 100", "flat")
    goods = call.shop.goods[(page - 1) * size : page * size]
    told = [
        {
            "id": good.nm_id,
            "title": good.title,
            "price": good.price // 100,
            "status": "active",
            "url": f"https://avito.ru/items/{good.nm_id}",
            "address": "Тверь, Советская улица, 1",
            "category": {"id": 21, "name": "Посуда и товары для кухни"},
        }
        for good in goods
    ]
    return web.json_response({"meta": {"page": page, "per_page": size}, "resources": told})


def item(call: AvitoCall) -> web.Response:
    """One listing: its status, not its title."""
    wanted = call.request.match_info["item_id"]
    known = any(str(good.nm_id) == wanted for good in call.shop.goods)
    address = f"https://avito.ru/items/{wanted}" if known else None
    return web.json_response({"status": "active" if known else "not_found", "url": address, "vas": []})


def review_list(call: AvitoCall) -> web.Response:
    """A page of the reviews, the newest first."""
    place = place_of(call, REVIEWS_PAGE, _ANY_OFFSET)
    if place is None or not {"offset", "limit"} <= set(call.request.query):
        return review_problem("Field `offset` is not integer")
    shown = [(review, told) for review in call.shop.reviews.values() if (told := review.shown(call.now))]
    shown.sort(key=lambda one: -one[1][0].time)
    moderation = call.shop.behaviour.answer_moderation
    page = [
        wire.review_json(review, told, call.now, moderation, files_at(call))
        for review, told in cut(call, shown, place)
    ]
    if call.meets(FaultKind.MALFORMED_EVENT) and page:
        page[len(page) // 2] |= {"createdAt": "вчера"}
    return web.json_response({"total": len(shown), "reviews": page})


def review_answer(call: AvitoCall) -> web.Response:
    """One answer to a review; another only when moderation rejected it."""
    text, id = call.body.get("message"), call.body.get("reviewId")
    if not isinstance(id, int) or isinstance(id, bool) or not 0 <= id < _LAST_ID:
        return review_problem("Field `reviewId` is not integer")
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_ANSWER:
        return review_problem("Field `message` is empty or too long")
    review = call.shop.reviews.get(str(id))
    if review is None:
        return problem(404, "review not found")
    answered = any(each.author is Author.SELLER for each in review.messages)
    if call.meets(FaultKind.CLOSED) or (answered and review.refused is None):
        return review_problem("Review already has an answer")
    message = call.shop.accept(review.id, text, echo_delay=echo_delay(call))
    return web.json_response({"id": int(message.id), "createdAt": message.time // 1000})


def rating_info(call: AvitoCall) -> web.Response:
    """The account's rating."""
    stars = [review.stars for review in call.shop.reviews.values() if review.stars]
    rating: dict[str, Any] = {"reviewsCount": len(stars), "reviewsWithScoreCount": len(stars)}
    rating["score"] = round(sum(stars) / len(stars), 1) if stars else 0.0
    return web.json_response({"isEnabled": True, "rating": rating})


OPERATIONS: Final = (
    Operation("self", "GET", "/core/v1/accounts/self", account_self, None),
    Operation("items", "GET", "/core/v1/items", items, None),
    Operation("item", "GET", "/core/v1/accounts/{user_id}/items/{item_id}/", item, None),
    Operation("review_list", "GET", "/ratings/v1/reviews", review_list, Channel.REVIEW),
    Operation(
        "review_answer",
        "POST",
        "/ratings/v1/answers",
        review_answer,
        Channel.REVIEW,
        json_reader(chat="reviewId", text="message"),
    ),
    Operation("rating_info", "GET", "/ratings/v1/info", rating_info, Channel.REVIEW),
)

"""Builders: a token, chats, messages, reviews, questions as Yandex Market has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

BUSINESS: Final = "912345"
_V1: Final = f"/v1/businesses/{BUSINESS}"
_V2: Final = f"/v2/businesses/{BUSINESS}"
CHATS: Final = f"{_V2}/chats"
HISTORY: Final = f"{_V2}/chats/history"
MESSAGE: Final = f"{_V2}/chats/message"
FILE: Final = f"{_V2}/chats/file/send"
REVIEWS: Final = f"{_V2}/goods-feedback"
COMMENTS: Final = f"{_V2}/goods-feedback/comments"
COMMENT: Final = f"{_V2}/goods-feedback/comments/update"
SKIP: Final = f"{_V2}/goods-feedback/skip-reaction"
QUESTIONS: Final = f"{_V1}/goods-questions"
ANSWERS: Final = f"{_V1}/goods-questions/answers"
ANSWER: Final = f"{_V1}/goods-questions/update"
OFFERS: Final = f"{_V2}/offer-mappings"
CAMPAIGNS: Final = "/v2/campaigns"
RIGHTS: Final = "/v2/auth/token"

KEY: Final = "ACMA:Zk4q9Tn2Vw8RbL5yXc1HsJ7mPd3GfUa6Ee0Oi:5f0c2d7e"
CHAT: Final = "7003001"
REVIEW: Final = "88120045"
QUESTION: Final = "51200733"
FIRST: Final = 1_780_212_617_058_000
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
_MOSCOW: Final = timezone(timedelta(hours=3))


def stamp(minutes: float = 0) -> str:
    """A time so many minutes before now, as the Market writes it."""
    return (NOW - timedelta(minutes=minutes)).astimezone(_MOSCOW).isoformat()


def ok(**result: Any) -> dict[str, Any]:
    """An answer with a result."""
    return {"status": "OK", "result": result}


def error(code: str, message: str = "") -> dict[str, Any]:
    """An answer that is a refusal."""
    return {"status": "ERROR", "errors": [{"code": code, "message": message}]}


def paged(name: str, *items: object, more: str | None = None, **fields: Any) -> dict[str, Any]:
    """A page of anything."""
    return ok(**{name: list(items)}, paging={"nextPageToken": more} if more else {}, **fields)


def make_chat(chat: object = CHAT, *, ago: float = 10, **fields: Any) -> dict[str, Any]:
    """A line of the list, whose newest message is so many minutes old."""
    return {
        "chatId": int(str(chat)),
        "type": "CHAT",
        "status": "WAITING_FOR_PARTNER",
        "context": {"type": "ORDER", "campaignId": 21, "orderId": 40_777_001, "customer": {"name": "Лада"}},
        "createdAt": stamp(500),
        "updatedAt": stamp(ago),
        **fields,
    }


def make_message(number: int = 0, *, ago: float = 10, **fields: Any) -> dict[str, Any]:
    """A message of a buyer, so many minutes old."""
    return {
        "messageId": FIRST + number,
        "createdAt": stamp(ago),
        "sender": "CUSTOMER",
        "message": f"Здравствуйте, вопрос {number}",
        **fields,
    }


def make_history(*messages: object, more: str | None = None) -> dict[str, Any]:
    """A page of a history."""
    return paged("messages", *messages, more=more, context={"type": "ORDER"})


def make_review(review: object = REVIEW, **fields: Any) -> dict[str, Any]:
    """A review with words and four stars that nobody has looked at."""
    return {
        "feedbackId": int(str(review)),
        "createdAt": stamp(100),
        "needReaction": True,
        "identifiers": {"orderId": 40_777_001, "offerId": "SKU-7"},
        "author": "Лада",
        "description": {
            "comment": "Хороший чайник",
            "advantages": "греет быстро",
            "disadvantages": "шумит",
        },
        "statistics": {"rating": 4, "commentsCount": 0},
        **fields,
    }


def counted(comments: int, rating: int = 4) -> dict[str, Any]:
    """The statistics of a review."""
    return {"rating": rating, "commentsCount": comments}


def make_comment(id: int = 501, **fields: Any) -> dict[str, Any]:
    """A comment of the shop's below the usual review."""
    return {
        "id": id,
        "text": "Спасибо за отзыв!",
        "canModify": True,
        "author": {"type": "BUSINESS", "name": "Дом и чай"},
        "status": "PUBLISHED",
        "feedbackId": int(REVIEW),
        **fields,
    }


def make_question(question: object = QUESTION, *, ago: float = 100, **fields: Any) -> dict[str, Any]:
    """A question about a good."""
    return {
        "questionIdentifiers": {"id": int(str(question)), "categoryId": 90, "offerId": "SKU-7"},
        "businessId": int(BUSINESS),
        "text": "Подойдёт для индукции?",
        "createdAt": stamp(ago),
        "votes": {"likes": 0, "dislikes": 0},
        "author": {"type": "USER", "name": "Лада"},
        **fields,
    }


def make_answer(id: int = 601, *, ago: float = 50, **fields: Any) -> dict[str, Any]:
    """An answer of the shop's to the usual question."""
    return {
        "id": id,
        "text": "Да, подойдёт.",
        "canModify": True,
        "author": {"type": "BUSINESS", "name": "Дом и чай"},
        "status": "PUBLISHED",
        "questionId": int(QUESTION),
        "createdAt": stamp(ago),
        "votes": {"likes": 0, "dislikes": 0},
        **fields,
    }


def make_below(id: int = 701, *, ago: float = 40, **fields: Any) -> dict[str, Any]:
    """A buyer's comment below an answer."""
    return {
        "id": id,
        "text": "А для газа?",
        "author": {"type": "USER", "name": "Лада"},
        "status": "PUBLISHED",
        "answerId": 601,
        "createdAt": stamp(ago),
        **fields,
    }


def make_campaigns(*businesses: tuple[int, str], more: str | None = None) -> dict[str, Any]:
    """The shops behind a token, one an account."""
    shops = [
        {"id": 21 + number, "domain": "Лавка", "business": {"id": id, "name": name}}
        for number, (id, name) in enumerate(businesses or ((int(BUSINESS), "Дом и чай"),))
    ]
    return {"campaigns": shops, "paging": {"nextPageToken": more} if more else {}}


def make_rights(*scopes: str) -> dict[str, Any]:
    """What a token may do."""
    return ok(apiKey={"name": "AgentIQ", "authScopes": list(scopes)})

"""Builders: a key, chats, messages, reviews, questions as Ozon has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

CHAT_LIST = "/v3/chat/list"
HISTORY = "/v3/chat/history"
CHAT_READ = "/v2/chat/read"
MESSAGE = "/v1/chat/send/message"
FILE = "/v1/chat/send/file"
POSTING = "/v3/posting/fbs/get"
REVIEWS = "/v2/review/list"
REVIEW = "/v2/review/info"
REVIEW_STATUS = "/v2/review/change-status"
COMMENTS = "/v1/review/comment/list"
COMMENT = "/v1/review/comment/create"
QUESTIONS = "/v1/question/list"
QUESTION = "/v1/question/info"
QUESTION_STATUS = "/v1/question/change-status"
ANSWERS = "/v1/question/answer/list"
ANSWER = "/v1/question/answer/create"
PRODUCTS = "/v3/product/info/list"
ROLES = "/v1/roles"
SELLER = "/v1/seller/info"

CLIENT_ID: Final = "7001234"
KEY: Final = "3f1c2b7a-9d54-4c1e-8a60-5b0f6c2d7e19"
CHAT: Final = "4c7a9e12-83d5-4f06-b2c9-7d1e5f3a6048"
FIRST: Final = 3_000_000_000_452_190_700
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
NO_SUBSCRIPTION: Final = {
    "code": 7,
    "message": "rpc error: code = PermissionDenied desc = not available with existing subscription",
    "details": [],
}


def stamp(minutes: float = 0) -> str:
    """A time so many minutes before now, as Ozon writes it."""
    return (NOW - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def make_chat(newest: object = FIRST, chat: str = CHAT, **fields: Any) -> dict[str, Any]:
    """A line of the list; `fields` go into the conversation itself."""
    details = {
        "chat_id": chat,
        "chat_type": "BUYER_SELLER",
        "chat_status": "OPENED",
        "created_at": stamp(100),
        **fields,
    }
    return {"chat": details, "first_unread_message_id": newest, "last_message_id": newest, "unread_count": 1}


def make_chats(*chats: object, **fields: Any) -> dict[str, Any]:
    """A page of the list."""
    return {"chats": list(chats), "total_unread_count": len(chats), "cursor": "", "has_next": False, **fields}


def make_message(number: int = 0, text: str | None = None, **fields: Any) -> dict[str, Any]:
    """A message of the buyer, the `number`th after the first, a minute apart."""
    return {
        "message_id": FIRST + number,
        "created_at": stamp(60 - number),
        "user": {"id": "204417", "type": "Customer"},
        "data": [f"Вопрос {number}" if text is None else text],
        "is_image": False,
        "is_read": False,
        "moderate_image_status": "SUCCESS",
        "context": {"order_number": "", "sku": "731204865"},
        **fields,
    }


def make_history(*messages: object, **fields: Any) -> dict[str, Any]:
    """A page of a history."""
    return {"messages": list(messages), "has_next": False, **fields}


def make_review(number: int = 0, **fields: Any) -> dict[str, Any]:
    """A review of two stars that nobody has seen."""
    return {
        "id": f"018f2a40-1b7e-7c35-9a62-{number:012d}",
        "sku": 209417736,
        "text": f"Отзыв {number}: ручка шатается",
        "published_at": stamp(60 - number),
        "rating": 2,
        "status": "NEW",
        "comments_amount": 0,
        "photos_amount": 0,
        "videos_amount": 0,
        "order_status": "DELIVERED",
        "is_rating_participant": True,
        **fields,
    }


def make_reviews(*reviews: object, **fields: Any) -> dict[str, Any]:
    """A page of reviews."""
    return {"reviews": list(reviews), "has_next": False, "last_id": "", **fields}


def make_comment(number: int = 0, **fields: Any) -> dict[str, Any]:
    """A comment of the seller."""
    return {
        "id": f"comment-{number}",
        "text": f"Комментарий {number}",
        "parent_comment_id": "",
        "is_owner": True,
        "is_official": True,
        "is_published": True,
        "is_rejected": False,
        "deviation_reason": "",
        "published_at": stamp(30 - number),
        **fields,
    }


def make_question(number: int = 0, **fields: Any) -> dict[str, Any]:
    """A question that nobody has seen."""
    return {
        "id": f"018f2a41-5c0d-7e18-8b47-{number:012d}",
        "sku": 731204865,
        "text": f"Вопрос {number}: какой цвет?",
        "author_name": "Мария К.",
        "published_at": stamp(60 - number),
        "product_url": "https://www.ozon.ru/product/731204865/",
        "question_link": "https://www.ozon.ru/product/731204865/questions/",
        "status": "NEW",
        "answers_count": 0,
        **fields,
    }


def make_questions(*questions: object, **fields: Any) -> dict[str, Any]:
    """A page of questions."""
    return {"questions": list(questions), "has_next": False, "last_id": "", **fields}


def make_answer(number: int = 0, **fields: Any) -> dict[str, Any]:
    """An answer of the seller."""
    return {
        "id": f"answer-{number}",
        "question_id": make_question()["id"],
        "sku": 731204865,
        "text": f"Ответ {number}",
        "author_name": "Лавка у моста",
        "published_at": stamp(30 - number),
        "status_publication": "PUBLISHED",
        **fields,
    }


def make_problem(message: str, code: int = 3) -> dict[str, Any]:
    """An rpcStatus."""
    return {"code": code, "message": message, "details": []}

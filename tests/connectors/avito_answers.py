"""Builders: a token, a conversation, a message, a review as Avito has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

OWN = "94000001"
BUYER = 71000007
CHAT = "u2i-Kx7~abc"
CLIENT_ID = "Zk3fQ8pLw1"
SECRET = "sEcReT-of-one-seller-0123456789"
ACCESS = "tok-first-0123456789"
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
SENT_AT = int(NOW.timestamp()) - 86_400

TOKEN = "/token"
SELF = "/core/v1/accounts/self"
CHATS = f"/messenger/v2/accounts/{OWN}/chats"
MESSAGES = f"/messenger/v3/accounts/{OWN}/chats/{CHAT}/messages/"
SEND = f"/messenger/v1/accounts/{OWN}/chats/{CHAT}/messages"
SEND_IMAGE = f"{SEND}/image"
READ = f"/messenger/v1/accounts/{OWN}/chats/{CHAT}/read"
UPLOAD = f"/messenger/v1/accounts/{OWN}/uploadImages"
VOICES = f"/messenger/v1/accounts/{OWN}/getVoiceFiles"
REVIEWS = "/ratings/v1/reviews"
ANSWERS = "/ratings/v1/answers"
ITEMS = "/core/v1/items"


def make_token(value: str = ACCESS, **fields: Any) -> dict[str, Any]:
    """A token for a day."""
    return {"access_token": value, "expires_in": 86400, "token_type": "Bearer", **fields}


def make_message(number: int = 0, **fields: Any) -> dict[str, Any]:
    """One message of a buyer, `number` seconds after the first."""
    return {
        "id": f"m{number:04d}",
        "author_id": BUYER,
        "content": {"text": f"Здравствуйте, вопрос {number}"},
        "created": SENT_AT + number,
        "direction": "in",
        "is_read": False,
        "read": None,
        "type": "text",
        **fields,
    }


def make_chat(id: str = CHAT, last: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A line of the list with its last message."""
    last = make_message() if last is None else last
    return {
        "id": id,
        "context": {
            "type": "item",
            "value": {"id": 1768000444, "title": "Чайник со свистком", "price_string": "1 250 ₽", "user_id": int(OWN)},
        },
        "created": SENT_AT - 60,
        "updated": last.get("created", SENT_AT),
        "users": [{"id": int(OWN), "name": "Лавка"}, {"id": BUYER, "name": "Алёна"}],
        "last_message": last,
        **fields,
    }  # fmt: skip


def make_chats(*chats: object) -> dict[str, Any]:
    """A page of the list."""
    return {"chats": list(chats)}


def make_review(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A review of five stars, `number` hours before NOW."""
    return {
        "id": 92_000_000 + number,
        "score": 5,
        "stage": "done",
        "text": f"Отличный чайник {number}",
        "usedInScore": True,
        "canAnswer": True,
        "createdAt": int(NOW.timestamp()) - number * 3600,
        "sender": {"name": "Вера"},
        "item": {"id": 1768000444, "title": "Чайник со свистком"},
        "answer": None,
        **fields,
    }


def make_answer(id: int = 501, text: str = "Спасибо за отзыв!", **fields: Any) -> dict[str, Any]:
    """The seller's answer to a review."""
    return {"id": id, "text": text, "status": "published", "createdAt": int(NOW.timestamp()), **fields}


def make_reviews(*reviews: object, total: int | None = None) -> dict[str, Any]:
    """A page of reviews."""
    return {"reviews": list(reviews), "total": len(reviews) if total is None else total}

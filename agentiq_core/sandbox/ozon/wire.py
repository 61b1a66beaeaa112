"""Conversations and messages as the Seller API prints them, with the irregularities of its documents and live answers.

Which irregularity an item shows follows from its id, so that it looks the same whenever it is read.
"""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from agentiq_core.domain.messages import Author
from agentiq_core.sandbox.conversation import Attachment, Message, Moderation
from agentiq_core.sandbox.ozon.records import OzonConversation, OzonMessage

_USERS: Final = {Author.BUYER: "Customer", Author.SELLER: "Seller", Author.MARKETPLACE: "Crm"}
_SIGNS: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]()#+-.!|"})
SUPPORT: Final = (
    {
        "chat_id": "0d4f7b62-51c3-4e0e-8f1d-6a2b9c3e5d70",
        "chat_type": "SELLER_SUPPORT",
        "chat_status": "OPENED",
    },
    {
        "chat_id": "9f3c61d2-0a5b-4a0e-9c57-2f6f0b1f7d10",
        "chat_type": "Seller_Notification",
        "chat_status": "OPENED",
    },
)


def _dice(identity: str, sides: int) -> int:
    return int(hashlib.sha256(identity.encode()).hexdigest()[:6], 16) % sides


def utc_time(milliseconds: float) -> str:
    """RFC 3339 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def flag(value: bool, quirks: bool) -> bool | str:
    """A boolean, which samples print as "true" at times."""
    return ("true" if value else "false") if quirks else value


def number(value: int, quirks: bool, identity: str) -> int | str:
    """A number, which comes as a string at times."""
    return str(value) if quirks and _dice(identity, 2) else value


def chat_json(chat: OzonConversation, newest: Message | None, unread: int, *, quirks: bool) -> dict[str, Any]:
    """A line of chat/list."""
    last = int(newest.id) if newest else 0
    return {
        "chat": {
            "chat_id": chat.id,
            "chat_type": "Buyer_Seller" if quirks and _dice(chat.id, 3) == 0 else "BUYER_SELLER",
            "chat_status": "CLOSED" if chat.closed else "OPENED",
            "created_at": utc_time(chat.created),
        },
        "first_unread_message_id": number(last, quirks, chat.id),
        "last_message_id": number(last, quirks, f"{chat.id} last"),
        "unread_count": unread,
    }


def message_json(
    message: Message,
    chat: OzonConversation,
    files_at: str,
    now: float,
    *,
    seen: bool,
    escapes: bool,
    quirks: bool,
) -> dict[str, Any]:
    """A message of chat/history. files_at: the address below which its files are."""
    data = [message.text.translate(_SIGNS) if escapes else message.text] if message.text else []
    images = [file for file in message.attachments if file.is_image]
    for file in message.attachments:
        link = f"{files_at}/{file.download_id}/{quote(file.name)}"
        data.append(f"![]({link})" if file.is_image else f"[{file.name}]({link})")
    user = _USERS[message.author]
    if quirks and user == "Customer" and _dice(message.id, 4) == 0:
        user = "Сustomer"
    return {
        "message_id": number(int(message.id), quirks, message.id),
        "created_at": utc_time(message.time),
        "user": {"id": str(_dice(f"{chat.id}{user}", 10**6)), "type": user},
        "data": data,
        "is_image": bool(images),
        "is_read": flag(seen, quirks and _dice(message.id, 3) == 0),
        "moderate_image_status": _moderation(images, now),
        "context": {"order_number": chat.order_id, "sku": str(chat.good.nm_id)},
    }


def review_json(review: OzonConversation, comments: int, *, quirks: bool) -> dict[str, Any]:
    """A review of review/list. Ozon has one text: what was good and bad stands in it."""
    first = review.messages[0]
    return {
        "id": review.id,
        "sku": number(review.good.nm_id, quirks, review.id),
        "text": review_text(review),
        "published_at": utc_time(first.time),
        "rating": review.stars,
        "status": review.status.value,
        "comments_amount": comments,
        "photos_amount": len(first.attachments),
        "videos_amount": 0,
        "order_status": "DELIVERED",
        "is_rating_participant": True,
    }


def review_text(review: OzonConversation) -> str:
    """The words of a review."""
    parts = [review.messages[0].text or ""]
    parts += [f"Достоинства: {review.pros}"] if review.pros else []
    parts += [f"Недостатки: {review.cons}"] if review.cons else []
    return "\n".join(part for part in parts if part)


def comment_json(message: Message) -> dict[str, Any]:
    """A comment of review/comment/list."""
    rejected = message.rejected if isinstance(message, OzonMessage) else None
    ours = message.author is Author.SELLER
    return {
        "id": message.id,
        "text": message.text or "",
        "parent_comment_id": "",
        "is_owner": ours,
        "is_official": ours or message.author is Author.MARKETPLACE,
        "is_published": rejected is None,
        "is_rejected": rejected is not None,
        "deviation_reason": rejected or "",
        "likes_amount": 0,
        "dislikes_amount": 0,
        "published_at": utc_time(message.time),
    }


def question_json(question: OzonConversation, answers: int, *, quirks: bool) -> dict[str, Any]:
    """A question of question/list."""
    first = question.messages[0]
    page = f"https://www.ozon.ru/product/{question.good.nm_id}/"
    return {
        "id": question.id,
        "sku": question.good.nm_id,
        "text": first.text or "",
        "author_name": question.buyer_name or "Пользователь OZON",
        "published_at": utc_time(first.time),
        "product_url": page,
        "question_link": f"{page}questions/",
        "status": question.status.value,
        "answers_count": number(answers, quirks, question.id),
    }


def answer_json(message: Message, question: OzonConversation, shop: str) -> dict[str, Any]:
    """An answer of question/answer/list."""
    rejected = message.rejected if isinstance(message, OzonMessage) else None
    return {
        "id": message.id,
        "question_id": question.id,
        "sku": question.good.nm_id,
        "text": message.text or "",
        "author_name": shop if message.author is Author.SELLER else "Пользователь OZON",
        "published_at": utc_time(message.time),
        "status_publication": "MODERATION_FAILED" if rejected is not None else "PUBLISHED",
    }


def break_message(item: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """An item with a flaw that no lenient reader can heal."""
    time = "created_at" if "created_at" in item else "published_at"
    flaw = rng.choice(("time", "id"))
    return item | (
        {time: "вчера"} if flaw == "time" else {("message_id" if "message_id" in item else "id"): [1]}
    )


def _moderation(images: list[Attachment], now: float) -> str:
    if any(file.moderation is Moderation.REFUSED for file in images):
        return "FAILED"
    pending = any(file.moderation is Moderation.PENDING and now < file.ready_at for file in images)
    return "MODERATION" if pending else "SUCCESS"

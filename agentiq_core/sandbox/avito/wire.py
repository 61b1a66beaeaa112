"""Conversations, messages and reviews as Avito prints them (Avito API, messenger and ratings), with irregularities.

Which irregularity an item shows follows from its id, so that it looks the same whenever it is read.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from agentiq_core.domain.messages import Author
from agentiq_core.sandbox.avito.records import AvitoConversation, AvitoMessage
from agentiq_core.sandbox.buyers import Good
from agentiq_core.sandbox.conversation import Attachment, Message

SIZES: Final = ("1280x960", "140x105", "32x32")
FLOW: Final = "flower_161071"
"""The seller's own auto replies."""


def dice(identity: str, sides: int) -> int:
    """A number below `sides` that follows from the id."""
    return int(hashlib.sha256(identity.encode()).hexdigest()[:6], 16) % sides


def chat_json(
    chat: AvitoConversation, last: Message | None, user_id: int, name: str, files_at: str, *, quirks: bool
) -> dict[str, Any]:
    """A line of the list."""
    users: list[dict[str, Any]] = [
        {"id": user_id, "name": name},
        {"id": chat.buyer_id, "name": chat.buyer_name},
    ]
    if quirks and dice(chat.id, 5) == 0:
        users.append({"id": 3, "name": "Помощник Авито"})
    line: dict[str, Any] = {
        "id": chat.id,
        "context": {"type": "item", "value": listing_json(chat.good, user_id)},
        "created": chat.created // 1000,
        "updated": (last.time if last else chat.created) // 1000,
        "users": users if not quirks or dice(chat.id, 2) else users[::-1],
    }
    if last is not None:
        message = message_json(last, chat, user_id, files_at, quirks=quirks)
        line["last_message"] = {
            name: message[name] for name in ("author_id", "content", "created", "direction", "id", "type")
        }
    return line


def listing_json(good: Good, user_id: int) -> dict[str, Any]:
    """The listing that a chat is about."""
    return {
        "id": good.nm_id,
        "title": good.title,
        "price_string": f"{good.price // 100:,} ₽".replace(",", " "),
        "status_id": 10,
        "url": f"https://avito.ru/items/{good.nm_id}",
        "user_id": user_id,
        "images": {"count": 1, "main": {"140x105": f"https://img.k.avito.ru/140x105/{good.nm_id}.jpg"}},
    }


def message_json(
    message: Message, chat: AvitoConversation, user_id: int, files_at: str, *, quirks: bool
) -> dict[str, Any]:
    """A message of a history; what its type does not use is null or missing."""
    kind, content = _content(message, files_at)
    if quirks and dice(message.id, 2):
        content = {"image": None, "link": None, "voice": None, **content}
    outgoing = message.author is not Author.BUYER
    seen = _seen_at(chat, message) if outgoing else None
    return {
        "id": message.id,
        "author_id": user_id if outgoing else chat.buyer_id,
        "created": message.time // 1000,
        "direction": "out" if outgoing else "in",
        "type": kind,
        "content": content,
        "is_read": outgoing or message.time <= chat.seen,
        "read": seen,
    }


def review_json(
    review: AvitoConversation, shown: list[Message], now: float, moderation: float, files_at: str
) -> dict[str, Any]:
    """A review with its answer."""
    first, answers = shown[0], [each for each in shown[1:] if each.author is Author.SELLER]
    answer = answers[-1] if answers else None
    told: dict[str, Any] = {
        "id": int(review.id),
        "score": review.stars,
        "stage": ("done", "fell_through", "not_agree")[dice(review.id, 3)],
        "text": review_text(review),
        "usedInScore": True,
        "canAnswer": answer is None or review.refused is not None,
        "createdAt": first.time // 1000,
        "sender": {"name": review.buyer_name} if review.buyer_name else None,
        "item": {"id": review.good.nm_id, "title": review.good.title},
        "answer": None,
    }
    if first.attachments:
        told["images"] = [
            {
                "number": number,
                "sizes": [{"size": size, "url": f"{files_at}/{size}/{file.download_id}"} for size in SIZES],
            }
            for number, file in enumerate(first.attachments, 1)
        ]
    if answer is not None:
        pending = bool(moderation) and now < answer.time / 1000 + moderation
        status = "moderation" if pending else "published" if review.refused is None else "rejected"
        told["answer"] = {
            "id": int(answer.id),
            "text": answer.text or "",
            "status": status,
            "createdAt": answer.time // 1000,
            "reject_reasons": [{"id": 100, "title": review.refused}] if status == "rejected" else [],
        }
    return told  # fmt: skip


def review_text(review: AvitoConversation) -> str:
    """The words of a review: Avito has one field for all of them."""
    parts = (review.messages[0].text or "", review.pros, review.cons)
    return "\n".join(part for part in parts if part)


def _content(message: Message, files_at: str) -> tuple[str, dict[str, Any]]:
    if isinstance(message, AvitoMessage) and message.kind:
        return message.kind, message.content
    if message.automatic or message.author is Author.MARKETPLACE:
        return "system", {"text": message.text, "flow_id": FLOW}
    if message.attachments:
        return _file(message.attachments[0], files_at)
    return "text", {"text": message.text}


def _file(file: Attachment, files_at: str) -> tuple[str, dict[str, Any]]:
    if file.is_image:
        sizes = {size: f"{files_at}/{size}/{file.download_id}" for size in SIZES}
        return "image", {"image": {"sizes": sizes}}
    if file.content_type.startswith("audio/"):
        return "voice", {"voice": {"voice_id": file.download_id}}
    return ("video" if file.content_type.startswith("video/") else "file"), {}


def _seen_at(chat: AvitoConversation, message: Message) -> int | None:
    """Ours are read once the buyer wrote later."""
    later = (each.time for each in chat.messages if each.author is Author.BUYER and each.time > message.time)
    time = next(later, None)
    return None if time is None else time // 1000

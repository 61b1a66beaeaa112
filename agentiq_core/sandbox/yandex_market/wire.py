"""Conversations in the words of the Partner API."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Final

from agentiq_core.domain.messages import Author
from agentiq_core.sandbox.buyers import Good
from agentiq_core.sandbox.conversation import Message
from agentiq_core.sandbox.yandex_market.records import Context, YandexConversation, YandexMessage
from agentiq_core.sandbox.yandex_market.seller import YandexSeller

_MOSCOW: Final = timezone(timedelta(hours=3))
_SENDERS: Final = {Author.BUYER: "CUSTOMER", Author.SELLER: "PARTNER", Author.MARKETPLACE: "MARKET"}
_VOTES: Final = {"likes": 0, "dislikes": 0}


def time_of(milliseconds: float, *, whole: bool = False) -> str:
    """A time with Moscow's offset; `whole`: in whole seconds."""
    moment = datetime.fromtimestamp(int(milliseconds) / 1000, _MOSCOW)
    return moment.isoformat(timespec="seconds" if whole else "milliseconds")


def sku_of(good: Good) -> str:
    """The seller's own id of a good."""
    return f"SKU-{good.nm_id}"


def status_of(chat: YandexConversation, now: float) -> str:
    """Whom a chat waits for."""
    shown = [message for message in chat.shown(now) if not message.automatic]
    if chat.finished:
        return "FINISHED"
    if not shown or all(message.author is Author.BUYER for message in shown):
        return "NEW"
    return "WAITING_FOR_PARTNER" if shown[-1].author is Author.BUYER else "WAITING_FOR_CUSTOMER"


def context_json(shop: YandexSeller, chat: YandexConversation) -> dict[str, Any]:
    """What a chat is about."""
    context: dict[str, Any] = {"type": chat.context.value}
    if chat.buyer_name:
        context["customer"] = {"name": chat.buyer_name, "publicId": f"buyer{chat.id}"}
    if chat.context is not Context.DIRECT:
        context |= {"campaignId": shop.campaign, "orderId": int(chat.order_id)}
    if chat.context is Context.RETURN:
        context["returnId"] = int(chat.order_id) + 1
    return context


def chat_json(shop: YandexSeller, chat: YandexConversation, now: float) -> dict[str, Any]:
    """A line of the list."""
    last = chat.last_shown(now)
    told = {
        "chatId": int(chat.id),
        "type": "ARBITRAGE" if chat.arbitrage else "CHAT",
        "status": status_of(chat, now),
        "context": context_json(shop, chat),
        "createdAt": time_of(chat.created, whole=True),
        "updatedAt": time_of(last.time if last else chat.created, whole=shop.behaviour.whole_seconds),
    }
    if shop.behaviour.old_fields and chat.context is not Context.DIRECT:
        told["orderId"] = int(chat.order_id)
    return told


def message_json(shop: YandexSeller, message: Message, files_at: str) -> dict[str, Any]:
    """A message of a history."""
    quirky = shop.behaviour.quirks
    told: dict[str, Any] = {
        "messageId": message.id if quirky else int(message.id),
        "createdAt": time_of(message.time),
        "sender": "BUYER" if quirky and message.author is Author.BUYER else _SENDERS[message.author],
    }
    if message.text is not None:
        told["message"] = message.text
    if message.attachments:
        told["payload"] = [
            {"name": file.name, "url": f"{files_at}/{file.download_id}/{file.name}", "size": file.size}
            for file in message.attachments
        ]
    if quirky:
        told["createdAt"] = told["createdAt"].replace("+", "000001+")
    return told


def comments_of(review: YandexConversation, now: float) -> list[YandexMessage]:
    """What was said below a review or a question."""
    return [
        each
        for each in review.shown(now)
        if isinstance(each, YandexMessage) and each is not review.messages[0]
    ]


def parent_of(review: YandexConversation, comment: Message) -> Message | None:
    """The seller's comment that a buyer comments on; None for a comment on the review itself."""
    if comment.author is not Author.BUYER:
        return None
    before = [
        each
        for each in review.messages[1:]
        if each.author is Author.SELLER and (each.time, each.id) < (comment.time, comment.id)
    ]
    return before[-1] if before else None


def review_json(review: YandexConversation, now: float, files_at: str) -> dict[str, Any]:
    """A review. Comments on comments are not counted."""
    first = review.messages[0] if review.messages else None
    parts = {
        "comment": first.text if first else None,
        "advantages": review.pros,
        "disadvantages": review.cons,
    }
    photos = [f"{files_at}/{file.download_id}/{file.name}" for file in first.attachments] if first else []
    counted = [each for each in comments_of(review, now) if parent_of(review, each) is None]
    told: dict[str, Any] = {
        "feedbackId": int(review.id),
        "createdAt": time_of(review.created),
        "needReaction": review.needs_reaction,
        "identifiers": {"orderId": int(review.order_id), "offerId": sku_of(review.good)},
        "author": review.buyer_name,
        "statistics": {
            "rating": review.stars or 5,
            "commentsCount": len(counted),
            "recommended": (review.stars or 5) > 3,
        },
    }
    words = {name: text for name, text in parts.items() if text}
    if words:
        told["description"] = words
    if photos:
        told["media"] = {"photos": photos}
    return told


def comment_json(shop: YandexSeller, review: YandexConversation, comment: YandexMessage) -> dict[str, Any]:
    """A comment below a review: it carries no time."""
    told: dict[str, Any] = {
        "id": int(comment.id),
        "text": comment.text or "",
        "author": _writer(shop, review, comment),
        "canModify": comment.author is Author.SELLER,
        "status": comment.status.value,
        "feedbackId": int(review.id),
    }
    parent = parent_of(review, comment)
    if parent is not None:
        told["parentId"] = int(parent.id)
    return told


def question_json(shop: YandexSeller, question: YandexConversation) -> dict[str, Any]:
    """A question; nothing tells whether it was answered."""
    text = question.messages[0].text if question.messages else None
    return {
        "questionIdentifiers": {"id": int(question.id), "categoryId": 90, "offerId": sku_of(question.good)},
        "businessId": shop.business,
        "text": text or "",
        "createdAt": time_of(question.created),
        "votes": dict(_VOTES),
        "author": {"type": "USER", "name": question.buyer_name},
    }


def answers_json(shop: YandexSeller, question: YandexConversation, now: float) -> list[dict[str, Any]]:
    """The answers to a question; a buyer below one of the seller's comments on it."""
    answers: list[dict[str, Any]] = []
    for each in comments_of(question, now):
        told = {
            "id": int(each.id),
            "text": each.text or "",
            "canModify": each.author is Author.SELLER,
            "author": _writer(shop, question, each),
            "status": each.status.value,
            "createdAt": time_of(each.time),
            "votes": dict(_VOTES),
        }
        parent = parent_of(question, each)
        if parent is None:
            answers.append(told | {"questionId": int(question.id), "comments": []})
            continue
        for answer in answers:
            if answer["id"] == int(parent.id):
                answer["comments"].append(told | {"answerId": answer["id"]})
    return answers


def answered(question: YandexConversation, now: float) -> bool:
    """Whether the seller answered."""
    return any(each.author is Author.SELLER for each in comments_of(question, now))


def offer_json(good: Good) -> dict[str, Any]:
    """A good of the catalogue."""
    return {
        "offer": {
            "offerId": sku_of(good),
            "name": good.title,
            "vendor": good.brand,
            "vendorCode": str(good.nm_id),
            "pictures": [f"https://avatars.mds.yandex.net/get-mpic/{good.nm_id}/orig"],
            "description": f"<p>{good.title}</p>",
            "basicPrice": {
                "value": good.price / 100,
                "currencyId": "RUR",
                "updatedAt": "2026-11-01T00:00:00+03:00",
            },
        },
        "mapping": {"marketSku": good.nm_id, "marketSkuName": good.title, "marketCategoryId": 90},
    }


def _writer(shop: YandexSeller, conversation: YandexConversation, message: Message) -> dict[str, str]:
    if message.author is Author.SELLER:
        return {"type": "BUSINESS", "name": shop.name}
    if message.author is Author.BUYER:
        return {"type": "USER", "name": conversation.buyer_name}
    return {"type": "BRAND", "name": conversation.good.brand}

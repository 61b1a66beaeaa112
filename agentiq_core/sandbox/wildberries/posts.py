"""Reviews, questions and claims as the API prints them, and on which of its lists they stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from agentiq_core.domain.messages import Author
from agentiq_core.sandbox.conversation import Attachment, Message
from agentiq_core.sandbox.wildberries.records import Behaviour, Chat

_MOSCOW: Final = timezone(timedelta(hours=3))
_ARCHIVED_AFTER: Final = timedelta(days=30).total_seconds()
_EDITABLE: Final = timedelta(days=60).total_seconds()
CLAIMS_FOR: Final = timedelta(days=14).total_seconds()
_FQ_PHOTOS: Final = "https://feedback04.wbbasket.ru/vol1333/part133337"


def _dice(identity: str, sides: int) -> int:
    return sum(identity.encode()) % sides


def created(post: Chat) -> float:
    """When the buyer wrote, in unix seconds."""
    return (post.messages[0].time if post.messages else post.created) / 1000


def answers(post: Chat, now: float) -> list[Message]:
    """The seller's answers that are shown by now; a later one has taken the place of those before it."""
    return [message for message in post.shown(now) if message.author is Author.SELLER]


def is_editable(post: Chat, now: float) -> bool:
    """Whether the answer may be edited: once, within 60 days (WB API, feedbacks/answer and questions)."""
    given = [message for message in post.messages if message.author is Author.SELLER]
    return len(given) == 1 and now - given[0].time / 1000 < _EDITABLE


def is_archived(review: Chat, now: float) -> bool:
    """Answered, or old, or without text and photo (WB API, feedbacks/archive)."""
    first = review.messages[0]
    wordless = not (first.text or first.attachments or review.pros or review.cons)
    return wordless or bool(answers(review, now)) or now - created(review) >= _ARCHIVED_AFTER


def review_json(review: Chat, now: float, behaviour: Behaviour) -> dict[str, Any]:
    """An element of `feedbacks`."""
    first, quirks = review.messages[0], behaviour.quirks
    given = answers(review, now)
    photos = [_photo(file) for file in first.attachments if file.is_image]
    zone = _MOSCOW if quirks and _dice(review.id, 3) == 0 else UTC
    return {
        "id": review.id,
        "text": first.text or "",
        "pros": review.pros,
        "cons": review.cons,
        "productValuation": review.stars or 5,
        "createdDate": _zoned(created(review), zone),
        "answer": _review_answer(review, given[-1], now, behaviour) if given else None,
        "state": "wbRu" if given else "none",
        "productDetails": _product(review) | {"size": review.size},
        "photoLinks": photos or (None if _dice(review.id, 2) else []),
        "video": None,
        "wasViewed": review.viewed,
        "userName": review.buyer_name,
        "orderStatus": "buyout",
        "matchingSize": "",
        "isAbleSupplierFeedbackValuation": True,
        "supplierFeedbackValuation": 0,
        "isAbleSupplierProductValuation": True,
        "supplierProductValuation": 0,
        "isAbleReturnProductOrders": False,
        "returnProductOrdersDate": None,
        "bables": ["цена", "качество"] if quirks and _dice(review.id, 5) == 0 else None,
        "lastOrderShkId": review.created % 1_000_000_007,
        "lastOrderCreatedAt": _zoned(created(review) - 5 * 86_400, _MOSCOW),
        "color": "",
        "subjectId": 219,
        "subjectName": review.good.title,
        "parentFeedbackId": None,
        "childFeedbackId": None,
    }


def question_json(question: Chat, now: float) -> dict[str, Any]:
    """An element of `questions`."""
    given = answers(question, now)
    state = "none" if question.declined else "wbRu" if given else "suppliersPortalSynch"
    return {
        "id": question.id,
        "text": question.messages[0].text or "",
        "createdDate": _nanoseconds(created(question)),
        "state": state,
        "answer": _question_answer(question, given[-1], now) if given else None,
        "productDetails": _product(question),
        "wasViewed": question.viewed,
        "isWarned": False,
    }


def claim_json(claim: Chat) -> dict[str, Any]:
    """An element of `claims`. Its times are Moscow's and name no zone."""
    first, said = claim.messages[0], [each for each in claim.messages if each.author is not Author.BUYER]
    told = said[-1] if said else None
    place = f"//photos.wbstatic.net/claim/{claim.id}"
    return {
        "id": claim.id,
        "claim_type": 1,
        "status": claim.decision,
        "status_ex": claim.goods_status,
        "nm_id": claim.good.nm_id,
        "user_comment": first.text or "",
        "wb_comment": told.text if told else None,
        "dt": _bare(created(claim)),
        "imt_name": claim.good.title,
        "order_dt": _bare(created(claim) - 9 * 86_400),
        "dt_update": _bare(told.time / 1000 if told else created(claim)),
        "photos": [f"{place}/{number}.webp" for number, _ in enumerate(first.attachments, 1)],
        "video_paths": [],
        "actions": [] if claim.decision else ["autorefund1", "approve1", "rejectcustom"],
        "price": claim.card.price / 100,
        "currency_code": "643",
        "srid": claim.order_id,
        "origin_id_info": None,
        "delivery_dt": _bare(created(claim) - 86_400),
    }


def card_json(chat_good: Any) -> dict[str, Any]:
    """An element of `cards`."""
    place = f"https://basket-10.wbbasket.ru/vol{chat_good.nm_id // 100_000}/{chat_good.nm_id}/images"
    facts: dict[str, list[str]] = {"Цвет": list(chat_good.colours)}
    return {
        "nmID": chat_good.nm_id,
        "imtID": chat_good.nm_id + 1,
        "vendorCode": vendor_code(chat_good),
        "brand": chat_good.brand,
        "title": chat_good.title,
        "description": f"{chat_good.title}. {chat_good.brand}.",
        "photos": [{"big": f"{place}/big/1.webp", "c246x328": f"{place}/c246x328/1.webp"}],
        "characteristics": [
            {"id": number, "name": name, "value": value}
            for number, (name, value) in enumerate(facts.items(), 14_177_449)
            if value
        ],
    }


def vendor_code(good: Any) -> str:
    """The seller's own article."""
    return f"{good.category.value}-{good.nm_id % 10_000}"


def _review_answer(review: Chat, answer: Message, now: float, behaviour: Behaviour) -> dict[str, Any]:
    wait = behaviour.answer_moderation
    moderated = wait <= 0 or now - answer.time / 1000 >= wait
    shown = "rejected" if behaviour.reject_answers else "wbRu"
    return {
        "text": answer.text or "",
        "state": shown if moderated else "reviewRequired",
        "editable": is_editable(review, now),
    }


def _question_answer(question: Chat, answer: Message, now: float) -> dict[str, Any]:
    return {
        "text": answer.text or "",
        "editable": is_editable(question, now),
        "createDate": _nanoseconds(answer.time / 1000),
    }


def _product(post: Chat) -> dict[str, Any]:
    return {
        "imtId": post.good.nm_id + 1,
        "nmId": post.good.nm_id,
        "productName": post.good.title,
        "supplierArticle": vendor_code(post.good),
        "supplierName": "",
        "brandName": post.good.brand,
    }


def _photo(file: Attachment) -> dict[str, str]:
    place = f"{_FQ_PHOTOS}/{file.download_id}/photos"
    return {"fullSize": f"{place}/fs.webp", "miniSize": f"{place}/ms.webp"}


def _zoned(seconds: float, zone: Any) -> str:
    text = datetime.fromtimestamp(int(seconds), zone).isoformat(timespec="seconds")
    return text.replace("+00:00", "Z")


def _nanoseconds(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}144857Z"


def _bare(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, _MOSCOW).replace(tzinfo=None).isoformat()

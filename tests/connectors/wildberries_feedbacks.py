"""Builders: reviews, questions, claims and cards as Wildberries has them, and a memory as the store would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from agentiq_core.connectors.base import Connector
from agentiq_core.domain.messages import FeedPage, IncomingChat, IncomingMessage

FEEDBACKS = "/feedbacks/api/v1/feedbacks"
ARCHIVE = "/feedbacks/api/v1/feedbacks/archive"
FEEDBACK = "/feedbacks/api/v1/feedback"
ANSWER = "/feedbacks/api/v1/feedbacks/answer"
QUESTIONS = "/feedbacks/api/v1/questions"
QUESTION = "/feedbacks/api/v1/question"
NEWS = "/feedbacks/api/v1/new-feedbacks-questions"
CLAIMS = "/returns/api/v1/claims"
CARDS = "/content/content/v2/get/cards/list"

REVIEW_ID = "n5um6IUBQOOSTxXoo0gV"
EVERY_SCOPE = 1 << 1 | 1 << 7 | 1 << 9 | 1 << 11
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def make_review(number: int = 0, **fields: Any) -> dict[str, Any]:
    """A review that waits for an answer; a larger number is an older one, by a minute each."""
    hour, minute = divmod(11 * 60 - number % 600, 60)
    return {
        "id": REVIEW_ID if number == 0 else f"review-{number}",
        "text": f"Чай неплохой, но упаковка помята ({number})",
        "pros": "",
        "cons": "",
        "productValuation": 4,
        "createdDate": f"2026-11-23T{hour:02d}:{minute:02d}:00Z",
        "answer": None,
        "state": "none",
        "productDetails": {"nmId": 41057, "productName": "Чай листовой", "size": "0", "brandName": "Вершина"},
        "photoLinks": None,
        "video": None,
        "wasViewed": False,
        "userName": "Марина",
        "bables": None,
        "parentFeedbackId": None,
        "childFeedbackId": None,
        **fields,
    }


def make_question(number: int = 0, **fields: Any) -> dict[str, Any]:
    """A question that waits for an answer."""
    review = make_review(number)
    return {
        "id": f"question-{number}",
        "text": f"Какой объём у чайника? ({number})",
        "createdDate": review["createdDate"],
        "state": "suppliersPortalSynch",
        "answer": None,
        "productDetails": review["productDetails"],
        "wasViewed": False,
        "isWarned": False,
        **fields,
    }


def make_claim(number: int = 0, **fields: Any) -> dict[str, Any]:
    """A claim under review."""
    return {
        "id": f"fe3e9337-e9f9-423c-8930-{number:012d}",
        "claim_type": 1,
        "status": 0,
        "status_ex": 0,
        "nm_id": 41057,
        "user_comment": "Крышка треснула",
        "wb_comment": None,
        "dt": "2026-11-20T10:00:00.245611",
        "imt_name": "Чайник",
        "order_dt": "2026-11-01T05:18:56",
        "dt_update": "2026-11-20T10:00:00.245611",
        "photos": ["//photos.example/1.webp"],
        "video_paths": ["//video.example/1.mp4"],
        "actions": ["approve1"],
        "price": 157,
        "currency_code": "643",
        "srid": "v5o_714.0.0",
        **fields,
    }


def listing(*reviews: object, **fields: Any) -> dict[str, Any]:
    """A page of reviews."""
    data = {"countUnanswered": len(reviews), "countArchive": 0, "feedbacks": list(reviews)}
    return {"data": data, "error": False, "errorText": "", "additionalErrors": None, **fields}


def questions(*listed: object) -> dict[str, Any]:
    """A page of questions."""
    data = {"countUnanswered": len(listed), "countArchive": 0, "questions": list(listed)}
    return {"data": data, "error": False, "errorText": "", "additionalErrors": None}


def one(item: object) -> dict[str, Any]:
    """A review or a question by its id."""
    return {"data": item, "error": False, "errorText": "", "additionalErrors": None}


def unknown_id() -> dict[str, Any]:
    """What an id that stands for nothing is answered with, with 422."""
    return {"data": None, "error": True, "errorText": "Невозможно получить отзыв по id", "requestId": "r-1"}


def claims(*listed: object) -> dict[str, Any]:
    """A page of claims."""
    return {"claims": list(listed), "total": len(listed)}


@dataclass
class Remembered:
    """A `Memory` that keeps what pages say, as the store does: first messages win, marks and chats are replaced."""

    kept: dict[str, str] = field(default_factory=dict)
    messages: dict[tuple[str, str], IncomingMessage] = field(default_factory=dict)
    told: dict[str, IncomingChat] = field(default_factory=dict)
    waiting_for: tuple[str, ...] = ()
    told_messages: int = 0

    async def marks(self, chats: Sequence[str]) -> Mapping[str, str]:
        return {chat: self.kept[chat] for chat in chats if chat in self.kept}

    async def awaited(self) -> Sequence[str]:
        return self.waiting_for

    async def unanswered(self) -> Sequence[str]:
        asked = {item.chat_external_id for item in self.messages.values() if item.message.asks}
        answered = {item.chat_external_id for item in self.messages.values() if item.message.is_answer}
        settled = {name for name, chat in self.told.items() if chat.settled_through is not None}
        return sorted(asked - answered - settled)

    def keep(self, page: FeedPage) -> None:
        """Store a page."""
        self.told_messages += len(page.messages)
        for item in page.messages:
            self.messages.setdefault((item.chat_external_id, item.message.external_id), item)
        self.told |= {chat.external_id: chat for chat in page.chats}
        self.kept |= {mark.chat_external_id: mark.mark for mark in page.marks}

    async def poll(self, line: Connector, cursor: str | None) -> str:
        """Read a feed from `cursor` to the end of its poll and keep all of it; the cursor of the next poll."""
        for _ in range(500):
            page = await line.page(cursor)
            self.keep(page)
            assert page.cursor is not None
            cursor = page.cursor
            if page.complete:
                return cursor
        raise AssertionError("the poll does not end")

    def texts(self, chat: str) -> list[str]:
        """What was said in a conversation, in order."""
        found = [item.message for item in self.messages.values() if item.chat_external_id == chat]
        return [message.text for message in sorted(found, key=lambda message: message.order)]

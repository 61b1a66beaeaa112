"""From reviews and questions to conversations (Ozon API, ReviewAPI and Questions&Answers)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final, TypeVar

from pydantic import ValidationError

from agentiq_core.connectors.mapping import Outcome, known_id, moment, present
from agentiq_core.connectors.ozon import wire
from agentiq_core.connectors.ozon.files import attachment_of
from agentiq_core.connectors.ozon.states import SETTLED
from agentiq_core.connectors.wire import flaws, raw
from agentiq_core.domain.messages import (
    Attachment,
    AttachmentKind,
    Author,
    Channel,
    IncomingChat,
    IncomingMessage,
    Message,
    Origin,
    Product,
    Unreadable,
)

_NOT_SHOWN: Final = {
    "moderation_failed": "Ответ не прошёл модерацию",
    "duplicate": "Ответ не опубликован: такой уже есть",
}
_ANY_BUYER: Final = "пользователь ozon"
"""How Ozon calls a buyer who gave no name (Ozon API, sample of question/list)."""

_MOST_PICTURES: Final = 10

Item = TypeVar("Item", bound=wire.Published)


def review_of(item: object) -> tuple[wire.Review, datetime] | Unreadable:
    """A review with its time, or why it cannot be read."""
    return _timed(wire.Review, item, Channel.REVIEW)


def info_of(item: object) -> tuple[wire.ReviewInfo, datetime] | Unreadable:
    """A review with its pictures and its time."""
    return _timed(wire.ReviewInfo, item, Channel.REVIEW)


def question_of(item: object) -> tuple[wire.Question, datetime] | Unreadable:
    """A question with its time."""
    return _timed(wire.Question, item, Channel.QUESTION)


def review_chat(review: wire.Review, published_at: datetime) -> IncomingChat:
    """What a review is about. One that was viewed or processed is settled, as far as its own words go; what the comments
    add, `states.settled` says."""
    stars = review.rating if review.rating in range(1, 6) else None
    return IncomingChat(
        review.id,
        Channel.REVIEW,
        product=_product(review.sku),
        stars=stars,
        settled_through=published_at if review.status in SETTLED else None,
    )


def review_message(review: wire.Review, published_at: datetime) -> IncomingMessage:
    """The buyer's words; a review of nothing but stars and pictures asks for nothing."""
    text = review.text or ""
    pictures = _pictures(review) if isinstance(review, wire.ReviewInfo) else ()
    return IncomingMessage(
        review.id,
        Message(
            external_id=review.id,
            author=Author.BUYER,
            origin=Origin.BUYER if present(text) else Origin.RATING,
            sent_at=published_at,
            text=text,
            attachments=pictures,
        ),
        channel=Channel.REVIEW,
        product=_product(review.sku),
    )


def question_chat(question: wire.Question, published_at: datetime) -> IncomingChat:
    """What a question is about and who asked; settled as a review is."""
    return IncomingChat(
        question.id,
        Channel.QUESTION,
        buyer_name=present(question.author_name),
        product=_product(question.sku),
        settled_through=published_at if question.status in SETTLED else None,
    )


def question_message(question: wire.Question, published_at: datetime) -> IncomingMessage:
    """The question itself."""
    return IncomingMessage(
        question.id,
        Message(question.id, Author.BUYER, Origin.BUYER, published_at, question.text or ""),
        channel=Channel.QUESTION,
        buyer_name=present(question.author_name),
        product=_product(question.sku),
    )


def comment_of(item: object, review: str) -> IncomingMessage | Unreadable:
    """A comment under a review. What moderation refused is no answer: it becomes a note of the marketplace's."""
    read = _timed(wire.Comment, item, Channel.REVIEW, review)
    if isinstance(read, Unreadable):
        return read
    comment, published_at = read
    if comment.is_owner is None:
        return _unreadable(item, "no is_owner", Channel.REVIEW, review)
    if comment.is_owner and comment.is_rejected:
        why = present(comment.deviation_reason)
        note = "Комментарий не прошёл модерацию" + (f": {why}" if why else "")
        return _note(review, comment.id, published_at, note, Channel.REVIEW)
    if comment.is_owner:
        author, origin = Author.SELLER, Origin.UNTOLD
    elif comment.is_official:
        author, origin = Author.MARKETPLACE, Origin.AUTOMATIC
    else:
        author, origin = Author.BUYER, Origin.BUYER
    message = Message(comment.id, author, origin, published_at, comment.text or "")
    return IncomingMessage(review, message, channel=Channel.REVIEW)


def answer_of(item: object, question: str) -> IncomingMessage | Unreadable:
    """An answer to a question. Other buyers answer too, and only their name tells them from the seller: theirs neither
    asks nor answers."""
    read = _timed(wire.QuestionAnswer, item, Channel.QUESTION, question)
    if isinstance(read, Unreadable):
        return read
    answer, published_at = read
    note = _NOT_SHOWN.get(answer.status_publication or "")
    if note is not None:
        return _note(question, answer.id, published_at, note, Channel.QUESTION)
    author, origin = Author.SELLER, Origin.UNTOLD
    if (answer.author_name or "").strip().lower() == _ANY_BUYER:
        author, origin = Author.MARKETPLACE, Origin.AUTOMATIC
    message = Message(answer.id, author, origin, published_at, answer.text or "")
    return IncomingMessage(question, message, channel=Channel.QUESTION)


def reread_review(item: object, kept: Unreadable) -> Outcome:
    """A review or a comment that was kept raw; a comment knows its review only from what was kept with it."""
    if _is_own(item, kept):
        read = review_of(item)
        return read if isinstance(read, Unreadable) else (review_message(*read),)
    comment = comment_of(item, kept.chat_external_id or "")
    return comment if isinstance(comment, Unreadable) else (comment,)


def reread_question(item: object, kept: Unreadable) -> Outcome:
    """A question or an answer that was kept raw."""
    if _is_own(item, kept):
        read = question_of(item)
        return read if isinstance(read, Unreadable) else (question_message(*read),)
    answer = answer_of(item, kept.chat_external_id or "")
    return answer if isinstance(answer, Unreadable) else (answer,)


def digest(*parts: object) -> str:
    """A short sign of what was written, so that an edit shows in a list."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:12]


def _timed(
    model: type[Item], item: object, channel: Channel, chat: str | None = None
) -> tuple[Item, datetime] | Unreadable:
    try:
        read = model.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, flaws(error), channel, chat)
    published_at = moment(read.published_at)
    if published_at is None:
        return _unreadable(item, "no usable published_at", channel, chat)
    return read, published_at


def _note(chat: str, about: str, at: datetime, text: str, channel: Channel) -> IncomingMessage:
    message = Message(f"refused:{about}", Author.MARKETPLACE, Origin.AUTOMATIC, at, text)
    return IncomingMessage(chat, message, channel=channel)


def _is_own(item: object, kept: Unreadable) -> bool:
    """Whether an item is the conversation itself rather than something said in it."""
    own = known_id(item.get("id")) if isinstance(item, dict) else None
    return kept.chat_external_id is None or kept.chat_external_id == own


def _product(sku: str | None) -> Product | None:
    shown = present(sku)
    return Product(shown.strip()) if shown is not None and shown.strip("0 ") else None


def _pictures(review: wire.ReviewInfo) -> tuple[Attachment, ...]:
    photos = [attachment_of(photo.url, image=True) for photo in review.photos or () if photo.url]
    films = [attachment_of(film.url, image=False) for film in review.videos or () if film.url]
    missing = max(0, (review.photos_amount or 0) - len(photos))
    return (*photos, *films, *[Attachment(AttachmentKind.IMAGE)] * min(missing, _MOST_PICTURES))


def _unreadable(item: object, reason: str, channel: Channel, chat: str | None = None) -> Unreadable:
    own = known_id(item.get("id")) if isinstance(item, dict) else None
    return Unreadable(
        raw=raw(item),
        reason=reason,
        chat_external_id=own if chat is None else chat,
        message_external_id=own,
        channel=channel,
    )

"""From reviews of goods to conversations (Yandex Market API, goods-feedback)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import ValidationError

from agentiq_core.connectors.fetching import attached
from agentiq_core.connectors.mapping import Outcome, known_id, moment, present
from agentiq_core.connectors.wire import flaws, raw
from agentiq_core.connectors.yandex_market import wire_goods as wire
from agentiq_core.connectors.yandex_market.mapping import enum_of, product_of
from agentiq_core.domain.messages import (
    Attachment,
    Author,
    Channel,
    IncomingChat,
    IncomingMessage,
    Message,
    Origin,
    Product,
    Unreadable,
)

COMMENT_ID: Final = "comment:"
_OTHERS: Final = {"BRAND": "Бренд", "VENDOR": "Производитель", "USER": "Покупатель"}


@dataclass(frozen=True, slots=True)
class ReviewState:
    """How a review stood in the list: the comments it counts, whether it wants a reaction, a sign of its words, and
    when its comments are due to be looked at again (`looks`)."""

    comments: int
    waits: bool
    sign: str
    look: str

    def __str__(self) -> str:
        return f"{self.comments} {'waits' if self.waits else 'done'} {self.sign} {self.look}"

    @classmethod
    def of(cls, text: str | None) -> ReviewState | None:
        """A state of this version; None for any other."""
        match (text or "").split(" "):
            case [comments, waits, sign, look] if comments.isascii() and comments.isdigit():
                return cls(int(comments), waits == "waits", sign, look)
        return None

    def settles(self, before: ReviewState | None) -> bool:
        """Whether the seller put it aside, or answered, since it was read last: what was said so far wants no reply."""
        return not self.waits and (before is None or before.waits)


def review_of(item: object) -> tuple[wire.Review, datetime] | Unreadable:
    """A review with its time, or why it cannot be read."""
    try:
        review = wire.Review.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, flaws(error), known_id(_field(item, "feedbackId")), own=True)
    created_at = moment(review.created_at)
    if created_at is None:
        return _unreadable(item, "no usable createdAt", review.feedback_id, own=True)
    return review, created_at


def review_chat(review: wire.Review, created_at: datetime, *, alone: bool) -> IncomingChat:
    """What a review is about. One that wants no reaction is settled, if it is `alone`: where there are comments, they
    are read first (`ReviewState.settles`)."""
    stars = review.statistics.rating if review.statistics is not None else None
    return IncomingChat(
        review.feedback_id,
        Channel.REVIEW,
        buyer_name=present(review.author),
        product=_product(review),
        stars=stars if stars in range(1, 6) else None,
        settled_through=created_at if alone and review.need_reaction is False else None,
    )


def review_message(review: wire.Review, created_at: datetime) -> IncomingMessage:
    """The buyer's words, with pros and cons as the Market labels them; stars and pictures alone ask for nothing."""
    text = words_of(review)
    return IncomingMessage(
        review.feedback_id,
        Message(
            external_id=review.feedback_id,
            author=Author.BUYER,
            origin=Origin.BUYER if text else Origin.RATING,
            sent_at=created_at,
            text=text,
            attachments=tuple(_attachments(review.media)),
        ),
        channel=Channel.REVIEW,
        buyer_name=present(review.author),
        product=_product(review),
    )


def words_of(review: wire.Review) -> str:
    """All that the buyer wrote, each part on lines of its own."""
    told = review.description
    if told is None:
        return ""
    parts = (
        present(told.comment),
        f"Достоинства: {told.advantages}" if present(told.advantages) else None,
        f"Недостатки: {told.disadvantages}" if present(told.disadvantages) else None,
    )
    return "\n".join(part for part in parts if part is not None)


def comments_of(
    items: Sequence[object], review: str, now: datetime
) -> tuple[list[IncomingMessage], list[Unreadable]]:
    """A page of comments, in the order of their publication. The Market tells no time of theirs: they get the time of
    this reading, and whoever stores them keeps the first."""
    messages: list[IncomingMessage] = []
    unreadable: list[Unreadable] = []
    for number, item in enumerate(items):
        outcome = comment_of(item, review, now + timedelta(milliseconds=number))
        if isinstance(outcome, Unreadable):
            unreadable.append(outcome)
        else:
            messages += outcome
    return messages, unreadable


def comment_of(item: object, review: str, read_at: datetime) -> Outcome:
    """A comment under a review; what was deleted, and what others wrote in vain, is not shown."""
    try:
        comment = wire.Comment.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, flaws(error), review)
    return tuple(
        IncomingMessage(review, message, channel=Channel.REVIEW)
        for message in messages_of(comment, COMMENT_ID, read_at, user_asks=True)
    )


def messages_of(comment: wire.Comment, prefix: str, at: datetime, *, user_asks: bool) -> list[Message]:
    """What somebody wrote below a review or a question. Moderation's refusal of the seller's words is a note of the
    Market's, for nobody else sees them; brands, and buyers who were not asked, neither ask nor answer."""
    status = enum_of(comment.status)
    writer = enum_of(comment.author.type) if comment.author is not None else ""
    ours = writer == "BUSINESS" or (not writer and comment.can_modify is True)
    id, text = f"{prefix}{comment.id}", comment.text or ""
    if status == "DELETED" or (status == "BANNED" and not ours):
        return []
    if status == "BANNED":
        note = f"Маркет не опубликовал ответ: {text}" if present(text) else "Маркет не опубликовал ответ"
        return [Message(f"refused:{id}", Author.MARKETPLACE, Origin.AUTOMATIC, at, note)]
    if ours:
        return [Message(id, Author.SELLER, Origin.UNTOLD, at, text)]
    if writer == "USER" and user_asks:
        return [Message(id, Author.BUYER, Origin.BUYER, at, text)]
    name = present(comment.author.name) if comment.author is not None else None
    told = " ".join(part for part in (_OTHERS.get(writer), name) if part)
    return [Message(id, Author.MARKETPLACE, Origin.AUTOMATIC, at, f"{told}: {text}" if told else text)]


def reread(item: object, kept: Unreadable) -> Outcome:
    """A review or a comment that was kept raw; a comment knows its review only from what was kept with it."""
    if (kept.message_external_id or "").startswith(COMMENT_ID):
        return comment_of(item, kept.chat_external_id or "", datetime.now(UTC))
    review = review_of(item)
    return review if isinstance(review, Unreadable) else (review_message(*review),)


def sign_of(*parts: object) -> str:
    """A short sign of what was written, so that an edit shows in a list."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:12]


def _product(review: wire.Review) -> Product | None:
    told = review.identifiers
    return product_of(told.offer_id, told.order_id) if told is not None else None


def _attachments(media: wire.Media | None) -> list[Attachment]:
    if media is None:
        return []
    photos = [attached(url, image=True) for url in media.photos or () if isinstance(url, str)]
    return photos + [attached(url, image=False) for url in media.videos or () if isinstance(url, str)]


def _field(item: object, name: str) -> object:
    return item.get(name) if isinstance(item, dict) else None


def _unreadable(item: object, reason: str, review: str | None, *, own: bool = False) -> Unreadable:
    comment = known_id(_field(item, "id")) or "unknown"
    return Unreadable(
        raw=raw(item),
        reason=reason,
        chat_external_id=review,
        message_external_id=review if own else f"{COMMENT_ID}{comment}",
        channel=Channel.REVIEW,
    )

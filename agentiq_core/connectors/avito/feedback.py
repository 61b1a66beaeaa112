"""Reviews as conversations: the buyer's words, then the seller's answer (Avito API, ratings)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from agentiq_core.connectors.avito import wire_ratings as wire
from agentiq_core.connectors.avito.contents import largest
from agentiq_core.connectors.avito.mapping import time_of
from agentiq_core.connectors.fetching import attached
from agentiq_core.connectors.mapping import Outcome, known_id, present, read_again
from agentiq_core.connectors.wire import flaws, raw
from agentiq_core.domain.messages import (
    TICKED,
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

_REJECTED: Final = "rejected"
_STAGES: Final = {
    "done": "сделка состоялась",
    "fell_through": "сделка сорвалась",
    "not_agree": "не договорились",
    "not_communicate": "не общались",
}
"""What a buyer ticks besides the stars (Avito API, Review.stage)."""


@dataclass(frozen=True, slots=True)
class ReadReview:
    """A review as a conversation. `sign` changes whenever anything of it does. `flawed`: an answer that cannot be read."""

    chat: IncomingChat
    messages: tuple[IncomingMessage, ...]
    created_at: datetime
    sign: str
    flawed: Unreadable | None = None


def review_of(item: object) -> ReadReview | Unreadable:
    """A review with its answer, or why it cannot be read; the reason repeats nothing a buyer wrote. An answer that
    cannot be read costs the review nothing."""
    try:
        review = wire.Review.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, flaws(error))
    created_at = time_of(review.created_at)
    if created_at is None:
        return _unreadable(item, "no usable createdAt")
    product = _product(review.item)
    name = present(review.sender.name) if review.sender is not None else None
    answer = answer_of(review.answer, review.id)
    flawed = answer if isinstance(answer, Unreadable) else None
    messages = [_words(review, created_at)]
    if isinstance(answer, Message):
        messages.append(answer)
    # what can no longer be answered and was not is nobody's work any more
    over = review.can_answer is False and answer is None
    return ReadReview(
        chat=IncomingChat(
            external_id=review.id,
            channel=Channel.REVIEW,
            buyer_name=name,
            product=product,
            stars=review.score if review.score in range(1, 6) else None,
            settled_through=created_at if over else None,
            closed=None if review.can_answer is None else not review.can_answer,
        ),
        messages=tuple(
            IncomingMessage(review.id, message, channel=Channel.REVIEW, buyer_name=name, product=product)
            for message in messages
        ),
        created_at=created_at,
        sign=_sign(review, messages),
        flawed=flawed,
    )


def answer_of(item: object, review: str) -> Message | Unreadable | None:
    """The seller's answer; one that Avito rejected is a note of Avito's, for no buyer ever sees it."""
    if item is None:
        return None
    try:
        answer = wire.Answer.model_validate(item)
    except ValidationError as error:
        return _flawed_answer(item, flaws(error), review)
    at = time_of(answer.created_at)
    if at is None:
        return _flawed_answer(item, "no usable createdAt", review)
    if answer.status != _REJECTED:
        return Message(answer_id(answer.id), Author.SELLER, Origin.UNTOLD, sent_at=at, text=answer.text or "")
    reasons = [reason.title for reason in answer.reject_reasons or () if reason and present(reason.title)]
    why = f" ({', '.join(str(reason) for reason in reasons)})" if reasons else ""
    return Message(
        f"rejected:{answer.id}",
        Author.MARKETPLACE,
        Origin.AUTOMATIC,
        sent_at=at,
        text=f"Авито отклонил ответ{why}: {answer.text or ''}".rstrip(" :"),
    )


def answer_id(id: str) -> str:
    """An answer's id among the messages of its review, whose own id is a number too."""
    return f"answer:{id}"


def reread(kept: Unreadable) -> Outcome:
    """A review or an answer that was kept raw, read as it would be read now."""

    def read(item: object) -> Outcome:
        if kept.chat_external_id is None or kept.message_external_id == kept.chat_external_id:
            review = review_of(item)
            return review if isinstance(review, Unreadable) else review.messages
        answer = answer_of(item, kept.chat_external_id)
        if isinstance(answer, Message):
            return (IncomingMessage(kept.chat_external_id, answer, channel=Channel.REVIEW),)
        return answer or ()

    return read_again(kept, read)


def _words(review: wire.Review, created_at: datetime) -> Message:
    words, pictures = present(review.text), tuple(_pictures(review))
    stage = _STAGES.get(review.stage or "")
    ticked = f"{TICKED}{stage}" if stage is not None else None
    return Message(
        external_id=review.id,
        author=Author.BUYER,
        origin=Origin.BUYER if words or pictures else Origin.RATING,
        sent_at=created_at,
        text="\n".join(line for line in (words, ticked) if line),
        attachments=pictures,
    )


def _pictures(review: wire.Review) -> Iterator[Attachment]:
    for image in review.images or ():
        sizes = [(one.size, one.url) for one in image.sizes or () if one is not None] if image else []
        link = largest(list(sizes))
        yield attached(link, image=True) if link is not None else Attachment(AttachmentKind.IMAGE)


def _product(item: wire.Item | None) -> Product | None:
    id = present(item.id) if item is not None else None
    if item is None or id is None or not id.strip("0 "):
        return None
    return Product(external_id=id, title=present(item.title))


def _sign(review: wire.Review, messages: list[Message]) -> str:
    told = [
        [(one.external_id, one.text, [file.url for file in one.attachments]) for one in messages],
        review.score,
        review.can_answer,
        review.item.id if review.item is not None else None,
    ]
    words = json.dumps(told, ensure_ascii=False)
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _unreadable(item: object, reason: str) -> Unreadable:
    own = _own_id(item)
    return Unreadable(raw(item), reason, own, own, Channel.REVIEW)


def _flawed_answer(item: object, reason: str, review: str) -> Unreadable:
    own = _own_id(item)
    return Unreadable(raw(item), reason, review, None if own is None else answer_id(own), Channel.REVIEW)


def _own_id(item: object) -> str | None:
    return known_id(item.get("id")) if isinstance(item, dict) else None

"""Reviews and questions as conversations: the buyer's words, then the seller's answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from pydantic import ValidationError

from agentiq_core.connectors.mapping import Outcome, known_id, moment, present, read_again
from agentiq_core.connectors.wildberries import wire_feedbacks as wire
from agentiq_core.connectors.wildberries.mapping import digest
from agentiq_core.connectors.wildberries.shelves import Item
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

HANDLED: Final = "wbRu"
"""State of a review that is dealt with, of a question that was answered, of an answer that is shown."""
DECLINED: Final = "none"
"""State of a question that the seller rejected; of a review it means a new one."""
REJECTED: Final = "rejected"
"""State of an answer that Wildberries' moderation refused."""

_LATER: Final = timedelta(milliseconds=1)
_STARS: Final = range(1, 6)
_SUPPLEMENT: Final = "Дополнение к прежнему отзыву"

Reader = Callable[[object, datetime, bool], Item | Unreadable]
"""Reads one item of a list at a time of day; the last says that Wildberries lists it as handled."""


def review_of(item: object, now: datetime, handled: bool = False) -> Item | Unreadable:
    """A review, or why it cannot be read; the reason repeats nothing a buyer wrote.

    The answer's time is not told (WB API, feedbacks): `now` stands for it.
    """
    try:
        review = wire.Feedback.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, Channel.REVIEW, flaws(error))
    created = moment(review.created_date)
    if created is None:
        return _unreadable(item, Channel.REVIEW, "no usable createdDate")
    attachments = tuple(_attachments(review))
    said = any(map(present, (review.text, review.pros, review.cons)))
    words = Message(
        external_id=review.id,
        author=Author.BUYER,
        origin=Origin.BUYER if said or attachments else Origin.RATING,
        sent_at=created,
        text="\n".join(_lines(review)),
        attachments=attachments,
    )
    stars = review.valuation if review.valuation in _STARS else None
    name = present(review.user_name)
    return _item(
        review,
        Channel.REVIEW,
        words,
        now,
        stars=stars,
        buyer_name=name,
        settled=handled or review.state == HANDLED,
    )


def question_of(item: object, now: datetime, handled: bool = False) -> Item | Unreadable:
    """A question, or why it cannot be read. One that was rejected wants no answer.

    That it was viewed settles nothing: whoever opens the page in the cabinet views all of it.
    """
    try:
        question = wire.Question.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, Channel.QUESTION, flaws(error))
    created = moment(question.created_date)
    if created is None:
        return _unreadable(item, Channel.QUESTION, "no usable createdDate")
    words = Message(
        external_id=question.id,
        author=Author.BUYER,
        origin=Origin.BUYER,
        sent_at=created,
        text=question.text or "",
    )
    declined = question.state == DECLINED
    return _item(question, Channel.QUESTION, words, now, settled=handled or declined, hidden_answer=declined)


def reread(kept: Unreadable, now: Callable[[], datetime]) -> Outcome:
    """A review or a question that was kept raw, read as they are read now."""
    reader = question_of if kept.channel == Channel.QUESTION else review_of

    def messages(item: object) -> Outcome:
        outcome = reader(item, now())
        return outcome if isinstance(outcome, Unreadable) else outcome.messages

    return read_again(kept, messages)


def answer_id(text: str) -> str:
    """The id of an answer with this text: answers have none of their own, and an edited one is another message."""
    return f"answer:{digest(text)}"


def _item(
    item: wire.Item,
    channel: Channel,
    words: Message,
    now: datetime,
    *,
    settled: bool,
    stars: int | None = None,
    buyer_name: str | None = None,
    hidden_answer: bool = False,
) -> Item:
    product = _product(item.product)
    answer = None if hidden_answer else _answer(item.answer, words.sent_at, now)
    incoming = partial(
        IncomingMessage, item.id, channel=channel.value, buyer_name=buyer_name, product=product
    )
    messages = (words,) if answer is None else (words, answer)
    told = item.answer.state if item.answer else None
    seen: list[Any] = [words.text, [file.url for file in words.attachments], stars, buyer_name, settled]
    seen += [answer and answer.external_id, told, product and [product.external_id, product.title]]
    return Item(
        id=item.id,
        created=int(words.sent_at.timestamp()),
        print=digest(json.dumps(seen, ensure_ascii=True)),
        messages=tuple(incoming(message=message) for message in messages),
        chat=IncomingChat(
            external_id=item.id,
            channel=channel.value,
            buyer_name=buyer_name,
            product=product,
            stars=stars,
            settled_through=words.sent_at if settled and answer is None else None,
            closed=False,
        ),
    )


def _answer(answer: wire.Answer | None, asked: datetime, now: datetime) -> Message | None:
    if answer is None or answer.text is None or not answer.text.strip():
        return None
    told = moment(answer.created_date)
    at = max(told or now, asked + _LATER)
    if answer.state == REJECTED:
        return Message(
            external_id=f"rejected:{digest(answer.text)}",
            author=Author.MARKETPLACE,
            origin=Origin.AUTOMATIC,
            sent_at=at,
            text=f"Ответ не прошёл проверку Wildberries: {answer.text}",
        )
    return Message(
        external_id=answer_id(answer.text),
        author=Author.SELLER,
        origin=Origin.UNTOLD,
        sent_at=at,
        text=answer.text,
    )


def _lines(review: wire.Feedback) -> Iterator[str]:
    for label, text in (("", review.text), ("Достоинства: ", review.pros), ("Недостатки: ", review.cons)):
        if present(text):
            yield f"{label}{text}"
    tags = [tag for tag in review.tags or () if isinstance(tag, str) and present(tag)]
    if tags:
        yield f"{TICKED}{', '.join(tags)}"
    if present(review.parent_id):
        yield _SUPPLEMENT


def _attachments(review: wire.Feedback) -> Iterator[Attachment]:
    for item in review.photos or ():
        try:
            link = wire.PhotoLink.model_validate(item)
        except ValidationError:
            continue
        url = present(link.full_size) or present(link.mini_size)
        if url is not None:
            yield Attachment(kind=AttachmentKind.IMAGE, url=url)
    if review.video is not None and present(review.video.link):
        yield Attachment(kind=AttachmentKind.FILE, url=review.video.link)


def _product(details: wire.ProductDetails | None) -> Product | None:
    if details is None or not details.nm_id:
        return None
    size = present(details.size)
    return Product(
        external_id=str(details.nm_id), title=present(details.name), size=None if size == "0" else size
    )


def _unreadable(item: object, channel: Channel, reason: str) -> Unreadable:
    name = known_id(item.get("id")) if isinstance(item, dict) else None
    return Unreadable(
        raw=raw(item),
        reason=reason,
        chat_external_id=name,
        message_external_id=name,
        channel=channel.value,
    )

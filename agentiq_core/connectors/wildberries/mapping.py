"""From Wildberries' words to the desk's (marketplace quirks live here and nowhere else)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import ValidationError

from agentiq_core.connectors.mapping import Outcome, apart, known_id, moment, present, read_again, word
from agentiq_core.connectors.wildberries import wire
from agentiq_core.connectors.wire import flaws, raw
from agentiq_core.domain.messages import (
    Attachment,
    AttachmentKind,
    Author,
    IncomingChat,
    IncomingMessage,
    Message,
    Origin,
    Product,
    Unreadable,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PLAUSIBLE: Final = range(946_684_800_000, 4_102_444_800_000)
"""Milliseconds of the years 2000 to 2099; anything else is a zero, seconds, or noise."""
_BUYER_SOURCES: Final = frozenset({"rusite", "global", "ios", "android"})


def messages_of(events: list[Any]) -> tuple[tuple[IncomingMessage, ...], tuple[Unreadable, ...]]:
    """The events of a page, each on its own: what can be read, once, and what cannot, raw.

    A feed by milliseconds may repeat an event, so one id counts once (WB API, events).
    """
    return apart(map(message_of, events))


def message_of(item: object) -> IncomingMessage | Unreadable:
    """One event of the feed, or why it cannot be read; the reason repeats nothing a buyer wrote."""
    try:
        event = wire.Event.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, flaws(error))
    if event.event_type not in (None, "message"):
        return _unreadable(item, f"unknown eventType {word(event.event_type)}")
    sent_at = time_of(event.add_timestamp, event.add_time)
    if sent_at is None:
        return _unreadable(item, "no usable addTimestamp or addTime")
    author, origin = speaker_of(event.sender, event.source, is_new_chat=event.is_new_chat is True)
    attached = event.message.attachments if event.message else None
    return IncomingMessage(
        chat_external_id=event.chat_id,
        message=Message(
            external_id=event.event_id,
            author=author,
            origin=origin,
            sent_at=sent_at,
            text=(event.message.text or "") if event.message else "",
            attachments=tuple(_attachments(attached)) if attached else (),
        ),
        buyer_name=present(event.client_name),
        product=product_of(attached.good_card) if attached else None,
    )


def reread(kept: Unreadable) -> Outcome:
    """An event that was kept raw, read as events are read now. It lacks the chat's sign, which no message needs."""

    def read(item: object) -> Outcome:
        outcome = message_of(item)
        return outcome if isinstance(outcome, Unreadable) else (outcome,)

    return read_again(kept, read)


def speaker_of(sender: str | None, source: str | None, *, is_new_chat: bool) -> tuple[Author, Origin]:
    """Who an event speaks for. Both enums are open; an unknown sender is told by the portal it wrote on.

    A seller's message that opens a chat is one of Wildberries' or the seller's automatic texts, unless it went
    through this API, where only an existing chat can be answered.
    """
    if sender == "client" or (sender not in ("seller", "wb") and source in _BUYER_SOURCES):
        return Author.BUYER, Origin.BUYER
    if sender == "seller" or (sender != "wb" and (source or "").startswith("seller-")):
        if source == "seller-public-api":
            return Author.SELLER, Origin.API
        return Author.SELLER, Origin.AUTOMATIC if is_new_chat else Origin.CABINET
    return Author.MARKETPLACE, Origin.AUTOMATIC


def time_of(milliseconds: int | None, text: str | None = None) -> datetime | None:
    """A moment in UTC from Unix milliseconds, else from RFC 3339 text; None when neither is a real one."""
    if milliseconds is not None and milliseconds in _PLAUSIBLE:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    return moment(text)


def product_of(card: wire.GoodCard | None) -> Product | None:
    """The good a chat is about, None for a zeroed card. Prices look like kopecks in live answers; no title comes."""
    if card is None or not card.nm_id:
        return None
    return Product(
        external_id=str(card.nm_id),
        order_id=present(card.rid),
        price=card.price or None,
        currency=present(card.currency),
        size=present(card.size),
    )


def chat_of(chat: wire.Chat) -> IncomingChat:
    """What the list of chats tells of one."""
    return IncomingChat(
        external_id=chat.chat_id,
        buyer_name=present(chat.client_name),
        product=product_of(chat.good_card),
    )


def digest(text: str) -> str:
    """A short sign of a text, for what has no id of its own."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _attachments(attached: wire.Attachments) -> Iterator[Attachment]:
    for kind, files in ((AttachmentKind.IMAGE, attached.images), (AttachmentKind.FILE, attached.files)):
        for file in files or ():
            yield Attachment(
                kind=kind,
                download_id=present(file.download_id),
                name=present(file.name),
                content_type=present(file.content_type),
                size=file.size,
                url=present(file.url),
            )


def _unreadable(item: object, reason: str) -> Unreadable:
    fields = item if isinstance(item, dict) else {}
    return Unreadable(
        raw=raw(item, without=("replySign",)),
        reason=reason,
        chat_external_id=known_id(fields.get("chatID")),
        message_external_id=known_id(fields.get("eventID")),
    )

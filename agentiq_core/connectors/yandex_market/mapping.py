"""From the Market's words of chats and goods to the desk's (Yandex Market API, chats, offer-mappings)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from agentiq_core.connectors.fetching import attached
from agentiq_core.connectors.mapping import known_id, moment, present
from agentiq_core.connectors.wire import flaws, raw
from agentiq_core.connectors.yandex_market import wire
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
    ProductCard,
    Unreadable,
)

_LOOKALIKES: Final = str.maketrans(
    "\u0410\u0412\u0421\u0415\u041d\u041a\u041c\u041e\u0420\u0422\u0425", "ABCEHKMOPTX"
)
_SELLER: Final = frozenset({"PARTNER", "SELLER", "SHOP", "BUSINESS"})
_BUYER: Final = frozenset({"CUSTOMER", "BUYER", "USER"})
"""BUYER and USER are not in the specification; a running CRM meets them."""
_OPEN: Final = frozenset(
    {"NEW", "WAITING_FOR_CUSTOMER", "WAITING_FOR_PARTNER", "WAITING_FOR_ARBITER", "WAITING_FOR_MARKET"}
)
_TAG: Final = re.compile(r"<[^<>]{0,200}>")


def chat_of(item: object) -> tuple[IncomingChat, datetime | None] | Unreadable:
    """A conversation of the list and the time of its newest message, or why it cannot be read."""
    try:
        chat = wire.Chat.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, flaws(error), known_id(_field(item, "chatId")))
    context = chat.context
    status = enum_of(chat.status)
    incoming = IncomingChat(
        chat.chat_id,
        buyer_name=present(context.customer.name) if context and context.customer else None,
        product=product_of(None, context.order_id if context else None),
        closed=True if status == "FINISHED" else False if status in _OPEN else None,
    )
    return incoming, moment(chat.updated_at)


def message_of(item: object, chat: str) -> IncomingMessage | Unreadable:
    """One message of a history, or why it cannot be read; the reason repeats nothing that was written."""
    try:
        message = wire.ChatMessage.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, flaws(error), chat)
    sent_at = moment(message.created_at)
    if sent_at is None:
        return _unreadable(item, "no usable createdAt", chat)
    author, origin = speaker_of(message.sender)
    return IncomingMessage(
        chat,
        Message(
            external_id=message.message_id,
            author=author,
            origin=origin,
            sent_at=sent_at,
            text=message.message or "",
            attachments=tuple(_attachment(file) for file in message.payload or ()),
        ),
    )


def reread(item: object, kept: Unreadable) -> tuple[IncomingMessage, ...] | Unreadable:
    """A conversation or a message that was kept raw; a message knows its conversation from what was kept with it."""
    if _field(item, "messageId") is None and _field(item, "chatId") is not None:
        listed = chat_of(item)
        return listed if isinstance(listed, Unreadable) else ()
    message = message_of(item, kept.chat_external_id or "")
    return message if isinstance(message, Unreadable) else (message,)


def speaker_of(sender: str | None) -> tuple[Author, Origin]:
    """Who a message speaks for; whoever is neither the shop nor the buyer is the Market (MARKET, SUPPORT, an arbiter)."""
    named = enum_of(sender)
    if named in _SELLER:
        return Author.SELLER, Origin.UNTOLD
    if named in _BUYER:
        return Author.BUYER, Origin.BUYER
    return Author.MARKETPLACE, Origin.AUTOMATIC


def enum_of(value: str | None) -> str:
    """A value of an enum as it is compared: upper case, and Latin where Cyrillic letters only look so."""
    return (value or "").strip().upper().translate(_LOOKALIKES)


def product_of(offer: str | None, order: str | None) -> Product | None:
    """The good and the order, as far as they are told; zeros tell nothing."""
    shown, ordered = (present(offer) or "").strip(), (present(order) or "").strip().strip("0")
    if not shown and not ordered:
        return None
    return Product(shown, order_id=(order or "").strip() if ordered else None)


def card_of(item: object) -> ProductCard | None:
    """A good of the catalogue; None for what cannot be read, for a card only decorates."""
    try:
        offer = wire.Mapped.model_validate(item).offer
    except ValidationError:
        return None
    return ProductCard(
        external_id=offer.offer_id,
        title=present(offer.name),
        brand=present(offer.vendor),
        vendor_code=present(offer.vendor_code),
        photo_url=next((photo for photo in offer.pictures or () if isinstance(photo, str) and photo), None),
        description=" ".join(_TAG.sub(" ", offer.description or "").split()),
        facts=tuple(_facts(offer)),
    )


def _facts(offer: wire.Offer) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = []
    for item in offer.params or ():
        try:
            param = wire.Param.model_validate(item)
        except ValidationError:
            continue
        name, value = present(param.name), present(param.value)
        if name is not None and value is not None:
            facts.append((name, value))
    return facts


def _attachment(item: object) -> Attachment:
    try:
        file = wire.Payload.model_validate(item)
    except ValidationError:
        # there is a file, and nothing more is known of it
        return Attachment(AttachmentKind.FILE)
    return attached(file.url, name=present(file.name), size=file.size)


def _field(item: object, name: str) -> object:
    return item.get(name) if isinstance(item, dict) else None


def _unreadable(item: object, reason: str, chat: str | None) -> Unreadable:
    return Unreadable(
        raw=raw(item),
        reason=reason,
        chat_external_id=chat,
        message_external_id=known_id(_field(item, "messageId")),
        channel=Channel.CHAT,
    )

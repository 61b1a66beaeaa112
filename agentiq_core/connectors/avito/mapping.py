"""From the messenger's words to the desk's (Avito API, messenger)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import ValidationError

from agentiq_core.connectors.avito import wire
from agentiq_core.connectors.avito.contents import shown
from agentiq_core.connectors.avito.places import Newest
from agentiq_core.connectors.mapping import Outcome, known_id, moment, present, read_again
from agentiq_core.connectors.wire import flaws, raw
from agentiq_core.domain.messages import (
    Author,
    IncomingChat,
    IncomingMessage,
    Message,
    Origin,
    Product,
    Unreadable,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS: Final = range(946_684_800, 4_102_444_800)
"""Of the years 2000 to 2099; anything else is a zero, another unit or noise."""
_FINER: Final = (1, 1_000, 1_000_000, 1_000_000_000)
_PRICE: Final = re.compile(r"(\d[\d\s\u00a0\u202f]{0,15})\s*(?:₽|руб\.?)")
_UNREAD: Final = (None, 0, "0", "", "null")
_CALLS: Final = frozenset({"call", "appCall"})


def chat_of(item: object, own_id: str) -> tuple[IncomingChat, Newest | None, object] | Unreadable:
    """A line of the list, what stands for its newest message, and that message as it came."""
    try:
        chat = wire.Chat.model_validate(item)
    except ValidationError as error:
        return Unreadable(raw=raw(item), reason=flaws(error))
    return (
        IncomingChat(
            external_id=chat.id, buyer_name=_buyer_name(chat, own_id), product=_product(chat.context)
        ),
        newest_of(chat.last_message) or _updated(chat.updated),
        chat.last_message,
    )


def newest_of(item: object) -> Newest | None:
    """What a message stands for in a mark; None where it tells no id or no time."""
    if not isinstance(item, dict):
        return None
    id, at = known_id(item.get("id")), time_of(item.get("created"))
    if id is None or at is None:
        return None
    return Newest(id, int(at.timestamp()), item.get("type") == "deleted")


def message_of(item: object, chat: str, own_id: str) -> IncomingMessage | Unreadable:
    """A message of a history, or why it cannot be read; the reason repeats nothing a buyer wrote."""
    try:
        told = wire.Message.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, chat, flaws(error))
    sent_at = time_of(told.created)
    if sent_at is None:
        return _unreadable(item, chat, "no usable created")
    spoken = speaker_of(told, own_id)
    if spoken is None:
        return _unreadable(item, chat, "neither direction nor author_id")
    author, origin = spoken
    text, attachments = shown(told.type, told.content)
    return IncomingMessage(
        chat_external_id=chat,
        message=Message(
            external_id=told.id,
            author=author,
            origin=origin,
            sent_at=sent_at,
            text=text,
            attachments=attachments,
            read=author is Author.SELLER and told.read not in _UNREAD,
        ),
    )


def speaker_of(told: wire.Message, own_id: str) -> tuple[Author, Origin] | None:
    """Who a message speaks for; None where nothing tells. Avito does not tell the API from the cabinet.

    A system message is a bot's, often the seller's own auto reply (`flow_id`). What was deleted neither asks nor answers,
    and a call of the seller's is no answer.
    """
    flow = present(told.content.flow_id) if told.content is not None else None
    if told.type in ("system", "deleted") or flow is not None:
        return Author.MARKETPLACE, Origin.AUTOMATIC
    direction = told.direction
    if direction not in ("in", "out"):
        author = present(told.author_id)
        if author is None or not own_id:
            return None
        direction = "out" if author == own_id else "in"
    if direction == "in":
        return Author.BUYER, Origin.BUYER
    return Author.SELLER, Origin.AUTOMATIC if told.type in _CALLS else Origin.UNTOLD


def reread(kept: Unreadable) -> Outcome:
    """An item that was kept raw, read as it would be read now. A line of the list has nothing to show: the next look
    through the list finds its conversation."""

    def read(item: object) -> Outcome:
        if kept.chat_external_id is None:
            listed = chat_of(item, "")
            return listed if isinstance(listed, Unreadable) else ()
        outcome = message_of(item, kept.chat_external_id, "")
        return outcome if isinstance(outcome, Unreadable) else (outcome,)

    return read_again(kept, read)


def time_of(value: object) -> datetime | None:
    """A moment in UTC from Unix seconds, which may be a string or come finer than documented, else from RFC 3339 text;
    None for zeros and noise."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit() and len(value) < 20):
            return moment(value)
        value = int(value)
    if isinstance(value, int | float):
        for unit in _FINER:
            if _SECONDS.start <= value / unit < _SECONDS.stop:
                return _EPOCH + timedelta(microseconds=int(value * 1_000_000 // unit))
    return None


def price_of(told: str | None) -> int | None:
    """Kopecks of a price that is nothing but roubles; "от 300 ₽ за час" could be anything."""
    found = _PRICE.fullmatch((told or "").strip())
    return int("".join(found[1].split())) * 100 if found else None


def _product(context: wire.Context | None) -> Product | None:
    listing = context.value if context is not None and context.type in (None, "item") else None
    id = present(listing.id) if listing is not None else None
    if listing is None or id is None or not id.strip("0 "):
        return None
    price = price_of(listing.price_string)
    return Product(
        external_id=id,
        title=present(listing.title),
        price=price,
        currency=None if price is None else "RUB",
    )


def _buyer_name(chat: wire.Chat, own_id: str) -> str | None:
    """The first who is not the seller; there may be a bot beside the buyer, who wrote the last message if it came in."""
    others = [user for user in chat.users or () if user is not None and user.id != own_id]
    last = chat.last_message if isinstance(chat.last_message, dict) else {}
    writer = str(last.get("author_id")) if last.get("direction") == "in" else None
    named = sorted(others, key=lambda user: user.id != writer)
    return next((name for user in named if (name := present(user.name)) is not None), None)


def _updated(value: object) -> Newest | None:
    at = time_of(value)
    return None if at is None else Newest("", int(at.timestamp()))


def _unreadable(item: object, chat: str, reason: str) -> Unreadable:
    fields = item if isinstance(item, dict) else {}
    return Unreadable(
        raw=raw(item),
        reason=reason,
        chat_external_id=chat,
        message_external_id=known_id(fields.get("id")),
    )

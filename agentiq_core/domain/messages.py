"""A message as every marketplace's is understood here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Author(StrEnum):
    """Who a message speaks for."""

    BUYER = "buyer"
    SELLER = "seller"
    MARKETPLACE = "marketplace"


class Origin(StrEnum):
    """How a message came to be; only `API` and `CABINET` were written by a person at the seller's."""

    BUYER = "buyer"
    API = "api"
    CABINET = "cabinet"
    AUTOMATIC = "automatic"


class AttachmentKind(StrEnum):
    """What a screen can do with an attachment: show it, or save it."""

    IMAGE = "image"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside a message. `download_id` is what the marketplace's download method takes."""

    kind: AttachmentKind
    download_id: str | None = None
    name: str | None = None
    content_type: str | None = None
    size: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """The good and the order a conversation is about, as far as the marketplace tells.

    `price` is in minor units of `currency` (kopecks).
    """

    external_id: str
    title: str | None = None
    order_id: str | None = None
    price: int | None = None
    currency: str | None = None
    size: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation. `sent_at` is the marketplace's time, aware, in UTC."""

    external_id: str
    author: Author
    origin: Origin
    sent_at: datetime
    text: str = ""
    attachments: tuple[Attachment, ...] = ()

    @property
    def is_answer(self) -> bool:
        """A public reply by a person at the seller's: it stops the clock."""
        return self.author is Author.SELLER and self.origin in (Origin.API, Origin.CABINET)

    @property
    def order(self) -> tuple[datetime, str]:
        """The marketplace's time, then its id; never the order of arrival."""
        return (self.sent_at, self.external_id)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message as a connector reads it, with what it tells of its conversation."""

    chat_external_id: str
    message: Message
    channel: str = "chat"
    buyer_name: str | None = None
    product: Product | None = None


@dataclass(frozen=True, slots=True)
class IncomingChat:
    """What a marketplace's list of conversations adds to its messages."""

    external_id: str
    channel: str = "chat"
    buyer_name: str | None = None
    product: Product | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item of a feed that could not be understood: kept raw, with the reason."""

    raw: str
    reason: str
    chat_external_id: str | None = None
    message_external_id: str | None = None
    channel: str = "chat"


@dataclass(frozen=True, slots=True)
class FeedPage:
    """One page of a marketplace's feed. `cursor` is what to ask with next; None keeps the old one."""

    messages: tuple[IncomingMessage, ...] = ()
    chats: tuple[IncomingChat, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    cursor: str | None = None
    complete: bool = field(default=False)
    """Nothing more waits behind this page."""
    ahead: float | None = None
    """Seconds by which the marketplace's clock was ahead of this machine's when it answered; None when it did not tell."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it to keep, and no new place to read on from."""
        return not (self.messages or self.chats or self.unreadable or self.cursor is not None)

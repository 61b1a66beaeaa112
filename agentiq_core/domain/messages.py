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


class Channel(StrEnum):
    """The kinds of conversation a marketplace has."""

    CHAT = "chat"
    REVIEW = "review"
    QUESTION = "question"
    CLAIM = "claim"
    """A request to return a good: shown beside the chat of its order, answered in the marketplace's cabinet."""


class Origin(StrEnum):
    """How a message came to be; `API`, `CABINET` and `UNTOLD` were written by a person at the seller's."""

    BUYER = "buyer"
    RATING = "rating"
    """Stars without a word: it asks for nothing."""
    API = "api"
    CABINET = "cabinet"
    UNTOLD = "untold"
    """By the seller; the marketplace does not tell whether through the API or in its cabinet."""
    AUTOMATIC = "automatic"


TICKED = "Отметки: "
"""How the line of a review begins that holds what the buyer only ticked."""
WRITTEN_BY_SELLER = frozenset({Origin.API, Origin.CABINET, Origin.UNTOLD})


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
    """The good and the order a conversation is about, as far as the marketplace tells: `external_id` is empty where it
    tells only the order.

    `price` is in minor units of `currency` (kopecks).
    """

    external_id: str = ""
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
    read: bool = False
    """The buyer has seen it, where a marketplace tells (`Capabilities.has_receipts`)."""

    @property
    def is_answer(self) -> bool:
        """A public reply by a person at the seller's: it stops the clock."""
        return self.author is Author.SELLER and self.origin in WRITTEN_BY_SELLER

    @property
    def asks(self) -> bool:
        """Words of a buyer, which want an answer; stars alone do not."""
        return self.author is Author.BUYER and self.origin is not Origin.RATING

    @property
    def words(self) -> str:
        """What the buyer wrote, without what was only ticked."""
        return "\n".join(line for line in self.text.splitlines() if not line.startswith(TICKED))

    @property
    def order(self) -> tuple[datetime, str]:
        """The marketplace's time, then its id; never the order of arrival."""
        return (self.sent_at, self.external_id)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message as a connector reads it, with what it tells of its conversation."""

    chat_external_id: str
    message: Message
    channel: str = Channel.CHAT
    buyer_name: str | None = None
    product: Product | None = None


@dataclass(frozen=True, slots=True)
class IncomingChat:
    """What a marketplace's list of conversations adds to its messages; None says nothing, what is known stays.

    `stars` are 1 to 5. `settled_through`: what was written until then wants no reply, says the marketplace (skipped or
    viewed in its cabinet, archived). `closed`: nothing can be written there any more. `open_until`: until when the seller
    may write whatever the buyer does (Ozon: 72 hours after delivery).
    """

    external_id: str
    channel: str = Channel.CHAT
    buyer_name: str | None = None
    product: Product | None = None
    stars: int | None = None
    settled_through: datetime | None = None
    closed: bool | None = None
    open_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProductCard:
    """A good as the marketplace describes it: what a reply may state as a fact.

    `facts` are the card's characteristics by name; `photo_url` is a small picture.
    """

    external_id: str
    title: str | None = None
    brand: str | None = None
    vendor_code: str | None = None
    photo_url: str | None = None
    description: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item of a feed that could not be understood: kept raw, with the reason."""

    raw: str
    reason: str
    chat_external_id: str | None = None
    message_external_id: str | None = None
    channel: str = Channel.CHAT


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a conversation was read: whatever its connector compares the marketplace's list with next time."""

    chat_external_id: str
    mark: str


@dataclass(frozen=True, slots=True)
class FeedPage:
    """One page of a marketplace's feed. `cursor` is what to ask with next; None keeps the old one.

    `marks` are stored in the transaction of the messages they stand for.
    """

    messages: tuple[IncomingMessage, ...] = ()
    chats: tuple[IncomingChat, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    marks: tuple[Mark, ...] = ()
    cursor: str | None = None
    complete: bool = field(default=False)
    """Nothing more waits behind this page."""
    ahead: float | None = None
    """Seconds by which the marketplace's clock was ahead of this machine's when it answered; None when it did not tell."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it to keep, and no new place to read on from."""
        return not (self.messages or self.chats or self.unreadable or self.marks or self.cursor is not None)

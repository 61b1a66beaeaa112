"""What the sandbox remembers: chats, messages and their attachments, and how a seller's part behaves."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from agentiq_core.sandbox.buyers import Buyer


class Sender(StrEnum):
    """Who wrote (WB API, events, `sender`)."""

    CLIENT = "client"
    SELLER = "seller"
    WB = "wb"


class Source(StrEnum):
    """Where it was written (WB API, events, `source`)."""

    SELLER_PORTAL = "seller-portal"
    SELLER_PUBLIC_API = "seller-public-api"
    RUSITE = "rusite"
    GLOBAL = "global"
    IOS = "ios"
    ANDROID = "android"


class Moderation(StrEnum):
    """What the marketplace thinks of a file: decides between 200, 202 and 451 of the download."""

    PASSED = "passed"
    PENDING = "pending"
    REFUSED = "refused"


class SignPolicy(StrEnum):
    """How long a chat's replySign is good.

    single_use: an accepted message spends it. expiring: all change every `sign_lifetime` seconds.
    """

    STABLE = "stable"
    SINGLE_USE = "single_use"
    EXPIRING = "expiring"


class Boundary(StrEnum):
    """What a cursor in milliseconds does to events that share one.

    whole: a page never ends inside a millisecond and begins strictly after the cursor.
    repeat: the events at the cursor come again at the start of the next page that has anything new.
    """

    WHOLE = "whole"
    REPEAT = "repeat"


@dataclass(slots=True)
class Behaviour:
    """Switches of one seller's account. Delays and skews are seconds of the sandbox's clock.

    echo_delay: a message sent through the API enters the feed that much later, keeping its time.
    echo_skew: addTimestamp of the echo may exceed addTime of the answer by up to that much (0..2).
    quirks: the irregular shapes seen in real answers (empty names, zeroed cards, three date formats).
    """

    signs: SignPolicy = SignPolicy.STABLE
    sign_lifetime: float = 60.0
    sign_in_answer: bool = False
    echo_delay: float = 0.0
    echo_skew: float = 0.0
    boundary: Boundary = Boundary.WHOLE
    page_size: int = 50
    quirks: bool = True

    def change(self, values: dict[str, Any]) -> None:
        """Set switches by name; ValueError for a name or value that does not exist."""
        readers: dict[str, Any] = {
            "signs": SignPolicy,
            "sign_lifetime": float,
            "sign_in_answer": bool,
            "echo_delay": float,
            "echo_skew": float,
            "boundary": Boundary,
            "page_size": int,
            "quirks": bool,
        }
        for name, value in values.items():
            if name not in readers:
                raise ValueError(f"no such switch: {name}")
            setattr(self, name, readers[name](value))


@dataclass(frozen=True, slots=True)
class Card:
    """The good a chat is about. price in kopecks; nm_id 0 and empty texts where the answer has them zeroed."""

    nm_id: int
    price: int
    currency: str
    rid: str
    size: str


@dataclass(slots=True)
class Attachment:
    """A file or picture of a message. content None: the sandbox draws it when it is downloaded."""

    download_id: str
    name: str
    content_type: str
    size: int
    added: int
    content: bytes | None = None
    moderation: Moderation = Moderation.PASSED
    ready_at: float = 0.0

    @property
    def is_image(self) -> bool:
        """Whether it belongs to `images` of an event, not to `files`."""
        return self.content_type.startswith("image/")


@dataclass(slots=True, eq=False)
class Message:
    """One event of the feed and the truth behind it. Times are unix milliseconds.

    text None without attachments: the event has no `message` at all.
    added: addTime of the API answer, where it came through the API. visible_from: unix seconds.
    """

    chat_id: str
    event_id: str
    time: int
    sender: Sender
    source: Source | None
    text: str | None = None
    attachments: tuple[Attachment, ...] = ()
    opens_chat: bool = False
    automatic: bool = False
    sign: str | None = None
    added: int | None = None
    visible_from: float = 0.0

    @property
    def through_api(self) -> bool:
        """Whether it was accepted by POST /api/v1/seller/message."""
        return self.source is Source.SELLER_PUBLIC_API

    def to_json(self) -> dict[str, Any]:
        """The truth, as the control answers show it."""
        return {
            "event_id": self.event_id,
            "time": self.time,
            "added": self.added,
            "sender": self.sender.value,
            "source": self.source.value if self.source else None,
            "text": self.text,
            "files": [attachment.download_id for attachment in self.attachments],
            "automatic": self.automatic,
        }


@dataclass(slots=True, eq=False)
class Chat:
    """A chat with its messages in order of time. buyer is who writes there, None in bulk history."""

    chat_id: str
    client_name: str
    card: Card
    situation: str = ""
    buyer: Buyer | None = None
    source: Source = Source.RUSITE
    sign_generation: int = 0
    sign_set: str | None = None
    messages: list[Message] = field(default_factory=list)

    def append(self, message: Message) -> None:
        """Keep a message in its place in time."""
        if not self.messages or self.messages[-1].time <= message.time:
            self.messages.append(message)
        else:
            insort(self.messages, message, key=lambda kept: kept.time)

    @property
    def waiting(self) -> bool:
        """Whether the last person to write was the buyer."""
        for message in reversed(self.messages):
            if not message.automatic:
                return message.sender is Sender.CLIENT
        return False

"""The truth behind any channel of any marketplace: a conversation, its messages and their files."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

from agentiq_core.domain.messages import Author, Channel
from agentiq_core.sandbox.buyers import Buyer, Good


class Moderation(StrEnum):
    """What a marketplace thinks of a file."""

    PASSED = "passed"
    PENDING = "pending"
    REFUSED = "refused"


@dataclass(slots=True)
class Attachment:
    """A file or picture of a message. content None: the sandbox draws it when it is downloaded.

    added: unix milliseconds. ready_at: unix seconds at which a pending moderation ends.
    """

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
        """Whether it is a picture."""
        return self.content_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture a buyer attaches. content None: the sandbox draws one. wait: seconds of moderation."""

    content: bytes | None = None
    moderation: Moderation = Moderation.PASSED
    wait: float = 0.0
    name: str = "photo.png"
    content_type: str = "image/png"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came through the API and was recognised."""

    name: str
    content_type: str
    content: bytes


@dataclass(slots=True, eq=False, kw_only=True)
class Message:
    """Something written in a conversation. time: unix milliseconds.

    text None: there was no text, only files or stars. added: the time that the API's answer told, where it came through
    the API. visible_from: unix seconds before which the marketplace does not show it.
    """

    id: str
    conversation_id: str
    time: int
    author: Author
    text: str | None = None
    attachments: tuple[Attachment, ...] = ()
    through_api: bool = False
    automatic: bool = False
    added: int | None = None
    visible_from: float = 0.0

    @classmethod
    def of(cls, written: Message, **added: Any) -> Self:
        """The message as this kind of message, with what a marketplace adds to it."""
        return cls(**{each.name: getattr(written, each.name) for each in fields(written)} | added)

    def to_json(self) -> dict[str, Any]:
        """The truth, as the control answers show it."""
        return {
            "id": self.id,
            "time": self.time,
            "added": self.added,
            "author": self.author.value,
            "text": self.text,
            "files": [attachment.download_id for attachment in self.attachments],
            "through_api": self.through_api,
            "automatic": self.automatic,
        }


@dataclass(slots=True, eq=False, kw_only=True)
class Conversation:
    """A chat, a review, a question or a claim, with its messages in order of time.

    buyer: who writes there, None where a test does. situation: why, "" likewise. created: unix milliseconds.
    stars, pros and cons belong to reviews.
    """

    id: str
    channel: Channel
    good: Good
    size: str
    order_id: str
    buyer_name: str
    created: int
    buyer: Buyer | None = None
    situation: str = ""
    stars: int | None = None
    pros: str = ""
    cons: str = ""
    messages: list[Message] = field(default_factory=list)

    @classmethod
    def of(cls, draft: Conversation, **added: Any) -> Self:
        """The draft as this kind of conversation, with what a marketplace adds to it."""
        return cls(**{each.name: getattr(draft, each.name) for each in fields(draft)} | added)

    def append(self, message: Message) -> None:
        """Keep a message in its place in time."""
        if not self.messages or self.messages[-1].time <= message.time:
            self.messages.append(message)
        else:
            insort(self.messages, message, key=lambda kept: kept.time)

    def shown(self, now: float) -> list[Message]:
        """The messages that the marketplace shows by now."""
        return [message for message in self.messages if message.visible_from <= now]

    def last_shown(self, now: float) -> Message | None:
        """The newest message that the marketplace shows by now."""
        return next((message for message in reversed(self.messages) if message.visible_from <= now), None)

    @property
    def waiting(self) -> bool:
        """Whether the last person to write was the buyer; stars without a word ask for nothing."""
        for message in reversed(self.messages):
            if not message.automatic:
                return message.author is Author.BUYER and not self._wordless
        return False

    @property
    def _wordless(self) -> bool:
        first = self.messages[0]
        return self.stars is not None and not (self.pros or self.cons or first.text or first.attachments)

    def to_json(self) -> dict[str, Any]:
        """The truth, as the control answers show it."""
        return {
            "chat": self.id,
            "channel": self.channel.value,
            "client_name": self.buyer_name,
            "situation": self.situation,
            "stars": self.stars,
            "pros": self.pros,
            "cons": self.cons,
            "waiting": self.waiting,
            "messages": [message.to_json() for message in self.messages],
        }

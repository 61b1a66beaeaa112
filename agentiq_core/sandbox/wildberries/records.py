"""What Wildberries adds to chats and messages, and how a seller's part behaves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from agentiq_core.domain.messages import Author
from agentiq_core.sandbox import behaviour, conversation


class Sender(StrEnum):
    """Who wrote (WB API, events, `sender`)."""

    CLIENT = "client"
    SELLER = "seller"
    WB = "wb"


_SENDERS: Final = {
    Author.BUYER: Sender.CLIENT,
    Author.SELLER: Sender.SELLER,
    Author.MARKETPLACE: Sender.WB,
}


class Source(StrEnum):
    """Where it was written (WB API, events, `source`)."""

    SELLER_PORTAL = "seller-portal"
    SELLER_PUBLIC_API = "seller-public-api"
    RUSITE = "rusite"
    GLOBAL = "global"
    IOS = "ios"
    ANDROID = "android"


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
class Behaviour(behaviour.Behaviour):
    """Switches of one seller's account. Delays and skews are seconds of the sandbox's clock.

    echo_delay: a message sent through the API enters the feed that much later, keeping its time.
    answer_moderation: an answer to a review is checked for so long; reject_answers: and then refused.
    echo_skew: addTimestamp of the echo may exceed addTime of the answer by up to that much (0..2).
    quirks: the irregular shapes seen in real answers (empty names, zeroed cards, three date formats).
    """

    signs: SignPolicy = SignPolicy.STABLE
    sign_lifetime: float = 60.0
    sign_in_answer: bool = False
    echo_skew: float = 0.0
    answer_moderation: float = 0.0
    reject_answers: bool = False
    boundary: Boundary = Boundary.WHOLE
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class Card:
    """The good a chat is about. price in kopecks; nm_id 0 and empty texts where the answer has them zeroed."""

    nm_id: int
    price: int
    currency: str
    rid: str
    size: str


@dataclass(slots=True, eq=False, kw_only=True)
class Message(conversation.Message):
    """One event of the feed. text None without attachments: the event has no `message` at all."""

    source: Source | None
    opens_chat: bool = False
    sign: str | None = None

    @property
    def event_id(self) -> str:
        """`eventID`."""
        return self.id

    @property
    def chat_id(self) -> str:
        """`chatID`."""
        return self.conversation_id

    @property
    def sender(self) -> Sender:
        """`sender`."""
        return _SENDERS[self.author]

    def to_json(self) -> dict[str, Any]:
        """The truth, as the control answers show it, in Wildberries' words too."""
        words = {
            "event_id": self.id,
            "sender": self.sender.value,
            "source": self.source.value if self.source else None,
        }
        return conversation.Message.to_json(self) | words


@dataclass(slots=True, eq=False, kw_only=True)
class Chat(conversation.Conversation):
    """A conversation of any channel with the good's card; a chat with the state of its signs.

    viewed, declined: of questions (and reviews). decision, goods_status: of claims (WB API, claims, `status` and `status_ex`).
    """

    card: Card
    source: Source = Source.RUSITE
    sign_generation: int = 0
    sign_set: str | None = None
    viewed: bool = False
    declined: bool = False
    decision: int = 0
    goods_status: int = 0

    @property
    def chat_id(self) -> str:
        """`chatID`."""
        return self.id

    @property
    def client_name(self) -> str:
        """`clientName`."""
        return self.buyer_name

"""What Ozon adds to conversations and messages, and how a seller's part behaves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agentiq_core.sandbox import behaviour, conversation


class Status(StrEnum):
    """Where a review or a question stands (Ozon API, review/change-status)."""

    NEW = "NEW"
    VIEWED = "VIEWED"
    PROCESSED = "PROCESSED"


class Scheme(StrEnum):
    """How orders are delivered: only FBS and rFBS let the seller write without being asked."""

    FBO = "fbo"
    FBS = "fbs"


@dataclass(slots=True)
class Behaviour(behaviour.Behaviour):
    """Switches of one seller's account. Delays are seconds of the sandbox's clock.

    chats_paid, reviews_paid, questions_paid: whether the subscription covers writing in chats, reviews, questions.
    history_delay: a message is in its history that much later than the list tells of it (seen by a CRM).
    inclusive: a history begins with the message it is asked from; the documentation does not say.
    window: replies are refused when their time is over. circuit_open: every method is blocked for a while.
    tells_delay: a limited answer says when to come again, which Ozon does not document.
    escapes: Markdown's signs in a text come back with a backslash.
    chats_on_page, messages_on_page, questions_on_page: the most of a page, whatever is asked for.
    quirks: ids as strings, "true", Buyer_Seller, a Cyrillic letter in Customer, conversations of support in the list.
    """

    chats_paid: bool = True
    reviews_paid: bool = True
    questions_paid: bool = True
    history_delay: float = 0.0
    inclusive: bool = True
    window: bool = True
    circuit_open: bool = False
    tells_delay: bool = True
    escapes: bool = False
    chats_on_page: int = 100
    messages_on_page: int = 1000
    questions_on_page: int = 10


@dataclass(slots=True, eq=False, kw_only=True)
class OzonConversation(conversation.Conversation):
    """A chat, a review or a question. `status` is that of reviews and questions, `closed`, `seen` and `delivered` are a
    chat's: the id of the newest message that the seller saw, and when its order was delivered, unix seconds."""

    status: Status = Status.NEW
    closed: bool = False
    seen: int = 0
    scheme: Scheme = Scheme.FBO
    delivered: float = 0.0
    refused: str | None = None
    """Why moderation refuses the seller's next words; None: it does not."""


@dataclass(slots=True, eq=False, kw_only=True)
class OzonMessage(conversation.Message):
    """A message with what moderation said of it: None, or why it was refused."""

    rejected: str | None = None

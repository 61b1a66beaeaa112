"""What Avito adds to conversations and messages, and how a seller's part behaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agentiq_core.sandbox import behaviour, conversation


@dataclass(slots=True)
class Behaviour(behaviour.Behaviour):
    """Switches of one seller's account. Delays are seconds of the sandbox's clock.

    paid: the tariff covers the messenger, else it answers 402. employee: the key is an employee's: half of the chats, 403
    to reading, writing and marking. ratings: the account may read and answer reviews, else 403.
    newest_first: order of a history, which Avito does not document. wrapped: a history comes inside an object.
    history_delay: a message is in its history that much later than in the list.
    token_life: of tokens issued from now on. ended_status: what an ended token gets, 401 (live) or 403 (specification).
    answer_moderation: how long an answer to a review is being looked at.
    problems: the shape of error bodies: "nested", "flat", "list" or "result".
    tells_delay: 429 has a Retry-After, which Avito does not document.
    """

    paid: bool = True
    employee: bool = False
    ratings: bool = True
    newest_first: bool = True
    wrapped: bool = False
    history_delay: float = 0.0
    token_life: float = 86_400.0
    ended_status: int = 401
    answer_moderation: float = 0.0
    problems: str = "nested"
    tells_delay: bool = True


@dataclass(slots=True, eq=False, kw_only=True)
class AvitoConversation(conversation.Conversation):
    """A chat or a review. `seen`: a chat's newest message that the seller saw, unix milliseconds."""

    buyer_id: int
    seen: int = 0
    refused: str | None = None
    """Why moderation rejects the seller's answer to a review; None: it does not."""


@dataclass(slots=True, eq=False, kw_only=True)
class AvitoMessage(conversation.Message):
    """A message of a type: "" where its text and files say it. `content` is what such a type holds."""

    kind: str = ""
    content: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """Opens a seller's account until `ends`, unix seconds."""

    seller: str
    ends: float

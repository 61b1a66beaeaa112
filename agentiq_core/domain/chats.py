"""Where a conversation stands: derived from its messages by one function, whoever wrote them in whatever order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from agentiq_core.domain.messages import Message


class ChatStatus(StrEnum):
    """What the messages of a conversation add up to."""

    WAITING = "waiting"
    """The buyer wrote and was never answered."""
    CLIENT_REPLIED = "client-replied"
    """The buyer wrote after our answer."""
    RESPONDED = "responded"
    """The last word is the seller's."""
    AUTO_RESPONSE = "auto-response"
    """Only automatic messages so far."""
    CLOSED = "closed"
    """Somebody said that no answer is needed; the next buyer message reopens it."""


class Priority(IntEnum):
    """Higher is more urgent, so that rules can raise it with max()."""

    NORMAL = 0
    HIGH = 1
    URGENT = 2


class Queue(StrEnum):
    """The three lists of the screen."""

    WORK = "work"
    """Needs a reply, and is urgent or overdue."""
    WAITING = "waiting"
    """Needs a reply, the rest."""
    ALL = "all"
    """Everything, newest first."""


@dataclass(frozen=True, slots=True)
class ChatFacts:
    """What the messages of a chat say, in the least that decides its status.

    `last_answer` and `last_buyer` are order keys (marketplace time, then id) of the newest message of that kind.
    `first_unanswered` is the oldest buyer message after both the last answer and `closed_through`.
    """

    last_answer: tuple[datetime, str] | None = None
    last_buyer: tuple[datetime, str] | None = None
    first_unanswered: tuple[datetime, str] | None = None
    closed_through: datetime | None = None
    shut: bool = False
    """The marketplace takes no reply there any more."""


@dataclass(frozen=True, slots=True)
class ChatState:
    """Where a conversation stands. `waiting_since` is the marketplace's time of the oldest unanswered message,
    `episode` its id: a breach is recorded once per episode."""

    status: ChatStatus
    needs_reply: bool
    waiting_since: datetime | None = None
    episode: str | None = None


def derive(facts: ChatFacts) -> ChatState:
    """The status of a conversation. Automatic messages neither ask for a reply nor give one."""
    if facts.first_unanswered is not None and facts.shut:
        return ChatState(ChatStatus.CLOSED, False)
    if facts.first_unanswered is not None:
        status = ChatStatus.WAITING if facts.last_answer is None else ChatStatus.CLIENT_REPLIED
        since, episode = facts.first_unanswered
        return ChatState(status, True, since, episode)
    if facts.last_buyer is None:
        # an answer without a question is a conversation the seller opened by hand
        return ChatState(
            ChatStatus.AUTO_RESPONSE if facts.last_answer is None else ChatStatus.RESPONDED, False
        )
    closed = facts.closed_through is not None and facts.last_buyer[0] <= facts.closed_through
    if closed and (facts.last_answer is None or facts.last_answer < facts.last_buyer):
        return ChatState(ChatStatus.CLOSED, False)
    return ChatState(ChatStatus.RESPONDED, False)


def facts_of(messages: Iterable[Message], closed_through: datetime | None = None) -> ChatFacts:
    """The facts of a conversation read from its messages in any order (the store computes the same in SQL)."""
    ordered = sorted(messages, key=lambda message: message.order)
    answers = [message.order for message in ordered if message.is_answer]
    buyers = [message.order for message in ordered if message.asks]
    last_answer = answers[-1] if answers else None
    unanswered = [
        key
        for key in buyers
        if (last_answer is None or key > last_answer) and (closed_through is None or key[0] > closed_through)
    ]
    return ChatFacts(
        last_answer=last_answer,
        last_buyer=buyers[-1] if buyers else None,
        first_unanswered=unanswered[0] if unanswered else None,
        closed_through=closed_through,
    )


def queue_of(state: ChatState, priority: Priority) -> Queue | None:
    """The list a conversation waits in; None when nobody has to answer it."""
    if not state.needs_reply:
        return None
    return Queue.WORK if priority is Priority.URGENT else Queue.WAITING

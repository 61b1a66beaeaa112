"""The life of a reply: its states, and the only moves between them (docs/delivery.md)."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID, uuid4


class OutboxState(StrEnum):
    """How far a reply of ours got."""

    QUEUED = "queued"
    """Committed; a worker will claim it once its `not_before` has passed."""
    SENDING = "sending"
    """Committed before the first byte leaves, with worker, lease and attempt number."""
    SENT = "sent"
    """The marketplace answered 2xx; its reference is stored."""
    CONFIRMED = "confirmed"
    """Read back from the marketplace and joined to this row."""
    FAILED = "failed"
    """A definite refusal; the text goes back to the operator."""
    UNKNOWN = "unknown"
    """Nobody can say whether it arrived; reconciliation decides."""
    NEEDS_OPERATOR = "needs_operator"
    """Reconciliation found nothing; a person decides."""
    CANCELLED = "cancelled"
    """Taken back by the operator before it left."""


TRANSITIONS: dict[OutboxState, frozenset[OutboxState]] = {
    OutboxState.QUEUED: frozenset({OutboxState.SENDING, OutboxState.CANCELLED, OutboxState.FAILED}),
    OutboxState.SENDING: frozenset(
        {OutboxState.SENT, OutboxState.FAILED, OutboxState.UNKNOWN, OutboxState.QUEUED, OutboxState.CONFIRMED}
    ),
    OutboxState.SENT: frozenset({OutboxState.CONFIRMED}),
    OutboxState.UNKNOWN: frozenset({OutboxState.CONFIRMED, OutboxState.NEEDS_OPERATOR}),
    OutboxState.NEEDS_OPERATOR: frozenset(
        {OutboxState.CONFIRMED, OutboxState.UNKNOWN, OutboxState.CANCELLED, OutboxState.SENT}
    ),
    OutboxState.FAILED: frozenset({OutboxState.CANCELLED}),
    OutboxState.CONFIRMED: frozenset(),
    # an attempt that a person gave up on may still turn out to have arrived
    OutboxState.CANCELLED: frozenset({OutboxState.CONFIRMED}),
}
"""Where each state may go. The database refuses every other move."""

IN_FLIGHT = frozenset(
    {OutboxState.QUEUED, OutboxState.SENDING, OutboxState.UNKNOWN, OutboxState.NEEDS_OPERATOR}
)
"""A later reply to the same chat waits behind one of these: one message in flight per chat, in order."""

COUNTS_AS_ANSWER = frozenset({OutboxState.SENT, OutboxState.CONFIRMED})
"""The buyer has it as far as anyone knows, so the clock stops."""

NEEDS_A_LOOK = frozenset({OutboxState.FAILED, OutboxState.UNKNOWN, OutboxState.NEEDS_OPERATOR})
"""Shown to the operator until somebody decides or the marketplace does."""


class Undelivered(StrEnum):
    """Why a reply stands in `failed`, `unknown` or back in `queued`: a word for the catalogue, not a sentence."""

    TEXT_REFUSED = "text_refused"
    FILE_REFUSED = "file_refused"
    SIGNATURE_REFUSED = "signature_refused"
    CHAT_GONE = "chat_gone"
    KEY_REFUSED = "key_refused"
    READ_ONLY_KEY = "read_only_key"
    PAYMENT_REQUIRED = "payment_required"
    NEW_MESSAGE = "new_message"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    SERVER_ERROR = "server_error"
    WORKER_DIED = "worker_died"
    CONNECT_FAILED = "connect_failed"
    RATE_LIMITED = "rate_limited"
    NO_ECHO = "no_echo"
    SLOW_MODE = "slow_mode"
    SELLER_UNAVAILABLE = "seller_unavailable"
    NO_SUBSCRIPTION = "no_subscription"
    """The account has no right to write in this channel."""
    WINDOW_CLOSED = "window_closed"
    """The marketplace takes no reply any more: its time after the buyer's last message is over."""
    ALREADY_ANSWERED = "already_answered"
    """There is one answer, and it can no longer be edited."""
    TEXT_NOT_SENT = "text_not_sent"
    """A file whose text did not leave: it would arrive without its meaning."""


_LAST_BYTE = 0xFF


def new_client_id() -> UUID:
    """A client id for a reply and the files that leave with it: they share all of it but the last byte."""
    return UUID(int=uuid4().int & ~_LAST_BYTE)


def file_client_id(client_id: UUID, number: int) -> UUID:
    """The client id of the `number`th file (from 1) that leaves behind the reply with this id."""
    return UUID(int=(client_id.int & ~_LAST_BYTE) | number & _LAST_BYTE)

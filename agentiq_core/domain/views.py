"""What a front end shows: read models, filled by the store, free of SQL and of screens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from agentiq_core.domain.chats import ChatStatus, Priority, Queue
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import Attachment, Author, Channel, Origin, Product
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.suggesting import PassState

if TYPE_CHECKING:
    from agentiq_core.domain.drafts import DraftView, LeftDraft
    from agentiq_core.domain.team import NoteView, Onlooker


class ChatRef(NamedTuple):
    """A conversation's name inside AgentIQ."""

    seller_id: int
    chat_id: int


class FeedRef(NamedTuple):
    """One channel of one seller: what is read, and claimed by a worker, as a whole."""

    seller_id: int
    channel: str = Channel.CHAT


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue. `due_at` is the nearest deadline, `outbox` the reply that most needs a look."""

    ref: ChatRef
    marketplace: str
    seller_name: str
    buyer_name: str | None
    product: str | None
    preview: str
    last_author: Author | None
    last_at: datetime | None
    status: ChatStatus
    priority: Priority
    needs_reply: bool
    due_at: datetime | None
    unread: int
    outbox: OutboxState | None = None
    channel: str = Channel.CHAT
    stars: int | None = None
    closes_at: datetime | None = None
    """Until when the marketplace takes a reply, where it refuses later ones."""
    tags: tuple[str, ...] = ()
    assignee: int | None = None
    assignee_name: str | None = None
    """None also for a colleague whom this operator does not see any more."""
    snoozed_until: datetime | None = None
    notes: int = 0
    """How many notes colleagues left there."""
    queue: Queue | None = None
    """Where it waits; None where it does not."""
    waiting_since: datetime | None = None


class QueueKey(NamedTuple):
    """Where a page of a queue ends: its last row's place in the order."""

    at: datetime
    chat_id: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A run of rows in the queue's order; `after` asks for the next, None at the end."""

    rows: tuple[QueueRow, ...]
    after: QueueKey | None


class SellerState(StrEnum):
    """Whether a seller is pulled and sent for."""

    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"
    """The marketplace refused the key; starts again when it is replaced."""


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """How the reading of one channel goes. `trouble` as in `SellerStatus`."""

    channel: str
    last_sync_at: datetime | None
    trouble: str | None
    trouble_detail: str


@dataclass(frozen=True, slots=True)
class SellerStatus:
    """A seller's line to its marketplace. `trouble` is a code of `domain.errors` or None when all is well."""

    seller_id: int
    name: str
    marketplace: str
    state: SellerState
    last_sync_at: datetime | None
    next_sync_at: datetime | None
    trouble: str | None
    trouble_detail: str
    slow: bool
    pages: int
    messages: int
    quarantined: int
    syncing: bool
    oldest_at: datetime | None
    key_expires_at: datetime | None = None
    begins_at: datetime | None = None
    read_from: datetime | None = None
    """While older messages are still to be read: when the oldest was sent, and from when on everything is stored."""
    channels: tuple[ChannelStatus, ...] = ()

    def history_read(self, now: datetime) -> float | None:
        """How much of the history is here, by time, from 0 to 1; None when it is all here, or nobody has looked."""
        return history_read(self.begins_at, self.read_from, now)


def history_read(begins_at: datetime | None, read_from: datetime | None, now: datetime) -> float | None:
    """The share of the time from `begins_at` to `now` that lies behind `read_from`; None when nothing is missing."""
    if begins_at is None or read_from is None or begins_at >= now:
        return None
    return min(1.0, max(0.0, (now - read_from) / (now - begins_at)))


@dataclass(frozen=True, slots=True)
class Overview:
    """The numbers that are always on screen."""

    counts: dict[Queue, int]
    sellers: tuple[SellerStatus, ...]
    unsent: int
    """Replies that are queued or sending."""
    need_a_look: int
    """Replies that failed, or whose fate a person must decide."""
    snoozed: int = 0
    mine: int = 0
    """Conversations of this operator's that wait for a reply."""
    mentions: int = 0
    """Notes that name this operator and were not seen."""


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message as the conversation shows it. `outbox_id` links it to the reply it confirms."""

    external_id: str
    author: Author
    origin: Origin
    sent_at: datetime
    text: str
    attachments: tuple[Attachment, ...] = ()
    outbox_id: int | None = None
    read: bool = False
    """The buyer has seen it, where a marketplace tells."""
    edited_at: datetime | None = None
    by_itself: bool = False
    """A reply of ours that nobody wrote (`engine.automation`)."""


@dataclass(frozen=True, slots=True)
class RelatedChat:
    """Another conversation about the same order, or only `maybe`: about the same good at about the same time."""

    ref: ChatRef
    channel: str
    maybe: bool
    buyer_name: str | None
    preview: str
    stars: int | None
    last_at: datetime | None
    needs_reply: bool


@dataclass(frozen=True, slots=True)
class ReplyView:
    """A reply of ours that the marketplace has not (yet) read back. `reason` is a word of `domain.outbox.Undelivered`."""

    id: int
    state: OutboxState
    text: str
    created_at: datetime
    not_before: datetime | None
    sent_at: datetime | None
    reason: str | None = None
    detail: str = ""
    attempt: int = 0
    file: str | None = None
    """The name of the file that it is; None for a text."""
    by_itself: bool = False
    """Nobody wrote it: it leaves by itself (`engine.automation`)."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a reply held that did not leave: the text, and the files that were to follow it."""

    text: str = ""
    files: tuple[OutgoingFile, ...] = ()


class MessageKey(NamedTuple):
    """A message's place in its conversation: the marketplace's time, then its id."""

    sent_at: datetime
    external_id: str


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that came since an operator looked."""

    key: MessageKey
    author: Author
    origin: Origin
    text: str


@dataclass(frozen=True, slots=True)
class ReplyUnderWay:
    """A colleague's reply on its way since an operator looked."""

    id: int
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class News:
    """The newest of what came into a conversation since its operator looked; at least one of the two.

    Whoever was shown it may send past it, and past nothing that came later.
    """

    message: NewMessage | None = None
    reply: ReplyUnderWay | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """The newest (or an older) run of a conversation, oldest first, with what the panes beside it need."""

    ref: ChatRef
    marketplace: str
    seller_name: str
    external_id: str
    buyer_name: str | None
    product: Product | None
    status: ChatStatus
    priority: Priority
    needs_reply: bool
    due_at: datetime | None
    waiting_since: datetime | None
    sla_rule: str | None
    messages: tuple[MessageView, ...]
    replies: tuple[ReplyView, ...]
    draft: DraftView
    """What this operator has typed."""
    text_limit: int
    older: MessageKey | None
    newest: MessageKey | None
    """What the operator has seen when answering: a reply is stopped when the chat moved past it."""
    channel: str = Channel.CHAT
    stars: int | None = None
    closes_at: datetime | None = None
    """Until when the marketplace takes a reply; `closes_hard`: it refuses later ones."""
    closes_hard: bool = False
    shut: bool = False
    """Nothing can be written there any more."""
    snoozed_until: datetime | None = None
    """Put off until then: it stands in no queue."""
    can_reply: bool = True
    can_decline: bool = False
    one_answer: bool = False
    related: tuple[RelatedChat, ...] = ()
    tags: tuple[str, ...] = ()
    assignee: int | None = None
    assignee_name: str | None = None
    claimed_until: datetime | None = None
    """The assignee took it until then; nobody's again behind it."""
    notes: tuple[NoteView, ...] = ()
    """Those of the time that this run covers, oldest first: to be merged with the messages by time."""
    presence: tuple[Onlooker, ...] = ()
    """Colleagues who have it on screen; this operator is left out."""
    left: LeftDraft | None = None
    """What a colleague began, where the conversation is this operator's now."""


@dataclass(frozen=True, slots=True)
class ViolationView:
    """What a guardrail objects to. `start` and `end` are offsets into the text; `reason` is Russian."""

    rule: str
    severity: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A stretch of a suggestion that states something: what it rests on ("card", "order", "conversation", "snippet")."""

    text: str
    source: str
    words: str


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """A ready reply. `source` is "template" or "model"; `stop_class` says that a person must answer.

    `text` may be offered in every `state`; while the model writes, `partial` is what it has so far, never to be sent.
    """

    id: int
    text: str
    intent: str
    sentiment: str
    confidence: float
    source: str
    stop_class: str | None
    evidence: tuple[str, ...]
    violations: tuple[ViolationView, ...]
    rules_checked: int
    created_at: datetime
    state: PassState = PassState.NONE
    partial: str = ""
    failure: str | None = None
    """A word of `domain.suggesting.PassFailure` or `ai.model.Failure`: why the model is not the source."""
    wish: str = ""
    """The variant that was asked for."""
    model: str | None = None
    recommendation: str | None = None
    categories: tuple[str, ...] = ()
    urgency: str | None = None
    """`low`, `normal` or `high`."""
    claims: tuple[ClaimView, ...] = ()
    analyzed_at: datetime | None = None
    injection: float = 0.0
    """How much the buyer's words look like orders to a model, 0 to 1: a flag for people."""
    repaired: bool = False
    language: str = "ru"
    latency: float | None = None
    """Seconds."""
    cost: Decimal = Decimal(0)
    tokens_in: int = 0
    tokens_out: int = 0
    rejected: str | None = None
    """Why a person said that this text is no good: a word of `domain.learning.RejectionReason`."""


class Resolution(StrEnum):
    """What a person may decide about a reply whose fate is unknown."""

    CHECK_AGAIN = "check"
    SEND_AGAIN = "send"
    TREAT_AS_SENT = "sent"


@dataclass(frozen=True, slots=True)
class QuarantinedItem:
    """An item of a seller's feed that could not be read. `reason` is a line for developers, in English.

    `raw` is there where one item is asked for, with phones and secrets masked.
    """

    id: int
    seller_id: int
    seller_name: str
    marketplace: str
    channel: str
    created_at: datetime
    reason: str
    chat_external_id: str | None = None
    message_external_id: str | None = None
    settled_at: datetime | None = None
    """When it was read after all, or `dismissed` by a person; None while it waits."""
    dismissed: bool = False
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    """Items that wait, newest first. `before` is what to ask the next page with; None at the end."""

    items: tuple[QuarantinedItem, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What became of items that were read again."""

    tried: int = 0
    replayed: int = 0
    """Could be read and are settled."""
    new: int = 0
    """Messages that the desk did not have."""
    confirmed: int = 0
    """Replies that these messages proved to have arrived."""
    unreadable: int = 0
    """Stay in quarantine, with the reason of today."""

    def __add__(self, other: ReplayReport) -> ReplayReport:
        return ReplayReport(
            self.tried + other.tried,
            self.replayed + other.replayed,
            self.new + other.new,
            self.confirmed + other.confirmed,
            self.unreadable + other.unreadable,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """Something of a conversation changed; `ref` None means the sellers themselves, or more than can be told.

    `presence_of`: nothing of the conversation itself did, only what this operator does there (looks, types, left).
    """

    ref: ChatRef | None
    presence_of: int | None = None

"""What workers tell the screen, and panes tell each other. The chain of these messages is the app's behaviour:

DeskOpened → OverviewFetched, PageFetched → ChatChosen → ConversationFetched, SuggestionFetched
Composer.Edited → DraftSaved, TextChecked    Changed → the same fetches again
PresenceChanged → OnlookersFetched            who is there, and what was typed there elsewhere
QuarantineFetched → ItemFetched                     Replayed, SetAside → QuarantineFetched
ReplyAccepted | ReplyRefused | ReplyTakenBack | Settled | DecisionRefused     any of them may be a Failed
SearchFetched → ChatChosen                   what was written is found
FileFetched | FileFailed                     a buyer's file
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual.message import Message
from textual.widget import Widget

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.drafts import DraftKey, DraftView, LeftDraft
from agentiq_core.domain.errors import AgentIQError, GuardrailBlocked, SignInNeeded
from agentiq_core.domain.files import FileState, OutgoingFile
from agentiq_core.domain.filters import EVERYTHING, QueueFilter
from agentiq_core.domain.messages import ProductCard
from agentiq_core.domain.search import SearchPage
from agentiq_core.domain.snippets import Filled, Snippet
from agentiq_core.domain.team import BulkReport, Colleague, FilteredCount, Onlooker, SavedView, Tag
from agentiq_core.domain.views import (
    ChatRef,
    Conversation,
    MessageKey,
    News,
    Overview,
    QuarantinedItem,
    QuarantinePage,
    QueuePage,
    QueueRow,
    ReplayReport,
    ReplyView,
    Resolution,
    SellerStatus,
    SuggestionView,
    TakenBack,
    ViolationView,
)
from agentiq_tui.files import FileKey

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk


@dataclass
class DeskOpened(Message):
    """The database is there."""

    desk: Desk


@dataclass
class DeskFailed(Message):
    """The database could not be opened."""

    error: AgentIQError


@dataclass
class Failed(Message):
    """Something in the background went wrong; `quiet` errors show in the status bar only."""

    error: AgentIQError
    quiet: bool = False


@dataclass(eq=False)
class WaitBegan(Message):
    """Something that was asked for is not there yet; `give_up` ends it, None where it must not be ended."""

    asker: Widget
    give_up: Callable[[], object] | None = None


@dataclass
class WaitEnded(Message):
    """It came, failed or was given up; it may never have been said that it began."""

    wait: WaitBegan


@dataclass
class SettingRefused(Message):
    """A setting could not be written; it holds until the app ends."""

    error: AgentIQError


@dataclass
class SignInWanted(Message):
    """The sign-in ended: nothing is seen or sent until somebody signs in."""

    why: SignInNeeded


@dataclass
class OverviewFetched(Message):
    overview: Overview


@dataclass
class PageFetched(Message):
    """A page of a queue: a fresh first one, or the next after what is loaded. `gone`: rows that left the queue, as they are now."""

    queue: Queue
    page: QueuePage
    first: bool
    gone: tuple[QueueRow, ...] = ()
    narrowed: QueueFilter = EVERYTHING


@dataclass
class ChatChosen(Message):
    """The operator is on this chat now; `write` when they want to answer it."""

    ref: ChatRef
    write: bool = False


@dataclass
class NextFound(Message):
    """The chat to answer after this one, and the queue it waits in."""

    queue: Queue | None
    ref: ChatRef | None


@dataclass
class ConversationFetched(Message):
    """`moves`: those of its reply's `Words` when it was asked for."""

    conversation: Conversation
    moves: int


@dataclass
class OlderFetched(Message):
    """An older run of the open conversation."""

    conversation: Conversation
    before: MessageKey


@dataclass
class OlderWanted(Message):
    """The operator scrolled to the top of what is loaded."""


@dataclass
class CardFetched(Message):
    """What the marketplace says of the good a chat is about; None when it has said nothing yet."""

    ref: ChatRef
    card: ProductCard | None


@dataclass
class SnippetsFound(Message):
    """Templates that fit what was typed behind a "/"."""

    ref: ChatRef
    typed: str
    snippets: tuple[Snippet, ...]


@dataclass
class SnippetFilled(Message):
    """A text for the reply field, in the place of "/" and `typed` if that is what asked for it."""

    ref: ChatRef
    typed: str | None
    filled: Filled


@dataclass
class PresenceChanged(Message):
    """A colleague came to a chat, types there, or left."""

    ref: ChatRef


@dataclass
class OnlookersFetched(Message):
    """The colleagues who have a chat on screen, and the words that wait there (`Conversation.draft`, `.left`)."""

    ref: ChatRef
    onlookers: tuple[Onlooker, ...]
    draft: DraftView
    left: LeftDraft | None
    moves: int
    """`Words.moves` when it was asked for."""


@dataclass
class ColleaguesFetched(Message):
    """Whom a chat may be given to, or a note may name; `then` goes on with them."""

    colleagues: tuple[Colleague, ...]
    then: Callable[[tuple[Colleague, ...]], None]


@dataclass
class ChatTagsFetched(Message):
    """The words that a seller's chats may bear."""

    ref: ChatRef
    tags: tuple[Tag, ...]


@dataclass
class Retold(Message):
    """A chat in a few lines, by a model."""

    ref: ChatRef
    lines: tuple[str, ...]


@dataclass
class ReplyTranslated(Message):
    """What stood in the reply field, in the buyer's language, by a model."""

    ref: ChatRef
    reply: str
    text: str
    language: str
    """ISO 639-1."""


@dataclass
class TranslationFetched(Message):
    """A message in Russian, by a model."""

    ref: ChatRef
    message_id: str
    text: str


@dataclass
class SuggestionFetched(Message):
    ref: ChatRef
    suggestion: SuggestionView | None


@dataclass
class QuarantineFetched(Message):
    """Items that could not be read: the newest, or (`first` is false) those behind what is loaded."""

    page: QuarantinePage
    first: bool


@dataclass
class ItemFetched(Message):
    """What was kept of one item."""

    item: QuarantinedItem


@dataclass
class Replayed(Message):
    """What became of items so far; `done` when that is all."""

    report: ReplayReport
    done: bool = True


@dataclass
class SetAside(Message):
    """So many items are no longer counted."""

    count: int


@dataclass
class PaneShown(Message):
    """A pane came to the front: "queue", "chat" or "suggestion"."""

    pane: str


@dataclass
class Changed(Message):
    """A burst of changes; None when more changed than can be told."""

    refs: frozenset[ChatRef] | None


@dataclass
class DraftSaved(Message):
    """The database holds this of a field."""

    key: DraftKey
    draft: DraftView


class WordsKept(Message):
    """The database did not take what is typed; this machine's disk has it all."""


@dataclass
class WordsNotKept(Message):
    """This machine's disk does not take what is typed; `why` is the system's word."""

    why: str


@dataclass
class TextChecked(Message):
    """What the guardrails object to in the text being written, and where words are that no dictionary has."""

    ref: ChatRef
    text: str
    violations: tuple[ViolationView, ...]
    words: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Outgoing:
    """A reply on its way to the desk, with every word the operator has given for it. `typed`: it lies in the reply field."""

    ref: ChatRef
    text: str
    client_id: UUID
    seen: MessageKey | None
    suggestion_id: int | None = None
    typed: bool = True
    override: bool = False
    past: News | None = None
    repeat: bool = False
    files: tuple[tuple[int, OutgoingFile], ...] = ()


@dataclass
class Arrived(Message):
    """Conversations that changed while nobody looked, as they are now."""

    rows: tuple[QueueRow, ...]


@dataclass
class NarrowedCounted(Message):
    """How many conversations a filter lets through, queue by queue."""

    narrowed: QueueFilter
    counts: dict[Queue, FilteredCount]


@dataclass
class Widened(Message):
    """The queues show everything again."""


@dataclass
class FilterWordsFetched(Message):
    """What a filter may be made of at this desk."""

    colleagues: Sequence[Colleague]
    tags: Sequence[Tag]
    sellers: Sequence[SellerStatus]
    views: Sequence[SavedView]


@dataclass
class ViewsChanged(Message):
    """A view was `saved`, or forgotten."""

    views: Sequence[SavedView]
    saved: QueueFilter | None = None


@dataclass
class BulkAsked(Message):
    """Something is to be done with these conversations; what, the operator says next. `said` tells which these are."""

    refs: tuple[ChatRef, ...]
    said: str = ""


@dataclass
class PeopleFetched(Message):
    """To whom these conversations may be given."""

    colleagues: Sequence[Colleague]
    refs: tuple[ChatRef, ...]


@dataclass
class TagsFetched(Message):
    """Tags for these conversations, or to be taken `off` them."""

    tags: Sequence[Tag]
    refs: tuple[ChatRef, ...]
    off: bool = False


@dataclass
class BulkWent(Message):
    """How far an action on many conversations got."""

    report: BulkReport
    done: bool


@dataclass
class SearchFetched(Message):
    """Conversations with these words: the first page of them, or the next."""

    words: str
    page: SearchPage
    first: bool


@dataclass
class ReplyAccepted(Message):
    outgoing: Outgoing
    queued: tuple[ReplyView, ...]


@dataclass
class ReplyRefused(Message):
    outgoing: Outgoing
    error: AgentIQError


@dataclass
class ReplyTakenBack(Message):
    """A reply came back; None when it was too late."""

    ref: ChatRef
    back: TakenBack | None


@dataclass(frozen=True)
class Decision:
    """A decision about a reply of unknown fate on its way to the desk; `line` says what was done."""

    ref: ChatRef
    reply_id: int
    choice: Resolution
    line: str
    override: bool = False


@dataclass
class DecisionRefused(Message):
    """What would be sent again breaks a rule that came since."""

    decision: Decision
    error: GuardrailBlocked


@dataclass
class Settled(Message):
    """A decision about a chat was carried out; `line` says which."""

    ref: ChatRef
    line: str


@dataclass
class FileFetched(Message):
    """What came of opening a buyer's file: saved at `path`, or what moderation says. `again`: it was the second try."""

    file: FileKey
    state: FileState
    path: Path | None = None
    viewable: bool = False
    opened: bool = False
    retry_after: float = 0.0
    again: bool = False


@dataclass
class FileFailed(Message):
    """A buyer's file could not be had or saved."""

    file: FileKey
    error: AgentIQError

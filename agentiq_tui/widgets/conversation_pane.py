"""The middle pane: header, messages and the reply field of the open chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import Author, Origin
from agentiq_core.domain.team import NoteView
from agentiq_core.domain.views import ChatRef, Conversation, MessageKey, MessageView
from agentiq_tui.actions import shown_key
from agentiq_tui.files import FileNote
from agentiq_tui.locale import _, ngettext
from agentiq_tui.marks import Kind, Mark
from agentiq_tui.shown import list_line, steady_line
from agentiq_tui.transcript import Entry, entries, merged
from agentiq_tui.widgets.chat_header import ChatHeader
from agentiq_tui.widgets.composer import Composer
from agentiq_tui.widgets.new_below import NewBelow
from agentiq_tui.widgets.offered_text import OfferedText
from agentiq_tui.widgets.product_card import ProductCardView
from agentiq_tui.widgets.summary_lines import SummaryLines
from agentiq_tui.widgets.template_list import TemplateList
from agentiq_tui.widgets.transcript_view import TranscriptView
from agentiq_tui.widgets.waiting_files import WaitingFiles

SIGNS = {Kind.ERROR: "✗", Kind.WARNING: "!", Kind.WORD: "?"}


class ConversationPane(Vertical):
    """Shows one conversation; the reply field is made when the first one is opened, so that the app paints sooner."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(id="chat-pane", classes="pane")
        self.clock = clock
        self.conversation: Conversation | None = None
        self._older: tuple[MessageView, ...] = ()
        self._older_notes: tuple[NoteView, ...] = ()
        self.translations: dict[tuple[ChatRef, str], str] = {}
        self._composer: Composer | None = None
        self._below = 0
        self.older_key: MessageKey | None = None
        self.note_of: Callable[[ChatRef, str, int], FileNote | None] = _nothing_known
        self.waiting: Callable[[ChatRef], Mapping[int, OutgoingFile]] = _nothing_waits
        self._read_only = False

    def compose(self) -> ComposeResult:
        yield ChatHeader()
        yield ProductCardView()
        yield SummaryLines()
        yield TranscriptView()
        yield NewBelow(id="new-below")
        yield TemplateList()
        yield OfferedText()
        yield WaitingFiles()
        yield Static(id="check-line")
        yield Static(id="chat-empty")

    @property
    def transcript(self) -> TranscriptView:
        return self.query_one(TranscriptView)

    @property
    def composer(self) -> Composer | None:
        """The reply field; none before the first chat."""
        return self._composer

    @property
    def ref(self) -> ChatRef | None:
        return self.conversation.ref if self.conversation else None

    @property
    def display_on_screen(self) -> bool:
        """Whether the operator can see the messages."""
        return self.size.area > 0 and self.region.area > 0

    def say(self, line: str) -> None:
        """What stands here while no chat is open."""
        self.query_one("#chat-empty", Static).update(Content(line))

    async def show(self, conversation: Conversation, draft: str) -> None:
        """Show a conversation: another one from its end, the same one with what is new."""
        fresh = conversation.ref != self.ref
        if fresh:
            self._older = ()
            self._older_notes = ()
            self.check(())
            self.show_summary(())
        elif self.conversation is not None:
            self._older = merged(self._older, self.conversation.messages)
        if fresh:
            self.older_key = conversation.older
        self.conversation = conversation
        self.expect_older()
        self.add_class("-open")
        composer = self._composer
        if composer is None:
            composer = Composer()
            await self.mount(composer, before=self.query_one(TemplateList))
            self._composer = composer
        composer.limit = conversation.text_limit
        if fresh:
            composer.put(draft)
        self.query_one(ChatHeader).show(conversation, self.clock())
        self.show_waiting()
        await self._draw(fresh=fresh)

    def show_head(self, conversation: Conversation) -> None:
        """The same chat, of which only what its header says is new."""
        self.conversation = conversation
        self.query_one(ChatHeader).show(conversation, self.clock())

    @property
    def summary(self) -> tuple[str, ...]:
        """What is shown of the chat in a few lines."""
        return self.query_one(SummaryLines).lines

    def show_summary(self, lines: tuple[str, ...]) -> None:
        """The chat in a few lines above its messages; none hides them."""
        self.query_one(SummaryLines).show(lines)

    def expect_older(self) -> None:
        """Let scrolling to the top ask for an older run, if there is one."""
        self.transcript.has_older = self.older_key is not None

    def forbid(self, *, read_only: bool) -> None:
        """Whether this operator's role may answer at all."""
        self._read_only = read_only
        if self.composer is not None:
            self.composer.read_only = read_only
            self._show_placeholder(bool(self.ref and self.waiting(self.ref)))

    def show_waiting(self) -> None:
        """The files that leave with the reply, under its field."""
        files = self.waiting(self.ref) if self.ref else {}
        self.query_one(WaitingFiles).show(files)
        self._show_placeholder(bool(files))

    def _show_placeholder(self, files: bool) -> None:
        if self.composer is None:
            return
        chat = self.conversation
        if self._read_only:
            self.composer.placeholder = _("Your role may only read")
        elif chat is not None and not chat.can_reply:
            self.composer.placeholder = _("This is decided in the marketplace's cabinet")
        elif chat is not None and chat.shut:
            self.composer.placeholder = _("Closed at the marketplace")
        elif (
            chat is not None
            and chat.one_answer
            and any(
                message.author is Author.SELLER and message.origin is not Origin.AUTOMATIC
                for message in chat.messages
            )
        ):
            self.composer.placeholder = _("It is answered: a new text takes the answer's place, once")
        else:
            self.composer.placeholder = _("Your reply… or the files alone") if files else _("Your reply…")

    async def retranslate(self) -> None:
        """The language changed: every message, from the end."""
        if self.composer is not None:
            self.composer.border_title = _("reply")
            self.composer.refresh_count()
        self.show_waiting()
        await self._draw(fresh=True)

    async def redraw(self) -> None:
        """Something is known about a file of this conversation."""
        await self._draw(fresh=False)

    async def show_older(self, older: Conversation) -> None:
        """An older run of the same conversation goes above; the reading position stays."""
        if self.conversation is None:
            return
        self._older = merged(older.messages, self._older)
        self._older_notes = (*older.notes, *self._older_notes)
        self.older_key = older.older
        self.expect_older()
        await self._draw(fresh=False)

    def check(self, marks: tuple[Mark, ...]) -> None:
        """Underline what the operator should look at, and explain one of it."""
        if self.composer is not None:
            self.composer.mark(marks)
        self.explain()

    def explain(self) -> None:
        """One line under the field: the mark under the cursor, else the worst of those that a rule objects to."""
        line, composer = self.query_one("#check-line", Static), self.composer
        mark = composer.told_mark if composer is not None else None
        line.display = mark is not None
        if mark is None or composer is None:
            return
        others = sum(other.kind is not Kind.WORD for other in composer.marks) - (mark.kind is not Kind.WORD)
        more = f" (+{others})" if others else ""
        line.update(Content(f"{SIGNS[mark.kind]} {steady_line(mark.reason)}{more}"))
        line.set_class(mark.kind is Kind.ERROR, "-error")
        line.set_class(mark.kind is Kind.WORD, "-word")

    def tick(self) -> None:
        self.query_one(ChatHeader).tick(self.clock())
        self.transcript.tick(self.clock())

    @property
    def all_messages(self) -> tuple[MessageView, ...]:
        """Every message that is loaded."""
        return merged(self._older, self.conversation.messages) if self.conversation else ()

    @property
    def all_entries(self) -> list[Entry]:
        """Every line that is loaded, oldest first."""
        if self.conversation is None:
            return []
        known = partial(self.note_of, self.conversation.ref)
        notes = {note.id: note for note in (*self._older_notes, *self.conversation.notes)}
        shown = entries(self.all_messages, self.conversation.replies, known, notes.values())
        ref = self.conversation.ref
        return [
            replace(entry, translation=self.translations.get((ref, entry.message_id or ""), ""))
            for entry in shown
        ]

    async def _draw(self, *, fresh: bool) -> None:
        conversation = self.conversation
        if conversation is None:
            return
        shown = self.all_entries
        buyer = list_line(conversation.buyer_name or "") or _("Buyer")
        arrived = await self.transcript.show(shown, buyer, self.clock(), fresh=fresh)
        self._mention(0 if fresh else self._below + arrived)

    def _mention(self, below: int) -> None:
        self._below = below
        line = self.query_one("#new-below", NewBelow)
        line.display = below > 0
        if below:
            line.update(
                Content(
                    ngettext("to {n} new one ↓ · {key}", "to {n} new ones ↓ · {key}", below).format(
                        n=below, key=shown_key("newest")
                    )
                )
            )

    @on(TranscriptView.EndReached)
    def _caught_up(self) -> None:
        self._mention(0)


def _nothing_known(_ref: ChatRef, _message_id: str, _number: int) -> FileNote | None:
    return None


def _nothing_waits(_ref: ChatRef) -> Mapping[int, OutgoingFile]:
    return {}

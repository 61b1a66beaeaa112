"""The one screen of the desk: queue, conversation, suggestion. Handlers here join the panes; workers only answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.widget import Widget
from textual.widgets import Static

from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.errors import SignedOut, SignInNeeded, StoreUnavailable
from agentiq_core.domain.views import ChatRef, MessageKey
from agentiq_tui.actions import Where, bindings, send_key, shown_key
from agentiq_tui.asking import SIGN_AFTER, Latest, ask, start
from agentiq_tui.finding_messages import NotesSeen
from agentiq_tui.live import listen
from agentiq_tui.locale import _
from agentiq_tui.messages import (
    Arrived,
    Changed,
    ChatChosen,
    ConversationFetched,
    Failed,
    NextFound,
    OverviewFetched,
    PaneShown,
    Widened,
)
from agentiq_tui.screens.many import ManyScreen
from agentiq_tui.screens.picturing import PicturingScreen
from agentiq_tui.screens.related import RelatedScreen
from agentiq_tui.screens.retelling import RetellingScreen
from agentiq_tui.screens.suggesting import SuggestingScreen
from agentiq_tui.screens.team import TeamScreen
from agentiq_tui.screens.templating import TemplatingScreen
from agentiq_tui.widgets.conversation_pane import ConversationPane
from agentiq_tui.widgets.hint_bar import HintBar
from agentiq_tui.widgets.offline_banner import OfflineBanner
from agentiq_tui.widgets.pane_tabs import PaneTabs
from agentiq_tui.widgets.queue_header import QueueHeader
from agentiq_tui.widgets.queue_pane import QueuePane
from agentiq_tui.widgets.status_bar import StatusBar
from agentiq_tui.widgets.suggestion_pane import SuggestionPane
from agentiq_tui.wording import ROLES, error_line, said

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk
    from agentiq_tui.workplace import WorkplaceApp

TICK = 1.0
HEARTBEAT, HEARTBEAT_OFFLINE = 5, 2
"""Seconds between looks at the counters: sellers' sync is not told as a change, and silence must be noticed."""
TOLD_DELAY = 0.05
"""Seconds until others are told of what is on screen: telling them does not hold up its drawing."""


class DeskScreen(
    RetellingScreen,
    TeamScreen,
    SuggestingScreen,
    TemplatingScreen,
    PicturingScreen,
    RelatedScreen,
    ManyScreen,
):
    """Everything an operator does all day."""

    BINDINGS = bindings(Where.ANYWHERE, Where.OUTSIDE_TEXT)
    keys_at = Where.ANYWHERE
    AUTO_FOCUS = "#queue-list"

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.ctrl_enter = False
        self._write_when_shown = False
        self._beat = 0
        self.email = ""
        self.shown_last: ChatRef | None = None
        self._read: tuple[ChatRef, MessageKey | None, int] | None = None
        self._overview = Latest(self, self._fetch_overview, quiet=True)
        self._unlooked: set[ChatRef] = set()
        self._arrived = Latest(self, self._fetch_arrived, quiet=True)
        self._chat = Latest(self, self._fetch_chat, signed=False)

    def compose(self) -> ComposeResult:
        yield OfflineBanner()
        yield PaneTabs()
        with Horizontal(id="panes"):
            yield QueuePane(self.clock)
            with Container(id="right"):
                yield ConversationPane(self.clock)
                yield SuggestionPane(self.clock)
        yield Static(id="too-small")
        yield StatusBar()
        yield HintBar()

    def on_mount(self) -> None:
        self.retranslate()
        self.set_interval(TICK, self._tick)
        self.set_timer(SIGN_AFTER, self._show_connecting)

    def retranslate(self) -> None:
        """Every standing word in the language in use."""
        titles = {
            "#queue-pane": _("Queue"),
            "#chat-pane": _("Conversation"),
            "#suggestion-pane": _("Suggestion"),
        }
        for number, (pane, title) in enumerate(titles.items(), 1):
            self.query_one(pane, Widget).border_title = f"{number} {title}"
        self.query_one(PaneTabs).show(self.query_one(PaneTabs).front)
        self.query_one("#too-small", Static).update(_("The window is too small: 40×12 at least"))
        self.show_keys(ctrl_enter=self.ctrl_enter)
        self.queue_pane.refresh_words()
        start(self, self.chat_pane.retranslate, group="words", exclusive=True)
        if self.conversation is not None:
            self.show_card(self.conversation)
        if self.desk is not None:
            self._overview.request()
            self.refetch_chat()

    def show_keys(self, *, ctrl_enter: bool) -> None:
        """The footer and the links name the key that sends in this terminal."""
        self.ctrl_enter = ctrl_enter
        self.query_one(HintBar).show(ctrl_enter=ctrl_enter, who=self.who)
        pane = self.suggestion_pane
        key = send_key(ctrl_enter=ctrl_enter)
        pane.show(pane.suggestion, spent=pane.spent, send_key=key) if pane.suggestion else None

    def connect(self, desk: Desk) -> None:
        """The database is there: fill the panes and follow its changes."""
        self.desk = desk
        self._know_who(desk)
        self.restore_words()
        self.queue_pane.connect(desk)
        self._overview.request()
        self._follow(desk)

    def _follow(self, desk: Desk) -> None:
        async def follow() -> None:
            await listen(self, desk)

        start(self, follow, group="changes", exclusive=True)

    def _show_connecting(self) -> None:
        if self.desk is None:
            self.show_status(connecting=True)

    def _tick(self) -> None:
        self.queue_pane.tick()
        self.chat_pane.tick()
        self.show_offered()
        self.tell_presence()
        bar = self.query_one(StatusBar)
        bar.tick(self.clock())
        self._beat += 1
        if self._beat >= (HEARTBEAT_OFFLINE if bar.status.trouble else HEARTBEAT):
            self._beat = 0
            self._overview.request()

    async def _fetch_overview(self) -> OverviewFetched | None:
        return OverviewFetched(await self.desk.overview()) if self.desk else None

    def on_overview_fetched(self, event: OverviewFetched) -> None:
        self.queue_pane.show_overview(event.overview)
        status = self.query_one(StatusBar).status
        self.show_status(overview=event.overview, trouble="", offline=False)
        if status.offline:
            self._reconnected()
        if not event.overview.sellers:
            self.chat_pane.say(
                _(
                    "No shop is connected yet.\n\n{key} adds one; so does agentiq seller add wildberries --name …"
                ).format(key=shown_key("add_shop"))
            )
            self.offer_setup()
        elif self.current is None:
            self.chat_pane.say(_("Choose a chat in the queue"))

    def on_failed(self, event: Failed) -> None:
        # the field may be long in coming: letters are the queue's again
        self._workplace.await_no_field()
        line = error_line(event.error)
        if isinstance(event.error, SignInNeeded):
            self.show_status(trouble=line, offline=False)
            return
        if event.quiet:
            self.show_status(trouble=line, offline=isinstance(event.error, StoreUnavailable))
        else:
            self.notify(line, severity="error", markup=False)

    def signed_in_again(self) -> None:
        """Go on where the operator was; another one is told whose words lie in the fields."""
        desk = self.desk
        if desk is None:
            return
        former, self.email = self.email, desk.who.email
        self._know_who(desk)
        if former and former != self.email:
            line = _("You are {email} now; what is typed here was typed by {former}")
            self.notify(line.format(email=self.email, former=former), severity="warning", markup=False)
        self._reconnected()

    def _know_who(self, desk: Desk) -> None:
        self.keep_files(desk.keeps_at)
        self.saver.keep_at(desk.keeps_words_at)
        self.who, self.email = desk.who, desk.who.email
        self.read_only = not desk.who.may_write
        self.show_keys(ctrl_enter=self.ctrl_enter)
        keyless = desk.keyless and desk.who.may_write
        self.show_status(
            who=desk.who.email if desk.personal else "", read_only=self.read_only, keyless=keyless
        )

    def _reconnected(self) -> None:
        """The database is back: nothing on screen is older than this, and what was typed meanwhile is saved."""
        if self.desk is not None:
            # the connection that listened may be dead without knowing it
            self._follow(self.desk)
        self.refetch_chat()
        self.restore_words()
        self.save_drafts()

    def on_widened(self, event: Widened) -> None:
        self._overview.request()

    async def _fetch_arrived(self) -> Arrived | None:
        refs, self._unlooked = tuple(self._unlooked), set()
        return Arrived(tuple(await self.desk.rows(refs))) if self.desk is not None and refs else None

    def on_arrived(self, event: Arrived) -> None:
        # the app has noted who it is; with the counters it tells
        self.call_after_refresh(self._overview.request)

    def on_changed(self, event: Changed) -> None:
        self.queue_pane.refetch()
        self._overview.request()
        if event.refs and not self._workplace.notices.here(self.clock()):
            self._unlooked |= event.refs
            self._arrived.request()
        if event.refs is None or self.current in event.refs:
            self._chat.request()
            self.suggestion_wanted.request()

    @property
    def _workplace(self) -> WorkplaceApp:
        return cast("WorkplaceApp", self.app)

    def action_back(self) -> None:
        """One level back; no field is waited for any more."""
        self._write_when_shown = False
        self._workplace.await_no_field()
        super().action_back()

    def refetch_chat(self) -> None:
        self._chat.request()
        self.suggestion_wanted.request()
        self._overview.request()
        self.queue_pane.refetch()

    def on_chat_chosen(self, event: ChatChosen) -> None:
        self.forget_place(event.ref)
        self._workplace.await_no_field()
        if event.write:
            self.front_pane("chat")
        if event.ref == self.current:
            if event.write:
                self.focus_composer()
            return
        if event.write:
            self._workplace.await_field()
        self.save_drafts()
        self.current = event.ref
        self._write_when_shown = event.write
        # what is drawn stays until there is something to draw in its place: one frame, and the one that is waited for
        self.suggestion_pane.forget()
        self.show_draft("")
        self._chat.request()
        self.suggestion_wanted.request()
        self.set_timer(SIGN_AFTER, self._show_loading)

    def _show_loading(self) -> None:
        if self.current is not None and self.conversation is None:
            self.chat_pane.border_subtitle = _("opening…")
            self.suggestion_pane.say("")

    async def _fetch_chat(self) -> ConversationFetched | None:
        if self.desk is None or self.current is None:
            return None
        ref = self.current
        await self.saver.restore()
        moves = self.words.moves(DraftKey(ref))
        conversation = await self.desk.conversation(ref)
        await self.restore_files(ref)
        return ConversationFetched(conversation, moves)

    async def on_conversation_fetched(self, event: ConversationFetched) -> None:
        conversation = event.conversation
        if conversation.ref != self.current:
            return
        # laid out once
        with self.app.batch_update():
            if self.chat_pane.border_subtitle:
                self.chat_pane.border_subtitle = ""
            if self.chat_pane.ref != conversation.ref:
                self.words.heard(DraftKey(conversation.ref), conversation.draft, event.moves)
            await self.chat_pane.show(conversation, self.words.text(DraftKey(conversation.ref)))
            self.heard(conversation.ref, conversation.draft, conversation.left, event.moves)
            self.chat_pane.forbid(read_only=self.read_only)
            another = self.shown_last != conversation.ref
            if another:
                self.shown_last = conversation.ref
                self.show_card(conversation)
            self.show_suggestion()
        self.seek()
        if self._write_when_shown:
            self._write_when_shown = False
            self.focus_composer()
            self._workplace.field_came()
        self.set_timer(TOLD_DELAY, partial(self._seen, another=another))

    def _seen(self, *, another: bool) -> None:
        if another and self.desk is not None:
            self.desk.watching(self.current)
            self.tell_presence()
        self._mark_read()

    def _mark_read(self) -> None:
        """What is on screen is read; once for each new message and note."""
        conversation, desk = self.conversation, self.desk
        if conversation is None or desk is None or not self.chat_pane.display_on_screen:
            return
        newest_note = max((note.id for note in conversation.notes), default=0)
        seen = (conversation.ref, conversation.newest, newest_note)
        if seen != self._read:
            self._read = seen
            self.queue_pane.read(conversation.ref)

            async def read() -> None:
                await desk.mark_read(conversation.ref)

            ask(self, read, quiet=True)
            if conversation.notes:
                self.notes_seen(conversation.ref)

    def on_notes_seen(self, event: NotesSeen) -> None:
        if event.count:
            self._overview.request()

    def on_pane_shown(self, event: PaneShown) -> None:
        if event.pane == "chat":
            self.call_after_refresh(self._mark_read)

    @on(QueueHeader.Pressed)
    def _open_queue(self, event: QueueHeader.Pressed) -> None:
        self.queue_pane.open(event.queue)

    def action_next_queue(self) -> None:
        self.queue_pane.open(self.queue_pane.neighbour(1))

    def action_previous_queue(self) -> None:
        self.queue_pane.open(self.queue_pane.neighbour(-1))

    def action_apply_changes(self) -> None:
        self.queue_pane.apply_changes()

    def action_next_chat(self) -> None:
        """The chat to answer after this one, by deadline: urgent ones first, round and round."""
        desk, current, narrowed = self.desk, self.current, self.queue_pane.narrowed
        if desk is None:
            return

        async def find() -> NextFound:
            found = await desk.next_waiting(current, narrowed)
            return NextFound(None, None) if found is None else NextFound(*found)

        ask(self, find)

    def on_next_found(self, event: NextFound) -> None:
        if event.queue is None or event.ref is None:
            self.hint(_("Nobody else waits for a reply"))
            return
        self.queue_pane.open(event.queue, event.ref)
        self.post_message(ChatChosen(event.ref))

    def action_newest(self) -> None:
        self.chat_pane.transcript.to_end()

    def action_palette(self) -> None:
        self.app.action_command_palette()

    async def action_quit(self) -> None:
        await self.app.action_quit()

    def action_who(self) -> None:
        """Who works here, and what they may do."""
        if self.desk is not None:
            who = self.desk.who
            self.notify(f"{who.email}, {said(ROLES, who.role)}", markup=False, timeout=5)

    def action_sign_out(self) -> None:
        self._sign_out(everywhere=False)

    def action_sign_out_everywhere(self) -> None:
        self._sign_out(everywhere=True)

    def _sign_out(self, *, everywhere: bool) -> None:
        desk = self.desk
        if desk is None or not desk.personal:
            self.hint(_("Nobody signs in here: this machine's own database serves its owner"))
            return

        async def sign_out() -> Failed:
            # what was typed is saved while it still may be
            await self.leave()
            await desk.sign_out(everywhere=everywhere)
            return Failed(SignedOut("signed out here"), quiet=True)

        ask(self, sign_out)

"""Everything that changes what a buyer gets: sending, second words, undo, decisions about unclear replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from textual.content import Content

from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.errors import DuplicateReply, GuardrailBlocked, StaleConversation
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef, Conversation, News, Resolution, SuggestionView, ViolationView
from agentiq_tui.asking import ask, within_patience
from agentiq_tui.locale import _
from agentiq_tui.messages import (
    Decision,
    DecisionRefused,
    Failed,
    Outgoing,
    ReplyAccepted,
    ReplyRefused,
    ReplyTakenBack,
    Settled,
)
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.sizing import SizingScreen
from agentiq_tui.shown import steady_line
from agentiq_tui.suggestion_text import violation_line
from agentiq_tui.timing import clock_time
from agentiq_tui.transcript import undecided, undoable
from agentiq_tui.unforeseen import explained
from agentiq_tui.unsent import Unsent
from agentiq_tui.widgets.conversation_pane import ConversationPane
from agentiq_tui.widgets.suggestion_pane import SuggestionPane
from agentiq_tui.wording import AUTHORS
from agentiq_tui.words import Words

if TYPE_CHECKING:
    from agentiq_core.engine.access import SignedIn
    from agentiq_core.engine.desk import Desk

LINES = 6
"""Violations that the question lists."""
LONGEST = 240
"""Characters that the question shows of a message."""


class ReplyingScreen(SizingScreen):
    """The part of the desk that writes. A reply in flight blocks the next one to the same chat."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.clock = clock
        self.desk: Desk | None = None
        self.read_only = False
        self.who: SignedIn | None = None
        self.unsent = Unsent()
        self.words = Words()
        self.current: ChatRef | None = None
        self._in_flight: set[ChatRef] = set()
        self._spent: dict[ChatRef, int] = {}

    @property
    def chat_pane(self) -> ConversationPane:
        return self.query_one(ConversationPane)

    @property
    def suggestion_pane(self) -> SuggestionPane:
        return self.query_one(SuggestionPane)

    @property
    def conversation(self) -> Conversation | None:
        """The chat on screen; None while another one is being fetched."""
        shown = self.chat_pane.conversation
        return shown if shown is not None and shown.ref == self.current else None

    def is_spent(self, suggestion: SuggestionView | None) -> bool:
        """Whether a suggestion may no longer be sent by a key: it, or another answer, has gone out, or a person
        said that it is no good."""
        if suggestion is None or self.current is None:
            return False
        answered = self.conversation is not None and not self.conversation.needs_reply
        return (
            answered or suggestion.rejected is not None or suggestion.id <= self._spent.get(self.current, 0)
        )

    def spend(self, ref: ChatRef, suggestion_id: int) -> None:
        """This suggestion, and those before it, are not sent by a key any more."""
        self._spent[ref] = max(suggestion_id, self._spent.get(ref, 0))

    def refetch_chat(self) -> None:
        """Fetch the open chat, its suggestion and the counters again."""
        raise NotImplementedError

    def hint(self, line: str) -> None:
        """One clear line that explains why nothing happened."""
        self.notify(line, severity="warning", markup=False, timeout=4)

    def action_send(self) -> None:
        """Send the operator's text if there is any, else the suggestion."""
        if self.read_only:
            self.hint(_("Not sent: your role may only read"))
            return
        outgoing = self._outgoing()
        if outgoing is not None:
            self._send(outgoing)

    def _outgoing(self) -> Outgoing | None:
        conversation, composer = self.conversation, self.chat_pane.composer
        if conversation is None or composer is None:
            return None
        ref, suggestion = conversation.ref, self.suggestion_pane.suggestion
        files = tuple(self.unsent.files(ref).items())
        if composer.text.strip():
            if composer.over_limit:
                self.hint(
                    _("Not sent: {n} characters, the marketplace takes {limit}").format(
                        n=len(composer.text), limit=composer.limit
                    )
                )
                return None
            as_is = suggestion is not None and composer.text.strip() == suggestion.text.strip()
            return Outgoing(
                ref,
                composer.text.strip(),
                self.unsent.client_id(ref),
                conversation.newest,
                suggestion.id if suggestion is not None and as_is else None,
                files=files,
            )
        if files:
            return Outgoing(ref, "", self.unsent.client_id(ref), conversation.newest, files=files)
        if suggestion is None or self.is_spent(suggestion):
            self.hint(_("Nothing to send: the field is empty"))
            return None
        if self.suggestion_pane.just_changed:
            self.hint(_("Not sent: the suggestion has just changed. Read it, then press again"))
            return None
        client_id = self.unsent.client_id(ref, suggestion.id)
        return Outgoing(ref, suggestion.text, client_id, conversation.newest, suggestion.id, typed=False)

    def _send(self, outgoing: Outgoing) -> None:
        desk = self.desk
        if desk is None or outgoing.ref in self._in_flight:
            return
        self._in_flight.add(outgoing.ref)

        async def reply() -> ReplyAccepted | ReplyRefused:
            try:
                await self.files_leave(outgoing)
                queued = await within_patience(
                    self,
                    desk.reply(
                        outgoing.ref,
                        outgoing.text,
                        dict(outgoing.files),
                        client_id=outgoing.client_id,
                        seen=outgoing.seen,
                        suggestion_id=outgoing.suggestion_id,
                        override=outgoing.override,
                        past=outgoing.past,
                        repeat=outgoing.repeat,
                    ),
                )
            except Exception as error:  # noqa: BLE001 - whatever it was, the text stays and may be sent again
                return ReplyRefused(outgoing, explained(error))
            return ReplyAccepted(outgoing, queued)

        ask(self, reply)

    def on_reply_accepted(self, event: ReplyAccepted) -> None:
        sent = event.outgoing
        self._in_flight.discard(sent.ref)
        numbers = [number for number, _file in sent.files]
        self.unsent.accepted(sent.ref, None if sent.typed else sent.suggestion_id, numbers)
        if numbers:
            self.drop_files(sent.ref, numbers)
            self.chat_pane.show_waiting()
        if sent.text and sent.typed and self.words.text(DraftKey(sent.ref)).strip() == sent.text:
            self.put_text(sent.ref, "")
        if sent.ref == self.current:
            suggestion = self.suggestion_pane.suggestion
            if suggestion is not None:
                self.spend(sent.ref, suggestion.id)
            self.suggestion_pane.show(suggestion, spent=self.is_spent(suggestion))
        self.refetch_chat()

    def on_reply_refused(self, event: ReplyRefused) -> None:
        outgoing, error = event.outgoing, event.error
        self._in_flight.discard(outgoing.ref)
        if isinstance(error, GuardrailBlocked):
            self._second_word(
                _("The reply breaks the rules"), _broken(error), replace(outgoing, override=True)
            )
        elif isinstance(error, StaleConversation):
            self.refetch_chat()
            news = cast("News", error.params["news"])
            # what is new may break another rule than the one that was agreed to
            self._second_word(
                _("The conversation moved on"), _came(news), replace(outgoing, past=news, override=False)
            )
        elif isinstance(error, DuplicateReply):
            line = Content(_("The same text went to this buyer less than ten minutes ago."))
            self._second_word(_("Send it twice?"), line, replace(outgoing, repeat=True))
        else:
            self.post_message(Failed(error))

    def _second_word(self, title: str, lines: Content, outgoing: Outgoing) -> None:
        def answered(confirmed: bool | None) -> None:
            if confirmed:
                self._send(outgoing)

        self.app.push_screen(ConfirmScreen(title, lines, _("send anyway")), answered)

    def put_text(self, ref: ChatRef, text: str) -> None:
        """Make this the text of a chat's reply field, whether it is on screen or not."""
        self.typed(ref, text)
        composer = self.chat_pane.composer
        if ref == self.current and composer is not None:
            composer.put(text)
        self.save_drafts()

    def typed(self, ref: ChatRef, text: str) -> None:
        """This is what the chat's reply field holds now, by the operator's will."""
        self.words.type(DraftKey(ref), text)
        if not text:
            self.unsent.begin_anew(ref)

    def save_drafts(self) -> None:
        """Write what was typed to the database soon."""
        raise NotImplementedError

    def attach_files(self, ref: ChatRef, files: Sequence[OutgoingFile]) -> None:
        """These leave with the next reply to this chat, too."""
        raise NotImplementedError

    def drop_files(self, ref: ChatRef, numbers: Sequence[int]) -> None:
        """These wait no more."""
        raise NotImplementedError

    async def files_leave(self, outgoing: Outgoing) -> None:
        """The files of this reply are about to be queued."""
        raise NotImplementedError

    def action_undo(self) -> None:
        """Take the queued reply back into the field while its countdown runs."""
        chat, desk = self.conversation, self.desk
        reply = undoable(chat, self.clock()) if chat else None
        if chat is None or desk is None or reply is None:
            self.hint(_("There is no reply to take back"))
            return
        ref, reply_id = chat.ref, reply.id

        async def undo() -> ReplyTakenBack:
            return ReplyTakenBack(ref, await desk.undo(ref, reply_id))

        ask(self, undo)

    def action_take_back(self) -> None:
        """A reply that failed goes back into the field."""
        chat, desk = self.conversation, self.desk
        reply = undecided(chat, OutboxState.FAILED) if chat else None
        if chat is None or desk is None or reply is None:
            self.hint(_("No reply has failed here"))
            return
        ref, reply_id = chat.ref, reply.id

        async def take_back() -> ReplyTakenBack:
            return ReplyTakenBack(ref, await desk.take_back(ref, reply_id))

        ask(self, take_back)

    def on_reply_taken_back(self, event: ReplyTakenBack) -> None:
        back = event.back
        if back is None:
            self.hint(_("Too late: the reply is already on its way"))
        else:
            self._spent.pop(event.ref, None)
            typed = self.words.text(DraftKey(event.ref)).strip()
            if back.text:
                self.put_text(event.ref, f"{back.text}\n\n{typed}" if typed else back.text)
            self.attach_files(event.ref, back.files)
        self.refetch_chat()

    def action_check_again(self) -> None:
        self._resolve(Resolution.CHECK_AGAIN, _("Checking again"))

    def action_send_again(self) -> None:
        self._resolve(Resolution.SEND_AGAIN, _("Sending again"))

    def action_treat_as_sent(self) -> None:
        self._resolve(Resolution.TREAT_AS_SENT, _("Treated as sent"))

    def _resolve(self, choice: Resolution, line: str) -> None:
        chat, desk = self.conversation, self.desk
        reply = undecided(chat, OutboxState.NEEDS_OPERATOR) if chat else None
        if chat is None or desk is None or reply is None:
            self.hint(_("No delivery waits for a decision here"))
            return
        self._decide(desk, Decision(chat.ref, reply.id, choice, line))

    def _decide(self, desk: Desk, decision: Decision) -> None:
        async def resolve() -> Settled | DecisionRefused:
            try:
                await desk.resolve(
                    decision.ref, decision.reply_id, decision.choice, override=decision.override
                )
            except GuardrailBlocked as error:
                return DecisionRefused(decision, error)
            return Settled(decision.ref, decision.line)

        ask(self, resolve)

    def on_decision_refused(self, event: DecisionRefused) -> None:
        """A rule that came since objects to what would be sent again."""
        desk = self.desk

        def answered(confirmed: bool | None) -> None:
            if confirmed and desk is not None:
                self._decide(desk, replace(event.decision, override=True))

        title = _("The reply breaks the rules")
        self.app.push_screen(ConfirmScreen(title, _broken(event.error), _("send anyway")), answered)

    def action_no_reply(self) -> None:
        """Close the chat until the buyer writes again."""
        chat, desk = self.conversation, self.desk
        if chat is None or desk is None:
            return
        ref = chat.ref

        async def close() -> Settled:
            await desk.no_reply_needed(ref)
            return Settled(ref, _("Closed: no reply is needed"))

        ask(self, close)

    def on_settled(self, event: Settled) -> None:
        self.notify(event.line, markup=False, timeout=3)
        self.refetch_chat()


def _came(news: News) -> Content:
    """The newest of what came: what is agreed to, and nothing behind it."""
    lines = [Content(_("Somebody wrote here while you were answering: read it first."))]
    if news.message is not None:
        who = _(AUTHORS.get((news.message.author, news.message.origin), "?"))
        lines.append(_line_of(who, news.message.text, clock_time(news.message.key.sent_at)))
    if news.reply is not None:
        who = _("{name}, on its way").format(name=steady_line(news.reply.by))
        lines.append(_line_of(who, news.reply.text))
    return Content("\n").join(lines)


def _line_of(who: str, text: str, at: str = "") -> Content:
    words = steady_line(text)
    shown = words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
    return Content.assemble((f"{at} {who}: ".lstrip(), "bold"), shown or _("(no words)"))


def _broken(error: GuardrailBlocked) -> Content:
    violations = cast("tuple[ViolationView, ...]", error.params.get("violations", ()))
    return Content("\n").join([violation_line(violation) for violation in violations[:LINES]])

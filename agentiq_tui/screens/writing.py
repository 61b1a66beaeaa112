"""What the operator types: drafts that survive anything, the live check, and what a suggestion adds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from textual import on
from textual.timer import Timer

from agentiq_core.domain.drafts import DraftKey, DraftView, LeftDraft
from agentiq_core.domain.text import inert
from agentiq_core.domain.views import ChatRef
from agentiq_tui.asking import ask, start
from agentiq_tui.draft_saver import DraftSaver
from agentiq_tui.locale import _
from agentiq_tui.marks import Edit, Kind, moved
from agentiq_tui.messages import DraftSaved, TextChecked, WordsNotKept
from agentiq_tui.proofreading import marks_of, unknown
from agentiq_tui.screens.replying import ReplyingScreen
from agentiq_tui.widgets.composer import Composer
from agentiq_tui.widgets.offered_text import Offered, OfferedText
from agentiq_tui.widgets.offline_banner import OfflineBanner
from agentiq_tui.widgets.status_bar import StatusBar

DRAFT_DELAY = 0.4
"""Seconds after the last key until the draft is saved and the text checked."""
LONGEST_UNSAVED = 2.0
"""Seconds after which it is saved while somebody types on and on."""


class WritingScreen(ReplyingScreen):
    """The part of the desk around the reply field. What was typed is never replaced."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self._pause: Timer | None = None
        self._typing_since = 0.0
        self._left: LeftDraft | None = None
        self._came_from_elsewhere: ChatRef | None = None
        self.saver = DraftSaver(self.words, self, lambda: self.desk)

    def show_status(self, **facts: object) -> None:
        """Change facts of the status line."""
        bar = self.query_one(StatusBar)
        bar.show(self.clock(), **facts)
        unsaved, leaving = len(self.words.unsaved()), len(self._in_flight)
        self.query_one(OfflineBanner).show(bar.status, self.clock(), unsaved=unsaved, leaving=leaving)

    @property
    def offline(self) -> bool:
        """Whether the database is away."""
        return self.query_one(StatusBar).status.offline

    def show_waiting(self, line: str) -> None:
        """What was asked for outside every pane and dialog is waited for."""
        self.show_status(waiting=line)

    def show_draft(self, state: str) -> None:
        """Whether what is typed here is in the database: "", "saved", "unsaved", or "kept" on this machine until it is."""
        self.show_status(draft=state)
        if self.chat_pane.composer is not None:
            self.chat_pane.composer.show_draft(state)

    @on(Composer.CursorMoved)
    def _cursor_moved(self) -> None:
        self.chat_pane.explain()

    @on(Composer.Edited)
    def _edited(self) -> None:
        composer = self.chat_pane.composer
        if self.conversation is None or composer is None:
            return
        self.typed(self.conversation.ref, composer.text)
        self._came_from_elsewhere = None
        self._show_saved(composer.text)
        self.chat_pane.explain()
        self.show_offered()
        self.save_soon()

    def save_soon(self) -> None:
        """Something was typed: save it when the typing pauses, or has gone on for a while."""
        now = monotonic()
        if self._pause is None:
            self._typing_since = now
        else:
            self._pause.stop()
        if now - self._typing_since > LONGEST_UNSAVED:
            self._typing_since = now
            self.save_drafts()
        self._pause = self.set_timer(DRAFT_DELAY, self._typing_paused)

    def _typing_paused(self) -> None:
        self._pause = None
        self.save_drafts()
        chat, composer, desk = self.conversation, self.chat_pane.composer, self.desk
        if chat is None or composer is None or desk is None:
            return
        text = composer.text
        if not text.strip() or composer.over_limit:
            self.chat_pane.check(())
            return

        async def check() -> TextChecked:
            words = await asyncio.to_thread(unknown, text, chat)
            return TextChecked(chat.ref, text, await desk.check(chat.ref, text), tuple(words))

        ask(self, check, quiet=True)

    def on_text_checked(self, event: TextChecked) -> None:
        """Underline what was found, where it is by now; the word being typed is not finished, and not judged."""
        composer = self.chat_pane.composer
        if event.ref != self.current or composer is None:
            return
        marks = moved(
            marks_of(event.text, event.violations, event.words), Edit.between(event.text, composer.text)
        )
        at = composer.cursor_index
        self.chat_pane.check(tuple(mark for mark in marks if mark.kind is not Kind.WORD or mark.end != at))

    def on_unmount(self) -> None:
        self.saver.close()

    def save_drafts(self) -> None:
        start(self, self.saver.flush, group="drafts")

    def restore_words(self) -> None:
        """What a session that ended left on this machine goes to the database, whichever chat is opened."""

        async def restore() -> None:
            await self.saver.restore()

        ask(self, restore, quiet=True)

    def on_words_kept(self) -> None:
        if self.current is not None and DraftKey(self.current) in self.words.unsaved():
            self.show_draft("kept")

    def on_words_not_kept(self, event: WordsNotKept) -> None:
        line = _("What you type is not kept on this machine, only in memory: {why}")
        self.notify(line.format(why=event.why), severity="error", markup=False)

    def keep_now(self) -> None:
        """The app ends by an error: what is typed goes to the disk as it is."""
        chat, composer = self.conversation, self.chat_pane.composer
        if chat is not None and composer is not None and composer.text != self.words.text(DraftKey(chat.ref)):
            self.words.type(DraftKey(chat.ref), composer.text)
        self.saver.keep_now()

    async def leave(self) -> bool:
        """Save what is unsaved before the app goes; False when that failed."""
        return await self.saver.flush()

    def on_draft_saved(self, event: DraftSaved) -> None:
        if self.current is None or event.key != DraftKey(self.current):
            return
        self._show_saved(event.draft.text)
        self.show_offered()

    def _show_saved(self, text: str) -> None:
        """Whether the database has the open chat's reply, which is this."""
        if self.current is not None and DraftKey(self.current) in self.words.unsaved():
            self.show_draft("unsaved")
        else:
            self.show_draft("saved" if text else "")

    def heard(self, ref: ChatRef, draft: DraftView, left: LeftDraft | None, moves: int) -> None:
        """What the database holds of the open chat's reply: newer words of the operator's own go into a field that nobody has
        typed in since it was saved; whatever else there is, is offered."""
        self._left = left
        composer = self.chat_pane.composer
        if self.words.heard(DraftKey(ref), draft, moves) and composer is not None:
            composer.put(draft.text)
            self._show_saved(draft.text)
            # once, while it is gone on with there
            if draft.text and self._came_from_elsewhere != ref:
                self._came_from_elsewhere = ref
                self.notify(_("What you typed elsewhere is here now"), markup=False, timeout=4)
        self.show_offered()

    def _other_text(self) -> Offered | None:
        """The text that waits beside the open chat's reply, unless it is a part of that already."""
        if self.conversation is None or self.read_only:
            return None
        key, left = DraftKey(self.conversation.ref), self._left
        here = {one.operator_id for one in self.conversation.presence if one.until > self.clock()}
        found = [Offered(self.words.other(key))]
        # who is still there may go on typing
        if left is not None and left.operator_id not in here:
            found.append(Offered(left.text, left))
        typed = self.words.text(key)
        return next((one for one in found if one.text and one.text.strip() not in typed), None)

    def show_offered(self) -> None:
        """Say that such a text waits, or that it does no more."""
        self.query_one(OfferedText).show(self._other_text())

    def action_take_text(self) -> None:
        """What was typed here elsewhere, or left by a colleague, goes after what is typed, and never in its place."""
        composer, desk, chat, offered = (
            self.chat_pane.composer,
            self.desk,
            self.conversation,
            self._other_text(),
        )
        if composer is None or desk is None or chat is None or offered is None:
            self.hint(_("No other text waits here"))
            return
        ref, left = chat.ref, offered.left
        composer.write(inert(offered.text))
        self.typed(ref, composer.text)
        self.show_offered()
        self.focus_composer()
        if left is None:
            return

        async def take() -> None:
            # the colleague's goes when the database has it here
            if await self.saver.flush():
                await desk.drafts.take(ref, left)

        ask(self, take, quiet=True)

    def action_edit(self) -> None:
        """The suggestion goes into an empty field; from a field with text, on to the queue."""
        composer = self.chat_pane.composer
        if composer is None:
            return
        suggestion = self.suggestion_pane.suggestion
        if composer.has_focus and composer.text:
            self.show_pane("queue")
            return
        if not composer.text and suggestion is not None:
            composer.write(inert(suggestion.text))
        self.focus_composer()

    def action_insert(self) -> None:
        """The suggestion goes after what is typed, and never in its place."""
        composer, suggestion = self.chat_pane.composer, self.suggestion_pane.suggestion
        if composer is None or suggestion is None:
            self.hint(_("There is no suggestion"))
            return
        composer.write(inert(suggestion.text))
        self.focus_composer()

    def focus_composer(self) -> None:
        self.front_pane("chat")
        if self.chat_pane.composer is not None:
            self.chat_pane.composer.focus()

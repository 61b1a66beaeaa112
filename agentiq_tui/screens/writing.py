"""What the operator types: drafts that survive anything, the live check, and what a suggestion adds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from textual import on
from textual.timer import Timer

from agentiq_core.domain.text import inert
from agentiq_tui.asking import ask, start
from agentiq_tui.live import DraftSaver
from agentiq_tui.locale import _
from agentiq_tui.marks import Edit, Kind, moved
from agentiq_tui.messages import DraftSaved, TextChecked
from agentiq_tui.proofreading import marks_of, unknown
from agentiq_tui.screens.replying import ReplyingScreen
from agentiq_tui.widgets.composer import Composer
from agentiq_tui.widgets.offline_banner import OfflineBanner
from agentiq_tui.widgets.status_bar import StatusBar

DRAFT_DELAY = 0.4
"""Seconds after the last key until the draft is saved and the text checked."""


class WritingScreen(ReplyingScreen):
    """The part of the desk around the reply field. What was typed is never replaced."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self._pause: Timer | None = None
        self._saver = DraftSaver(self.drafts, self, lambda: self.desk)

    def show_status(self, **facts: object) -> None:
        """Change facts of the status line."""
        bar = self.query_one(StatusBar)
        bar.show(self.clock(), **facts)
        unsaved, leaving = len(self.drafts.unsaved()), len(self._in_flight)
        self.query_one(OfflineBanner).show(bar.status, self.clock(), unsaved=unsaved, leaving=leaving)

    @property
    def offline(self) -> bool:
        """Whether the database is away."""
        return self.query_one(StatusBar).status.offline

    def show_waiting(self, line: str) -> None:
        """What was asked for outside every pane and dialog is waited for."""
        self.show_status(waiting=line)

    def show_draft(self, state: str) -> None:
        """Whether what is typed here is in the database: "", "saved" or "unsaved"."""
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
        self.drafts.typed(self.conversation.ref, composer.text)
        self.show_draft("unsaved")
        self.chat_pane.explain()
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(DRAFT_DELAY, self._typing_paused)

    def _typing_paused(self) -> None:
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

    def save_drafts(self) -> None:
        start(self, self._saver.flush, group="drafts")

    async def leave(self) -> bool:
        """Save what is unsaved before the app goes; False when that failed."""
        return await self._saver.flush()

    def on_draft_saved(self, event: DraftSaved) -> None:
        if event.ref == self.current and not self.drafts.unsaved():
            self.show_draft("saved" if event.text else "")

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

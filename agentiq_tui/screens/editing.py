"""The reply written in an editor outside: the screen gives the terminal up and takes it back; its worker goes on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from textual.app import App, SuspendNotSupported

from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.views import ChatRef
from agentiq_tui.asking import start
from agentiq_tui.editor import Edited, EditorFailed, edit_text, editor_command
from agentiq_tui.locale import _
from agentiq_tui.screens.writing import WritingScreen


class EditingScreen(WritingScreen):
    """The part of the desk that opens $EDITOR."""

    def action_editor(self) -> None:
        """Write in the editor of this machine; what it saves comes back into the field, and Ctrl+Z undoes that."""
        composer, ref = self.chat_pane.composer, self.current
        if composer is None or ref is None or self.conversation is None or self.app.screen is not self:
            return
        if composer.read_only:
            self.hint(_("Your role may only read"))
            return
        try:
            command = editor_command()
        except EditorFailed as error:
            self.hint(str(error))
            return
        text = composer.text
        self.typed(ref, text)
        self.save_drafts()

        async def write() -> None:
            try:
                folder = await self.saver.lend(DraftKey(ref))
            except OSError as error:
                why = error.strerror or type(error).__name__
                self.hint(_("The editor did not start: {why}").format(why=why))
                return
            try:
                with given_up(self.app):
                    edited = await asyncio.to_thread(edit_text, text, command, folder)
            except SuspendNotSupported:
                self.hint(_("This terminal cannot be lent to an editor"))
            except EditorFailed as error:
                self.hint(str(error))
            else:
                self._came_back(ref, text, edited)
            await self.saver.give_back(folder)

        start(self, write, group="editor", exclusive=True)

    def _came_back(self, ref: ChatRef, before: str, edited: Edited) -> None:
        composer, now = self.chat_pane.composer, self.words.text(DraftKey(ref))
        text = edited.text
        if now != before:
            # newer words of another machine came meanwhile: behind them, if anything was written here
            text = now if text == before or text in now else f"{now}\n\n{text}".strip()
        if ref == self.current and composer is not None:
            if text != composer.text:
                composer.rewrite(text)
                self.typed(ref, text)
            self.focus_composer()
        elif text != now:
            self.put_text(ref, text)
        if edited.failure is not None:
            self.hint(edited.failure)


@contextmanager
def given_up(app: App[None]) -> Iterator[None]:
    """The terminal is somebody else's: nothing is drawn on it, whatever arrives."""
    with app.suspend(), app.batch_update():
        yield

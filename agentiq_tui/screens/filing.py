"""Files in both directions: what buyers sent is saved and opened, what operators attach leaves with the reply."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.files import AT_ONCE, FileState, OutgoingFile
from agentiq_core.domain.views import ChatRef
from agentiq_tui.asking import start
from agentiq_tui.files import FileKey, FileNote, FileNotes
from agentiq_tui.kept_files import KeptFiles
from agentiq_tui.locale import _, ngettext
from agentiq_tui.messages import FileFailed, FileFetched, Outgoing
from agentiq_tui.screens.writing import WritingScreen
from agentiq_tui.shown import short
from agentiq_tui.transcript import Entry
from agentiq_tui.unforeseen import explained
from agentiq_tui.wording import error_line

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

SHORTEST_WAIT = 1.0
"""Seconds before moderation is asked again, whatever it says."""


class FilingScreen(WritingScreen):
    """The part of the desk that reads and writes this machine's files, always in a worker and a thread."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.file_notes = FileNotes()
        self._kept: KeptFiles | None = None
        self._looked: set[ChatRef] = set()
        self._writing = asyncio.Lock()

    def on_mount(self) -> None:
        self.chat_pane.note_of = self.file_notes.of
        self.chat_pane.waiting = self.unsent.files

    def on_unmount(self) -> None:
        if self._kept is not None:
            self._kept.close()

    def keep_files(self, root: Path) -> None:
        """From now on waiting files are kept here; those of another operator stay where they were."""
        if self._kept is None or self._kept.root != root:
            if self._kept is not None:
                self._kept.close()
            self._kept, self._looked = KeptFiles(root), set()

    def files_would_be_lost(self) -> bool:
        """Whether a file waits that the disk did not take."""
        kept = self._kept
        return any(kept is None or not kept.has(*file) for file in self.unsent.waiting_files())

    async def restore_files(self, ref: ChatRef) -> None:
        """Once for each chat: what a session that crashed left waiting here, but what was sent after all."""
        kept, desk = self._kept, self.desk
        if kept is None or desk is None or ref in self._looked:
            return
        self._looked.add(ref)
        for found in await asyncio.to_thread(kept.claim, ref):
            sent: frozenset[int] = frozenset()
            if found.client_id is not None:
                try:
                    sent = await desk.queued_files(ref, found.client_id, found.leaving)
                except BaseException:
                    # nobody knows yet: they are asked for again
                    self._looked.discard(ref)
                    raise
            files = await asyncio.to_thread(kept.load, found, sent)
            room = AT_ONCE - len(self.unsent.files(ref))
            await self._keep(kept, ref, self.unsent.attach(ref, files[:room]))
            await asyncio.to_thread(kept.forget, found)

    async def _keep(self, kept: KeptFiles, ref: ChatRef, files: dict[int, OutgoingFile]) -> None:
        async with self._writing:
            for number, file in files.items():
                # one that was taken out meanwhile must not come back
                if number in self.unsent.files(ref):
                    await asyncio.to_thread(kept.put, ref, number, file)

    def attach_files(self, ref: ChatRef, files: Sequence[OutgoingFile]) -> None:
        kept, attached = self._kept, self.unsent.attach(ref, files)
        if kept is not None and attached:
            start(self, partial(self._keep, kept, ref, attached), group="keep")
        self.chat_pane.show_waiting()

    def drop_files(self, ref: ChatRef, numbers: Sequence[int]) -> None:
        kept = self._kept
        if kept is None:
            return

        async def drop() -> None:
            async with self._writing:
                await asyncio.to_thread(kept.drop, ref, numbers)

        start(self, drop, group="keep")

    async def files_leave(self, outgoing: Outgoing) -> None:
        if self._kept is not None and outgoing.files:
            async with self._writing:
                numbers = [number for number, _file in outgoing.files]
                await asyncio.to_thread(self._kept.leaving, outgoing.ref, outgoing.client_id, numbers)

    def action_open_files(self) -> None:
        """The files of the lowest message in sight that has some, else of the newest one."""
        chat = self.conversation
        if chat is None:
            return
        entry = self.chat_pane.transcript.last_in_sight(_has_files)
        found = (entry.message_id, entry.attachments) if entry else None
        if found is None:
            with_files = [one for one in self.chat_pane.all_messages if one.attachments]
            found = (with_files[-1].external_id, with_files[-1].attachments) if with_files else None
        if found is None or found[0] is None:
            self.hint(_("No message here has a file"))
            return
        for number in range(1, len(found[1]) + 1):
            self._open(FileKey(chat.ref, found[0], number))

    def action_open_file(self, message_id: str, number: int) -> None:
        """One file of a message: what a click on it does."""
        if self.conversation is not None:
            self._open(FileKey(self.conversation.ref, message_id, number))

    def _open(self, file: FileKey, *, again: bool = False) -> None:
        desk = self.desk
        if desk is None or self.file_notes.busy(file):
            return
        before = self.file_notes.begin(file)

        async def fetch() -> None:
            try:
                self.post_message(await _saved(file, before) or await _fetched(desk, file, again=again))
            except Exception as error:  # noqa: BLE001 - whatever it was, the screen stays and says so
                self.post_message(FileFailed(file, explained(error)))

        start(self, fetch, group="files")
        self._redraw(file.ref)

    def _open_again(self, file: FileKey) -> None:
        note = self.file_notes.of(*file)
        # unless somebody was quicker
        if note is not None and note.state is FileState.IN_MODERATION:
            self._open(file, again=True)

    def on_file_fetched(self, event: FileFetched) -> None:
        file, wait = event.file, max(event.retry_after, SHORTEST_WAIT)
        note = FileNote(event.state, event.path, event.viewable)
        if event.state is FileState.REFUSED:
            self.hint(_("The marketplace's moderation refused this file: it cannot be had"))
        elif event.state is FileState.IN_MODERATION:
            note = FileNote(event.state, again_at=self.clock() + timedelta(seconds=wait))
            seconds = math.ceil(wait)
            if event.again:
                self.hint(_("Still in moderation: o tries again, in {n} s at the earliest").format(n=seconds))
            else:
                line = _("In moderation: it is tried again by itself in {n} s")
                self.notify(line.format(n=seconds), markup=False, timeout=4)
                self.set_timer(wait, partial(self._open_again, file))
        elif event.path is not None:
            line = _("Opened: {path}") if event.opened else _("Saved: {path}")
            self.notify(line.format(path=short(event.path)), markup=False, timeout=6)
        self.file_notes.put(file, note)
        self._redraw(file.ref)

    def on_file_failed(self, event: FileFailed) -> None:
        self.file_notes.put(event.file, None)
        self.notify(_failure(event.error), severity="error", markup=False)
        self._redraw(event.file.ref)

    def _redraw(self, ref: ChatRef) -> None:
        if ref == self.current:
            self.call_later(self.chat_pane.redraw)

    def action_attach(self) -> None:
        """Ask for files that leave with the reply."""
        # its form is imported when first asked for: the first frame does not need it
        from agentiq_tui.screens.attach import AttachScreen

        chat, desk = self.conversation, self.desk
        if chat is None or desk is None or self.app.screen is not self:
            return
        if self.read_only:
            self.hint(_("Your role may only read"))
            return
        rules = desk.abilities(chat.marketplace, chat.channel).files
        room = AT_ONCE - len(self.unsent.files(chat.ref))
        if not rules.content_types:
            self.hint(_("This marketplace takes no files"))
            return
        if room <= 0:
            self.hint(_("{n} files wait already: send them first").format(n=AT_ONCE))
            return

        def chosen(files: tuple[OutgoingFile, ...] | None) -> None:
            if files:
                self.attach_files(chat.ref, files)
            if chat.ref == self.current:
                self.focus_composer()

        self.app.push_screen(AttachScreen(rules, room), chosen)

    def action_remove_file(self, number: int | None = None) -> None:
        """An attached file does not leave after all."""
        ref = self.current
        gone = None if ref is None else self.unsent.detach(ref, number)
        if ref is None or gone is None:
            self.hint(_("No file is attached here"))
        else:
            self.drop_files(ref, [gone])
        self.chat_pane.show_waiting()


async def _saved(file: FileKey, note: FileNote | None) -> FileFetched | None:
    """A file that was saved before and is still there: only opened anew."""
    from agentiq_tui.saving import show

    if note is None or note.path is None or not await asyncio.to_thread(note.path.exists):
        return None
    opened = note.viewable and await asyncio.to_thread(show, note.path)
    return FileFetched(file, FileState.READY, note.path, note.viewable, opened)


async def _fetched(desk: Desk, file: FileKey, *, again: bool) -> FileFetched:
    # what writes and opens files is imported when somebody opens one: the first frame does not need it
    from agentiq_tui.saving import download_folder, save, show

    received = await desk.file(*file)
    if received.state is not FileState.READY:
        wait = received.retry_after or 0.0
        return FileFetched(file, received.state, retry_after=wait, again=again)
    path = await asyncio.to_thread(lambda: save(download_folder(), received))
    opened = received.viewable and await asyncio.to_thread(show, path)
    return FileFetched(file, received.state, path, received.viewable, opened)


def _has_files(entry: Entry) -> bool:
    return entry.message_id is not None and bool(entry.attachments)


def _failure(error: AgentIQError) -> str:
    """One line; where the general words would not tell an operator what to do, words of its own."""
    if error.params.get("reason") == "no team key":
        return _("This machine has no team key (agentiq team-key set): it cannot fetch buyers' files")
    delay = error.params.get("retry_after")
    if error.code == "rate_limited" and isinstance(delay, float | int):
        seconds = math.ceil(delay)
        line = ngettext(
            "The marketplace asks to wait: try again in {n} second",
            "The marketplace asks to wait: try again in {n} seconds",
            seconds,
        )
        return line.format(n=seconds)
    return error_line(error)

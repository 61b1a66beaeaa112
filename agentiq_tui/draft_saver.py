"""Writes what the operator types to the database, in the order it was typed, and to this machine's disk until it is there."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message_pump import MessagePump

from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.errors import SignInNeeded, StoreUnavailable
from agentiq_core.domain.unforeseen import kind_and_place
from agentiq_tui.asking import within_patience
from agentiq_tui.kept_words import KeptWords
from agentiq_tui.messages import DraftSaved, Failed, WordsKept, WordsNotKept
from agentiq_tui.unforeseen import explained
from agentiq_tui.words import Words

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

log = logging.getLogger(__name__)


class DraftSaver:
    """One field after another, and each until the newest text is there. The disk is never waited for by the database."""

    def __init__(self, words: Words, listener: MessagePump, desk: Callable[[], Desk | None]) -> None:
        self._words = words
        self._listener = listener
        self._desk = desk
        self._turn = asyncio.Lock()
        self._kept: KeptWords | None = None
        self._on_disk: dict[DraftKey, str] = {}
        self._writing = asyncio.Lock()
        self._given_back: list[Path] = []
        self._refused = ""
        self._restored = False
        self._restoring = asyncio.Lock()

    def keep_at(self, root: Path) -> None:
        """From now on what is unsaved is kept here; another operator's stays where it was."""
        if self._kept is None or self._kept.root != root:
            self.close()
            self._kept, self._restored = KeptWords(root), False

    def close(self) -> None:
        """The session ends."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        self._on_disk.clear()

    @property
    def outlives(self) -> bool:
        """Whether nothing would be lost if this process ended now."""
        return all(self._on_disk.get(key) == self._words.text(key) for key in self._words.unsaved())

    async def flush(self) -> bool:
        """Save everything that is unsaved; False when the database did not take it."""
        kept, saved = await asyncio.gather(self._keep(), self._save_all())
        if not saved and self.outlives:
            self._listener.post_message(WordsKept())
        if kept:
            await self._keep()
        # before the app may go, too: a text that was sent must not come back
        while self._given_back and self._kept is not None and (saved or self.outlives):
            folder = self._given_back[0]
            await asyncio.to_thread(self._kept.give_back, folder)
            self._given_back = [one for one in self._given_back if one != folder]
        return saved

    async def restore(self) -> None:
        """Once: what sessions that ended left unsaved goes to the database, which puts it together with what is there. Raises
        what a question to the desk raises; then it may be asked for again."""
        async with self._restoring:
            kept, desk = self._kept, self._desk()
            if kept is None or desk is None or self._restored:
                return
            for words in await asyncio.to_thread(kept.claim):
                try:
                    await desk.drafts.save(words.key, words.text, words.known)
                except (StoreUnavailable, SignInNeeded):
                    raise
                except Exception as error:  # noqa: BLE001 - its conversation takes it no more; others do
                    log.error("words that were kept could not be saved: %s", kind_and_place(error))
                else:
                    await asyncio.to_thread(kept.forget, words)
            self._restored = True

    async def lend(self, key: DraftKey) -> Path:
        """A folder of this session in which an editor may go on with the field's text. Raises `OSError`."""
        if self._kept is None:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        return await asyncio.to_thread(self._kept.lend, key, self._words.text(key))

    async def give_back(self, folder: Path) -> None:
        """The editor is done; its file goes when what it left is kept in another place."""
        self._given_back.append(folder)
        await self.flush()

    def keep_now(self) -> None:
        """The program ends by an error: write what is unsaved at once, whatever waits for it."""
        if self._kept is not None:
            for key in self._words.unsaved():
                with suppress(OSError):
                    self._kept.put(key, self._words.text(key), self._words.known(key))

    async def _save_all(self) -> bool:
        desk = self._desk()
        if desk is None:
            return not self._words.unsaved()
        refused: set[DraftKey] = set()
        async with self._turn:
            while waiting := [key for key in self._words.unsaved() if key not in refused]:
                for key in waiting:
                    try:
                        await self._save(desk, key)
                    except Exception as error:  # noqa: BLE001 - the text stays unsaved, and says so
                        self._listener.post_message(Failed(explained(error), quiet=True))
                        if isinstance(error, StoreUnavailable | SignInNeeded):
                            return False
                        # this conversation takes it no more; others do
                        refused.add(key)
        return not refused

    async def _save(self, desk: Desk, key: DraftKey) -> None:
        known, text = self._words.known(key), self._words.saving(key)
        draft = await within_patience(self._listener, desk.drafts.save(key, text, known))
        self._words.saved(key, draft)
        self._listener.post_message(DraftSaved(key, draft))

    async def _keep(self) -> bool:
        """Make the disk hold what the database may not, and nothing else; whether it holds, or held, anything."""
        async with self._writing:
            kept, unsaved = self._kept, self._words.unsaved()
            if kept is None or not (unsaved or self._on_disk):
                return False
            for key in [one for one in self._on_disk if one not in unsaved]:
                await asyncio.to_thread(kept.drop, key)
                self._on_disk.pop(key, None)
            for key in unsaved:
                text = self._words.text(key)
                if self._on_disk.get(key) != text:
                    try:
                        await asyncio.to_thread(kept.put, key, text, self._words.known(key))
                    except OSError as error:
                        self._say_refused(error.strerror or type(error).__name__)
                        return True
                    self._on_disk[key] = text
            self._refused = ""
            return True

    def _say_refused(self, why: str) -> None:
        if why != self._refused:
            self._refused = why
            self._listener.post_message(WordsNotKept(why))

"""Writes what the operator types to the database, in the order it was typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message_pump import MessagePump

from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.errors import SignInNeeded, StoreUnavailable
from agentiq_tui.asking import within_patience
from agentiq_tui.messages import DraftSaved, Failed
from agentiq_tui.unforeseen import explained
from agentiq_tui.words import Words

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk


class DraftSaver:
    """One field after another, and each until the newest text is there."""

    def __init__(self, words: Words, listener: MessagePump, desk: Callable[[], Desk | None]) -> None:
        self._words = words
        self._listener = listener
        self._desk = desk
        self._turn = asyncio.Lock()

    async def flush(self) -> bool:
        """Save everything that is unsaved; False when the database did not take it."""
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

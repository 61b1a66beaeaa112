"""A background loop of the screen: what changed in the database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.message_pump import MessagePump

from agentiq_core.domain.views import ChatRef
from agentiq_tui.messages import Changed, Failed, PresenceChanged
from agentiq_tui.unforeseen import explained

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

BURST = 0.1
"""Seconds in which changes are gathered into one message, after one that was told at once."""
PATIENCE = 2.0
"""Seconds between tries when the database cannot be reached."""


class Bursts:
    """Tells a change that comes alone at once, and gathers those that follow it: one `Changed` a burst."""

    def __init__(self, listener: MessagePump) -> None:
        self._listener = listener
        self._refs: set[ChatRef | None] = set()
        self._next = 0.0

    def add(self, ref: ChatRef | None) -> None:
        """A chat changed; None when more changed than can be told."""
        if not self._refs:
            loop = asyncio.get_running_loop()
            at = max(loop.time(), self._next)
            self._next = at + BURST
            loop.call_at(at, self._flush)
        self._refs.add(ref)

    def _flush(self) -> None:
        refs, self._refs = self._refs, set()
        known = frozenset(ref for ref in refs if ref is not None)
        self._listener.post_message(Changed(None if None in refs else known))


async def listen(listener: MessagePump, desk: Desk) -> None:
    """Follow the desk's changes until the screen goes; a lost database is said once and tried again."""
    bursts = Bursts(listener)
    while True:
        try:
            async for change in desk.changes():
                if change.presence_of is None:
                    bursts.add(change.ref)
                elif change.ref is not None:
                    listener.post_message(PresenceChanged(change.ref))
        except Exception as error:  # noqa: BLE001 - the screen goes on and the next try may do better
            listener.post_message(Failed(explained(error), quiet=True))
        await asyncio.sleep(PATIENCE)
        bursts.add(None)

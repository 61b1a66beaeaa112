"""Presence: this operator looks here, types there; and which colleagues do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.team import Onlooker
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.store import presence as stored

log = logging.getLogger(__name__)

WRITE_EVERY = 5.0
"""Seconds between two writes at least, however fast somebody moves or types."""
RENEW_LOOKING = stored.LOOKING_SECONDS / 2
RENEW_DESK = stored.AT_DESK_SECONDS / 2
RENEW_TYPING = WRITE_EVERY


class Presence:
    """What this operator does, told to colleagues, and what they do (`desk.presence`).

    A screen calls `look` whenever another conversation comes on screen, and again at least every fifteen seconds while it
    stays; `typing` at any key press. Both return at once: the first news is written now, what follows within five seconds
    is one write behind them. Nothing is told for a viewer. `Change.presence_of` says when to ask `others` again.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._sleep = sleep
        self._ref: ChatRef | None = None
        self._typed_at = float("-inf")
        self._written: tuple[ChatRef | None, bool] | None = None
        self._written_at = float("-inf")
        self._writing: asyncio.Task[None] | None = None
        self.untold = False
        """Colleagues do not know what this operator does: the last news could not be written."""

    def look(self, ref: ChatRef | None) -> None:
        """This conversation is on screen; None: the desk is, and no conversation."""
        if ref != self._ref:
            self._typed_at = float("-inf")
        self._ref = ref
        self._tell()

    def typing(self, ref: ChatRef) -> None:
        """A key was pressed in this conversation's reply."""
        self._ref = ref
        self._typed_at = self._clock()
        self._tell()

    async def others(self, ref: ChatRef) -> tuple[Onlooker, ...]:
        """The colleagues who have this conversation on screen now; this operator is left out."""
        async with self._engine.store.transaction() as session:
            return await stored.others(session, ref)

    async def here(self) -> frozenset[int]:
        """Everybody who is at a desk now."""
        async with self._engine.store.transaction() as session:
            return await stored.here(session)

    async def settled(self) -> None:
        """Return when colleagues know what this operator did last."""
        while self._writing is not None:
            await self._writing

    async def leave(self) -> None:
        """This operator goes: nothing more is told, and colleagues see it at once."""
        await self._end()
        if self._written is not None:
            self._written = None
            async with self._engine.store.transaction() as session:
                await stored.show(session, None, types=False)
                await stored.gone(session)

    def _tell(self) -> None:
        who = self._engine.access.who
        if who is None or not who.may_write or not self._due() or self._writing is not None:
            return
        self._writing = asyncio.ensure_future(self._write())

    def _due(self) -> bool:
        """Whether colleagues know something else, or will soon have forgotten it."""
        if self._written != (self._ref, self._types()):
            return True
        renew = RENEW_DESK if self._ref is None else RENEW_TYPING if self._types() else RENEW_LOOKING
        return self._clock() - self._written_at >= renew

    def _types(self) -> bool:
        return self._clock() - self._typed_at < stored.TYPING_SECONDS

    async def _write(self) -> None:
        try:
            while self._due():
                wait = self._written_at + WRITE_EVERY - self._clock()
                if wait > 0:
                    await self._sleep(wait)
                    continue
                told = (self._ref, self._types())
                self._written_at = self._clock()
                async with self._engine.store.transaction() as session:
                    await stored.show(session, told[0], types=told[1])
                self._written = told
                self.untold = False
        except AgentIQError as error:
            # the next look tells it again
            self.untold = True
            log.warning("presence was not told: %s", error)
        finally:
            self._writing = None

    async def _end(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)

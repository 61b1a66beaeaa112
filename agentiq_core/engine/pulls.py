"""Whose feed is read next in this worker: whatever is due, longest overdue first, so many at the same moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from agentiq_core.domain.errors import AgentIQError, SignInNeeded
from agentiq_core.domain.unforeseen import kind_and_place
from agentiq_core.domain.views import FeedRef
from agentiq_core.engine.context import Engine
from agentiq_core.engine.pull import PullReport, pull, pull_claimed
from agentiq_core.store import sync
from agentiq_core.store.sync import ClaimedSync

log = logging.getLogger(__name__)

HANDS = 48
"""Feeds read at once. A pull mostly waits for its marketplace: half a second of that for 33 pulls a second takes 17 hands."""
TURN = 16
"""Pages of one seller before it stands behind the others that are due: at a page a second, a quarter of a minute."""
TRANSACTIONS = 4
"""How many of them speak to the database at once, so that a first walk through many histories leaves connections to replies."""
IDLE_SECONDS, BUSY_SECONDS = 3.0, 0.25
"""Until the next look at who is due: after a look that found nobody, and after one that did."""

_HAND_BACK_SECONDS = 0.4

Done = Callable[[PullReport], Awaitable[None]]


class Pulls:
    """The pulls of one worker. The claim on the business row is the dispatch: no job is made for what is merely due.

    Sellers are claimed only for hands that are free, so another worker finds what this one cannot begin. `done` hears
    of each pull's report.
    """

    def __init__(self, engine: Engine, done: Done) -> None:
        self._engine = replace(engine, store=engine.store.lane(TRANSACTIONS))
        self._done = done
        self._busy: dict[FeedRef, asyncio.Task[None]] = {}
        self._pulling: set[FeedRef] = set()
        self._freed = asyncio.Event()

    async def run(self) -> None:
        """Pull whoever is due until cancelled; a look that fails for a passing reason is said and skipped.

        Raises `SignInNeeded`.
        """
        while True:
            found = 0
            try:
                found = await self.begin_due()
            except SignInNeeded:
                raise
            except AgentIQError as error:
                log.warning("nobody was looked for who is due: %s", error)
            await asyncio.sleep(BUSY_SECONDS if found else IDLE_SECONDS)
            while len(self._busy) >= HANDS:
                self._freed.clear()
                await self._freed.wait()

    async def begin_due(self) -> int:
        """Claim who is due for the hands that are free and begin; how many that were. Raises as `Store.transaction`."""
        async with self._engine.store.transaction() as session:
            claims = await sync.claim_due(
                session,
                self._engine.worker,
                self._engine.settings.lease_seconds,
                limit=HANDS - len(self._busy),
                busy=sorted(self._pulling),
            )
        for claimed in claims:
            self._begin(claimed)
        return len(claims)

    async def now(self, feed: FeedRef) -> None:
        """Pull this feed at once, unless this worker or another one is at it. Raises as `pull`."""
        if feed in self._pulling:
            # the lease tells workers apart, not the tasks of one
            return
        self._pulling.add(feed)
        try:
            report = await pull(self._engine, feed.seller_id, channel=feed.channel, turn=TURN)
        finally:
            self._pulling.discard(feed)
        if report is not None:
            await self._done(report)

    async def stop(self, seconds: float) -> None:
        """Let the pulls under way end for so long, then end them: what they stored stays."""
        running = list(self._busy.values())
        if running:
            _done, late = await asyncio.wait(running, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def hand_back(self) -> None:
        """Let other workers have at once what this one still holds; where that fails, when the lease ends."""
        with suppress(AgentIQError, TimeoutError):
            async with asyncio.timeout(_HAND_BACK_SECONDS), self._engine.store.transaction() as session:
                await sync.hand_back(session, self._engine.worker)

    def _begin(self, claimed: ClaimedSync) -> None:
        feed = claimed.feed
        if feed in self._pulling:
            # asked for by name while the claim was on its way: it is this worker's claim in any case
            return
        self._pulling.add(feed)
        task = asyncio.create_task(self._one(claimed), name=f"pull {feed.channel} {feed.seller_id}")
        self._busy[feed] = task
        task.add_done_callback(lambda _: self._end(feed))

    def _end(self, feed: FeedRef) -> None:
        self._busy.pop(feed, None)
        self._pulling.discard(feed)
        self._freed.set()

    async def _one(self, claimed: ClaimedSync) -> None:
        """One pull to its end; whatever stops it stops this seller's alone, until its next turn."""
        try:
            report = await pull_claimed(self._engine, claimed, turn=TURN)
            if report is not None:
                await self._done(report)
        except AgentIQError as error:
            # a lost database or sign-in is said by the loops of the worker; the claim is taken up again
            log.info("pulling seller %s was cut off: %s", claimed.seller_id, error)
        except Exception as error:  # noqa: BLE001 - whatever it was, the other sellers are pulled
            log.error("pulling seller %s broke: %s", claimed.seller_id, kind_and_place(error))

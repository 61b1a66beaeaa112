"""Leases that a living worker keeps: what it claimed is taken over soon after it died, and never before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.unforeseen import kind_and_place
from agentiq_core.engine.context import Engine

log = logging.getLogger(__name__)

RENEWALS = 3
"""Renewals a lease: two may be lost before anybody takes the worker for dead."""


class LostLease(AgentIQError):
    """This worker was silent for too long, and another one has its work: whatever it still wants to do is undone."""

    code = "lost_lease"


@asynccontextmanager
async def kept(engine: Engine, renew: Callable[[AsyncSession], Awaitable[object]]) -> AsyncIterator[None]:
    """Call `renew` in a transaction of its own, again and again, for as long as the work inside takes."""

    async def heartbeat() -> None:
        while True:
            await asyncio.sleep(engine.settings.lease_seconds / RENEWALS)
            # a renewal that fails is the lease's business: it ends, and its fence keeps this worker from writing
            with suppress(AgentIQError):
                async with engine.store.transaction() as session:
                    await renew(session)

    beating = asyncio.create_task(heartbeat())
    try:
        yield
    finally:
        beating.cancel()
        [ended] = await asyncio.gather(beating, return_exceptions=True)
        if isinstance(ended, Exception):
            log.error("a lease was not kept: %s", kind_and_place(ended))

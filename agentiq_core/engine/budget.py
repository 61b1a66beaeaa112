"""A seller's share of a marketplace's rate limits, kept in Postgres so that all workers share it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from agentiq_core.connectors.base import Gate, RateLimit
from agentiq_core.connectors.errors import BudgetSpent
from agentiq_core.store import sync
from agentiq_core.store.database import Store

HELD_BACK = 0.2
"""Two requests in ten wait for sending (docs/delivery.md, pulling)."""

LEFT_EMPTY = 1
"""Requests of a burst that nobody takes: they arrive less evenly than they were granted, and the marketplace counts arrivals."""

PATIENCE = 5.0
"""Seconds to wait for a place before giving the work back."""


def gate(
    store: Store,
    seller_id: int,
    limits: Mapping[str, RateLimit],
    *,
    sending: bool,
    patience: float = PATIENCE,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Gate:
    """A gate that takes one request from the bucket of the method, waiting up to `patience` seconds.

    Raises `BudgetSpent` with the wait when it would be longer: the work is rescheduled instead of blocking a worker.
    """

    async def take(method: str) -> None:
        limit = limits.get(method)
        if limit is None:
            return
        reserve = LEFT_EMPTY + (0 if sending else int(limit.burst * HELD_BACK))
        waited = 0.0
        while True:
            async with store.transaction() as session:
                wait = await sync.spend(
                    session, seller_id, method, interval=limit.interval, burst=limit.burst, reserve=reserve
                )
            if wait <= 0:
                return
            if waited + wait > patience:
                raise BudgetSpent(f"the budget of {method} is spent", retry_after=wait)
            await sleep(wait)
            waited += wait

    return take

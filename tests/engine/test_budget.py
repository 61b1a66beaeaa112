"""A seller's budget of requests: one for all workers, with a share held back for sending."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from agentiq_core.connectors.base import Gate, RateLimit
from agentiq_core.connectors.errors import RateLimited
from agentiq_core.engine.budget import gate
from agentiq_core.engine.context import Engine
from agentiq_core.sandbox import Sandbox
from agentiq_core.store.database import Store
from tests.scene import connect
from tests.signed import signed_store

USUAL = {"events": RateLimit(interval=100.0, burst=10), "chats": RateLimit(interval=100.0, burst=10)}
HOURLY = {"events": RateLimit(interval=3600.0, burst=1)}


@pytest.fixture
async def stores(dsn: str, owner_token: str, store: Store) -> AsyncIterator[tuple[Store, Store]]:
    """Two workers' stores on one database."""
    other = signed_store(dsn, owner_token)
    yield store, other
    await other.aclose()


async def granted(*gates: Gate, tries: int = 20, method: str = "events") -> int:
    """How many of `tries` requests, taken in turn through these gates, find a place at once."""
    found = 0
    for number in range(tries):
        try:
            await gates[number % len(gates)](method)
        except RateLimited:
            continue
        found += 1
    return found


async def time_passes(store: Store, seconds: float) -> None:
    async with store.transaction() as session:
        await session.execute(
            text("update budgets set tat = tat - make_interval(secs => :seconds)"), {"seconds": seconds}
        )


async def test_two_workers_share_one_burst_and_leave_one_place_of_it_empty(
    stores: tuple[Store, Store], seller_id: int
) -> None:
    gates = [gate(store, seller_id, USUAL, sending=True) for store in stores]
    assert await granted(*gates) == 9


async def test_workers_that_ask_at_the_same_moment_get_no_more(
    stores: tuple[Store, Store], seller_id: int
) -> None:
    gates = [gate(store, seller_id, USUAL, sending=True) for store in stores]
    answers = await asyncio.gather(
        *(gates[number % 2]("events") for number in range(24)), return_exceptions=True
    )
    assert sum(answer is None for answer in answers) == 9
    assert all(answer is None or isinstance(answer, RateLimited) for answer in answers)


async def test_two_requests_in_ten_are_held_back_for_sending(store: Store, seller_id: int) -> None:
    pulling = gate(store, seller_id, USUAL, sending=False)
    sending = gate(store, seller_id, USUAL, sending=True)
    assert await granted(pulling) == 7
    assert await granted(sending) == 2
    assert await granted(pulling, sending) == 0


async def test_a_place_comes_back_each_interval_and_never_more_than_the_burst(
    store: Store, seller_id: int
) -> None:
    sending = gate(store, seller_id, USUAL, sending=True)
    assert await granted(sending) == 9
    for seconds, places in ((50, 0), (50, 1), (300, 3), (1_000_000, 9)):
        await time_passes(store, seconds)
        assert await granted(sending) == places


async def test_a_pull_waits_until_the_held_back_share_is_whole_again(store: Store, seller_id: int) -> None:
    pulling = gate(store, seller_id, USUAL, sending=False)
    assert await granted(gate(store, seller_id, USUAL, sending=True)) == 9
    await time_passes(store, 200)
    assert await granted(pulling) == 0
    await time_passes(store, 100)
    assert await granted(pulling) == 1


async def test_the_refusal_says_when_to_come_back(store: Store, seller_id: int) -> None:
    hourly = gate(store, seller_id, HOURLY, sending=False)
    await hourly("events")
    with pytest.raises(RateLimited) as refused:
        await hourly("events")
    assert refused.value.retry_after == pytest.approx(3600, abs=5)
    await time_passes(store, 3600)
    await hourly("events")


async def test_a_short_wait_is_waited_out(store: Store, seller_id: int) -> None:
    waits: list[float] = []

    async def passing(seconds: float) -> None:
        waits.append(seconds)
        await time_passes(store, seconds)

    limits = {"events": RateLimit(interval=2.0, burst=1)}
    patient = gate(store, seller_id, limits, sending=True, sleep=passing)
    await patient("events")
    await patient("events")
    assert sum(waits) == pytest.approx(2.0, abs=0.2)


async def test_methods_and_sellers_have_buckets_of_their_own(
    store: Store, engine: Engine, sandbox: Sandbox, seller_id: int
) -> None:
    other_id = await connect(engine, sandbox, sandbox.wildberries.add_seller("Другой"))
    ours = gate(store, seller_id, USUAL, sending=True)
    assert await granted(ours) == 9
    assert await granted(ours, method="chats") == 9
    assert await granted(gate(store, other_id, USUAL, sending=True)) == 9
    assert await granted(ours, method="a method without a limit") == 20

"""Whose reply leaves next: one seller's hundred replies never hold up another's one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.turns import PER_SELLER, Turns


class Deliveries:
    """Deliveries that end one at a time, oldest first, when the test says so."""

    def __init__(self) -> None:
        self.begun: list[ChatRef] = []
        self._under_way: list[asyncio.Event] = []

    async def __call__(self, ref: ChatRef) -> None:
        self.begun.append(ref)
        end = asyncio.Event()
        self._under_way.append(end)
        await end.wait()

    async def all_end(self) -> None:
        """Let everything end, and what begins because of that."""
        while self._under_way:
            self._under_way.pop(0).set()
            await settled()


async def settled() -> None:
    """Let every task run until it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


async def lined_up(turns: Turns, refs: Sequence[ChatRef]) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(turns.take(ref)) for ref in refs]
    await settled()
    return tasks


async def test_a_hundred_replies_of_one_seller_leave_hands_for_anothers_one() -> None:
    deliveries = Deliveries()
    turns = Turns(deliveries, hands=6)
    many = [ChatRef(1, chat) for chat in range(100)]
    tasks = await lined_up(turns, many)
    assert deliveries.begun == many[:PER_SELLER]
    tasks += await lined_up(turns, [ChatRef(2, 1)])
    assert deliveries.begun == [*many[:PER_SELLER], ChatRef(2, 1)]
    await deliveries.all_end()
    assert sorted(deliveries.begun) == sorted([*many, ChatRef(2, 1)])
    await asyncio.gather(*tasks)


async def test_sellers_take_turns_when_all_hands_are_busy() -> None:
    deliveries = Deliveries()
    turns = Turns(deliveries, hands=1)
    refs = [ChatRef(seller, chat) for seller in (1, 2, 3) for chat in (1, 2)]
    tasks = await lined_up(turns, refs)
    assert deliveries.begun == [ChatRef(1, 1)]
    await deliveries.all_end()
    assert [ref.seller_id for ref in deliveries.begun] == [1, 1, 2, 3, 2, 3]
    await asyncio.gather(*tasks)


async def test_a_conversation_lined_up_twice_is_served_once() -> None:
    deliveries = Deliveries()
    turns = Turns(deliveries, hands=1)
    tasks = await lined_up(turns, [ChatRef(1, 1), ChatRef(1, 2), ChatRef(1, 2)])
    await deliveries.all_end()
    assert deliveries.begun == [ChatRef(1, 1), ChatRef(1, 2)]
    await asyncio.gather(*tasks)


async def test_a_failure_is_raised_and_who_waited_is_served_by_the_next_that_comes() -> None:
    begun: list[int] = []

    async def fails_once(ref: ChatRef) -> None:
        begun.append(ref.chat_id)
        await asyncio.sleep(0)
        if ref.chat_id == 1:
            raise ConnectionError("the database is gone")

    turns = Turns(fails_once, hands=1)
    failing, waiting = await lined_up(turns, [ChatRef(1, 1), ChatRef(1, 2)])
    with pytest.raises(ConnectionError):
        await failing
    await waiting
    await turns.take(ChatRef(1, 3))
    assert begun == [1, 2, 3]

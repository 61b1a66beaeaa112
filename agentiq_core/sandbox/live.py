"""Buyers while the sandbox runs: new ones come, and those who wrote react to the seller's replies."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from agentiq_core.sandbox.buyers import Utterance, draw_buyer
from agentiq_core.sandbox.wildberries.market import WildberriesMarket
from agentiq_core.sandbox.wildberries.records import Chat, Message
from agentiq_core.sandbox.wildberries.seller import SandboxSeller

ARRIVAL: Final = (8.0, 15.0)
REACTION: Final = (3.0, 12.0)
_BETWEEN: Final = (1.0, 4.0)
_STEP: Final = 0.25


@dataclass(order=True)
class _Due:
    when: float
    number: int
    seller: SandboxSeller = field(compare=False)
    chat_id: str = field(compare=False)
    said: Utterance = field(compare=False)


class LiveBuyers:
    """A timetable of what buyers will say. `step` does what is due by the clock; `run` calls it for ever."""

    def __init__(self, market: WildberriesMarket, *, rng: random.Random, clock: Callable[[], float]) -> None:
        self._market = market
        self._rng = rng
        self._clock = clock
        self._due: list[_Due] = []
        self._count = 0
        self._next_arrival: float | None = None
        self._listening: set[str] = set()

    async def run(self) -> None:
        """Live until cancelled."""
        while True:
            self.step()
            await asyncio.sleep(_STEP)

    def step(self) -> int:
        """Say what is due by now; how many messages that were."""
        self._listen()
        now = self._clock()
        if self._next_arrival is None:
            self._next_arrival = now + self._rng.uniform(*ARRIVAL)
        while self._next_arrival <= now:
            self._arrive(self._next_arrival)
            self._next_arrival += self._rng.uniform(*ARRIVAL)
        said = 0
        while self._due and self._due[0].when <= now:
            due = heapq.heappop(self._due)
            due.seller.buyer_says(due.chat_id, due.said.text or None, images=due.said.photos)
            said += 1
        return said

    def _listen(self) -> None:
        for seller in self._market.sellers.values():
            if seller.id not in self._listening:
                self._listening.add(seller.id)
                seller.listeners.append(self._answered)

    def _arrive(self, now: float) -> None:
        sellers = list(self._market.sellers.values())
        if not sellers:
            return
        seller = self._rng.choice(sellers)
        buyer = draw_buyer(self._rng, seller.goods)
        self._plan(seller, seller.open_chat(buyer=buyer), buyer.opening(), now)

    def _answered(self, seller: SandboxSeller, chat: Chat, message: Message) -> None:
        if chat.buyer is None or not message.text:
            return
        # a buyer reads the reply before answering, and whatever they were going to add is moot
        self._due = [due for due in self._due if due.chat_id != chat.chat_id]
        heapq.heapify(self._due)
        self._plan(
            seller, chat.chat_id, chat.buyer.react(message.text), self._clock() + self._rng.uniform(*REACTION)
        )

    def _plan(self, seller: SandboxSeller, chat_id: str, said: list[Utterance], when: float) -> None:
        for utterance in said:
            self._count += 1
            heapq.heappush(self._due, _Due(when, self._count, seller, chat_id, utterance))
            when += self._rng.uniform(*_BETWEEN)

"""Buyers while the sandbox runs: new ones come to every market and channel, and those in chats react to replies."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.buyers import Utterance, draw_buyer, draw_question, draw_review
from agentiq_core.sandbox.conversation import Conversation, Message
from agentiq_core.sandbox.market import Market
from agentiq_core.sandbox.shop import Shop

ARRIVAL: Final = (8.0, 15.0)
REACTION: Final = (3.0, 12.0)
_BETWEEN: Final = (1.0, 4.0)
_STEP: Final = 0.25
_SHARES: Final = {Channel.CHAT: 6, Channel.REVIEW: 3, Channel.QUESTION: 2}
"""How often a buyer comes to a channel, of those the market has."""


@dataclass(order=True)
class _Due:
    when: float
    number: int
    shop: Shop[Any] = field(compare=False)
    chat_id: str = field(compare=False)
    said: Utterance = field(compare=False)


class LiveBuyers:
    """A timetable of what buyers will say. `step` does what is due by the clock; `run` calls it for ever."""

    def __init__(
        self, markets: Sequence[Market[Any]], *, rng: random.Random, clock: Callable[[], float]
    ) -> None:
        self._markets = markets
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
            due.shop.buyer_says(due.chat_id, due.said.text or None, images=due.said.photos)
            said += 1
        return said

    def _listen(self) -> None:
        for _, shop in self._shops():
            if shop.id not in self._listening:
                self._listening.add(shop.id)
                shop.listeners.append(self._answered)

    def _shops(self) -> list[tuple[Market[Any], Shop[Any]]]:
        return [(market, shop) for market in self._markets for shop in market.sellers.values()]

    def _arrive(self, now: float) -> None:
        shops = self._shops()
        if not shops:
            return
        market, shop = self._rng.choice(shops)
        shares = {channel: share for channel, share in _SHARES.items() if channel in market.roles}
        match self._rng.choices(list(shares), weights=list(shares.values()))[0]:
            case Channel.REVIEW:
                buyer, opinion = draw_review(self._rng, shop.goods)
                shop.leave_review(
                    stars=opinion.stars,
                    text=opinion.text,
                    pros=opinion.pros,
                    cons=opinion.cons,
                    images=opinion.photos,
                    buyer=buyer,
                )
            case Channel.QUESTION:
                buyer, text = draw_question(self._rng, shop.goods)
                shop.ask_question(text, buyer=buyer)
            case _:
                buyer = draw_buyer(self._rng, shop.goods)
                self._plan(shop, shop.open_chat(buyer=buyer), buyer.opening(), now)

    def _answered(self, shop: Shop[Any], conversation: Conversation, message: Message) -> None:
        if conversation.channel is not Channel.CHAT or conversation.buyer is None or not message.text:
            return
        # a buyer reads the reply before answering, and whatever they were going to add is moot
        self._due = [due for due in self._due if due.chat_id != conversation.id]
        heapq.heapify(self._due)
        said = conversation.buyer.react(message.text)
        self._plan(shop, conversation.id, said, self._clock() + self._rng.uniform(*REACTION))

    def _plan(self, shop: Shop[Any], chat_id: str, said: list[Utterance], when: float) -> None:
        for utterance in said:
            self._count += 1
            heapq.heappush(self._due, _Due(when, self._count, shop, chat_id, utterance))
            when += self._rng.uniform(*_BETWEEN)

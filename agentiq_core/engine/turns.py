"""Whose reply leaves next in this worker: sellers take turns, and some of its hands stay free for pulling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

from agentiq_core.domain.views import ChatRef

PER_SELLER = 2
"""One request a second is what a marketplace takes: more hands on one seller would only hold places in the queue."""


class Turns:
    """Conversations that have something to send. `hands` is how many are served at the same moment.

    A hundred replies of one seller wait for that seller's limits; another seller's single reply does not wait for them.
    """

    def __init__(self, deliver: Callable[[ChatRef], Awaitable[None]], *, hands: int) -> None:
        self._deliver = deliver
        self._hands = hands
        # dicts for their order: sellers by whose turn it is, conversations by arrival
        self._waiting: dict[int, dict[ChatRef, None]] = {}
        self._served: Counter[int] = Counter()
        self._busy = 0

    async def take(self, ref: ChatRef) -> None:
        """Line up, then serve whoever's turn it is for as long as there is work; at once when all hands are busy.

        What `deliver` raises is raised here; who waits then is served by the next that lines up.
        """
        self._waiting.setdefault(ref.seller_id, {})[ref] = None
        if self._busy >= self._hands:
            return
        self._busy += 1
        try:
            while (turn := self._next()) is not None:
                self._served[turn.seller_id] += 1
                try:
                    await self._deliver(turn)
                finally:
                    self._served[turn.seller_id] -= 1
        finally:
            self._busy -= 1

    def _next(self) -> ChatRef | None:
        for seller_id, chats in self._waiting.items():
            if self._served[seller_id] >= PER_SELLER:
                continue
            ref = next(iter(chats))
            del chats[ref], self._waiting[seller_id]
            if chats:
                # behind the sellers that waited meanwhile
                self._waiting[seller_id] = chats
            return ref
        return None

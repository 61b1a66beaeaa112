"""The played operator: sends ready suggestions from the queue and counts what became of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import uuid4

from agentiq_core.config import Settings
from agentiq_core.domain.chats import Queue
from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef, ReplyView
from agentiq_core.engine.desk import Desk
from agentiq_tui.demo.stage import stage

PAUSE = 1.0
"""Seconds between two replies: a brisk operator."""
SETTLE_SHARE = 0.35
"""The last part of the time sends nothing new: what was sent is read back."""
PATIENCE = 20.0
"""Seconds more for what is still under way then: on a busy machine a poll of four marketplaces takes its time."""


@dataclass(frozen=True, slots=True)
class Played:
    """What a run came to; `duplicates` and `accepted` are the marketplace's own counts."""

    pulled: int
    suggested: int
    sent: int
    confirmed: int
    accepted: int
    duplicates: int

    @property
    def good(self) -> bool:
        """Every reply that left was read back, once."""
        return self.pulled > 0 and 0 < self.sent == self.confirmed == self.accepted and self.duplicates == 0


async def play(settings: Settings, *, seconds: float, seed: int, chats: int) -> Played:
    """Work for `seconds` on a demo of its own."""
    async with stage(settings, seed=seed, chats=chats) as (desk, market):
        loop = asyncio.get_running_loop()
        started = loop.time()
        sent: dict[int, ChatRef] = {}
        suggested: set[tuple[ChatRef, int]] = set()
        while loop.time() < started + seconds * (1 - SETTLE_SHARE):
            await _answer_one(desk, sent, suggested)
            await asyncio.sleep(PAUSE)
        views = await _settled(desk, sent, started + seconds + PATIENCE)
        overview, stats = await desk.overview(), await market.stats()
    left = [view for view in views if view.state in (OutboxState.SENT, OutboxState.CONFIRMED)]
    return Played(
        pulled=sum(seller.messages for seller in overview.sellers),
        suggested=len(suggested),
        sent=len(left),
        confirmed=sum(view.state is OutboxState.CONFIRMED for view in left),
        accepted=stats["accepted"],
        duplicates=stats["duplicates"],
    )


async def _answer_one(desk: Desk, sent: dict[int, ChatRef], suggested: set[tuple[ChatRef, int]]) -> None:
    for queue in (Queue.WORK, Queue.WAITING):
        for row in (await desk.queue(queue, limit=20)).rows:
            suggestion = await desk.suggestion(row.ref)
            if suggestion is None:
                continue
            suggested.add((row.ref, suggestion.id))
            if row.outbox in (OutboxState.QUEUED, OutboxState.SENDING, OutboxState.UNKNOWN):
                continue
            newest = (await desk.conversation(row.ref, limit=1)).newest
            try:
                (view,) = await desk.reply(
                    row.ref,
                    suggestion.text,
                    client_id=uuid4(),
                    seen=newest,
                    suggestion_id=suggestion.id,
                    undo_seconds=0,
                )
            except Rejected:
                # the buyer wrote meanwhile, or had this very text minutes ago: the next one is due
                continue
            sent[view.id] = row.ref
            return


async def _settled(desk: Desk, sent: dict[int, ChatRef], deadline: float) -> list[ReplyView]:
    loop = asyncio.get_running_loop()
    while True:
        views = [await desk.reply_state(ref, reply_id) for reply_id, ref in sent.items()]
        under_way = [
            view
            for view in views
            if view.state in (OutboxState.QUEUED, OutboxState.SENDING, OutboxState.SENT)
        ]
        if not under_way or loop.time() > deadline:
            return views
        await asyncio.sleep(PAUSE / 4)

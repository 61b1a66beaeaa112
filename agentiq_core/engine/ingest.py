"""Messages into their conversations, by one path for what is pulled and for what is read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.messages import IncomingChat, IncomingMessage
from agentiq_core.engine.reconcile import join_echoes
from agentiq_core.engine.standing import restate
from agentiq_core.store import messages as stored


@dataclass(frozen=True, slots=True)
class Ingested:
    """How many messages were not known, and how many replies they confirmed."""

    new: int = 0
    confirmed: int = 0


async def ingest(
    session: AsyncSession,
    seller_id: int,
    messages: Sequence[IncomingMessage],
    described: Sequence[IncomingChat] = (),
    *,
    later: bool,
    now: datetime,
    revised: bool = False,
) -> Ingested:
    """Store what is new and derive the conversations that got it, held until the transaction ends.

    A first walk and a stretch of the history are read in order: an old question looks unanswered until its answer is
    read, so conversations are derived `later`, when the walk is over, each once. `revised` as in `store_messages`.
    """
    if not messages and not described:
        return Ingested()
    chats = await stored.store_chats(session, seller_id, [*described, *messages])
    new, newest = await stored.store_messages(session, seller_id, chats, messages, revised=revised)
    stated = await stored.state_chats(session, seller_id, described)
    if not newest and not stated:
        return Ingested()
    if later:
        await stored.mark_stale(session, seller_id, chats.values(), newest, stated)
        return Ingested(new)
    touched = sorted({*newest, *stated})
    confirmed = await join_echoes(session, seller_id, touched)
    await restate(session, seller_id, touched, now)
    return Ingested(new, confirmed)

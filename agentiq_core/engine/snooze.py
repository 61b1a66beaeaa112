"""Putting a conversation off: it leaves the queue and our clock stands; the marketplace's goes on."""

from __future__ import annotations

from datetime import datetime, timedelta

from agentiq_core.domain.errors import NotFound, Rejected
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.engine.standing import restate
from agentiq_core.sla.snooze import ended, put_off
from agentiq_core.store import conversations
from agentiq_core.store import messages as stored

LONGEST = timedelta(days=60)


async def snooze(engine: Engine, ref: ChatRef, until: datetime | None) -> None:
    """Put a conversation off until then; the buyer's next message brings it back earlier. None brings it back now.

    Raises `NotFound`, `Forbidden` for a viewer, `Rejected` where nobody waits, for a time that is over or too far away, and
    for one behind which the marketplace takes no reply.
    """
    engine.access.only_writers()
    now = engine.clock()
    if until is not None and not now < until <= now + LONGEST:
        raise Rejected(f"a conversation is put off for at most {LONGEST.days} days", days=LONGEST.days)
    async with engine.store.transaction() as session:
        if not await stored.lock_chats(session, ref.seller_id, [ref.chat_id]):
            raise NotFound(f"there is no conversation {ref.chat_id}", chat=ref.chat_id)
        # what ended meanwhile by itself is no snooze to be prolonged
        [standing] = await restate(session, ref.seller_id, [ref.chat_id], now)
        if not standing.state.needs_reply:
            raise Rejected("nobody waits for an answer there")
        limit = standing.closes_at if standing.closes_hard else None
        if until is not None and limit is not None and until >= limit:
            raise Rejected("the marketplace would take no reply any more by then")
        held = standing.snooze
        if until is None and held is None:
            return
        pauses = ended(standing.pauses, now) if until is None else put_off(standing.pauses, held, now, until)
        await conversations.snooze(session, ref, until, pauses)
        await restate(session, ref.seller_id, [ref.chat_id], now)

"""What time alone does: leases end, deadlines near, replies are given to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.sla.deadline import ESCALATE_WITHIN
from agentiq_core.store import echoes, escalation, outbox, suggestions, sync
from agentiq_core.store import messages as stored


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Work that is due by the business tables, whatever dispatch remembers."""

    replies: tuple[ChatRef, ...]
    suggestions: bool


async def sweep(engine: Engine) -> Forgotten:
    """Expire leases, hand unknown replies to a person, and find work that dispatch forgot."""
    async with engine.store.transaction() as session:
        expired = await outbox.expire(session)
        await echoes.give_up(session, timedelta(seconds=engine.settings.unknown_after_seconds))
        # feeds behind replies, as pulls hold them
        for ref in sorted(expired):
            channel = (await stored.address(session, ref)).channel
            await sync.sooner(session, ref.seller_id, delay=0, channel=channel)
        due = await outbox.due(session)
        lacking = await suggestions.lacking(session, limit=1)
    return Forgotten(tuple(due), bool(lacking))


async def escalate(engine: Engine) -> tuple[int, int]:
    """What was put off until now comes back; conversations whose deadline is near become urgent; a breach is noted once an
    episode. Counts of the last two."""
    now = engine.clock()
    async with engine.store.transaction() as session:
        await escalation.wake(session, now)
        raised = await escalation.raise_to_urgent(session, now + ESCALATE_WITHIN)
        breached = await escalation.note_breaches(session, now)
        await escalation.close_expired(session, now)
    return raised, breached

"""Where conversations stand after something changed: status, queue and deadline, by one path for every cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.chats import Priority, derive, queue_of
from agentiq_core.sla.deadline import decide, escalate
from agentiq_core.sla.rules import SlaRule
from agentiq_core.store import sellers
from agentiq_core.store.messages import ChatReading, Standing, read_chats, write_standings


async def restate(
    session: AsyncSession, seller_id: int, chats: Iterable[int], now: datetime
) -> list[Standing]:
    """Derive these conversations anew from what is stored. Call it with the conversations locked."""
    readings = await read_chats(session, seller_id, chats)
    if not readings:
        return []
    seller = await sellers.get(session, seller_id)
    rules = await seller_rules(session, seller_id) if any(reading.unanswered for reading in readings) else ()
    standings = [_standing(reading, rules, seller.timezone, now) for reading in readings]
    await write_standings(session, seller_id, standings)
    return standings


async def seller_rules(session: AsyncSession, seller_id: int) -> tuple[SlaRule, ...]:
    """A seller's rules as the SLA room understands them."""
    return tuple(
        SlaRule(
            name=row.name,
            phrases=tuple(tuple(phrase) for phrase in row.phrases),
            pattern=row.pattern,
            priority=Priority(row.priority),
            minutes=row.minutes,
            position=row.position,
        )
        for row in await sellers.rules(session, seller_id)
    )


def _standing(reading: ChatReading, rules: Sequence[SlaRule], timezone: str, now: datetime) -> Standing:
    state = derive(reading.facts)
    if not state.needs_reply:
        return Standing(reading, state, None, Priority.NORMAL, None, None)
    decision = decide(reading.unanswered, rules, timezone)
    priority = escalate(decision.due_at, now, decision.priority)
    return Standing(reading, state, queue_of(state, priority), priority, decision.rule, decision.due_at)

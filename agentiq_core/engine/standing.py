"""Where conversations stand after something changed: status, queue and deadline, by one path for every cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.connectors.registry import capabilities
from agentiq_core.domain.chats import ChatState, ChatStatus, Priority, derive, queue_of
from agentiq_core.sla.deadline import decide, escalate
from agentiq_core.sla.rules import SlaRule
from agentiq_core.store import sellers
from agentiq_core.store.standings import ChatReading, Standing, read_chats, write_standings
from agentiq_core.store.tables import Seller


async def restate(
    session: AsyncSession, seller_id: int, chats: Iterable[int], now: datetime
) -> list[Standing]:
    """Derive these conversations anew from what is stored. Call it with the conversations locked."""
    readings = await read_chats(session, seller_id, chats)
    if not readings:
        return []
    seller = await sellers.get(session, seller_id)
    rules = await seller_rules(session, seller_id) if any(reading.unanswered for reading in readings) else ()
    standings = [_standing(reading, rules, seller, now) for reading in readings]
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
            channels=frozenset(row.channels) if row.channels is not None else None,
            most_stars=row.most_stars,
        )
        for row in await sellers.rules(session, seller_id)
    )


def _standing(reading: ChatReading, rules: Sequence[SlaRule], seller: Seller, now: datetime) -> Standing:
    closes_at, hard = _closes(reading, seller.marketplace)
    state = derive(reading.facts)
    if state.needs_reply and hard and closes_at is not None and closes_at <= now:
        # nobody can answer it any more
        state = ChatState(ChatStatus.CLOSED, False)
    if not state.needs_reply:
        return Standing(reading, state, None, Priority.NORMAL, None, None, closes_at, hard)
    decision = decide(
        reading.unanswered, rules, seller.timezone, channel=reading.channel, stars=reading.stars
    )
    # the queue is ordered by whichever of the two clocks runs out first
    due_at = decision.due_at if closes_at is None else min(decision.due_at, closes_at)
    priority = escalate(due_at, now, decision.priority)
    return Standing(
        reading, state, queue_of(state, priority), priority, decision.rule, due_at, closes_at, hard
    )


def _closes(reading: ChatReading, marketplace: str) -> tuple[datetime | None, bool]:
    """Until when the marketplace takes a reply to what the buyer wrote last, and whether it refuses later ones."""
    window = capabilities(marketplace, reading.channel).window
    asked = reading.facts.last_buyer
    if window is None or asked is None:
        return None, False
    closes_at = asked[0] + window.length
    if reading.open_until is not None:
        closes_at = max(closes_at, reading.open_until)
    return closes_at, window.hard

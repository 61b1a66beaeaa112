"""Whether a suggestion may leave by itself: a pure decision that names everything that speaks against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agentiq_core.ai.intents import Intent, Sentiment
from agentiq_core.ai.suggest import CONTENT_FROM, DISPLEASED, MODEL
from agentiq_core.domain.automation import AutomationSettings, Held, Mode

NEVER: Final = DISPLEASED | {Intent.CANCEL, Intent.OTHER}
"""What displeased buyers ask, and what nobody could name: a person answers, whatever a seller allows."""
FLAGGED: Final = 0.3
"""How much a buyer's words may look like orders to a model before people look at them."""
FRESH: Final = timedelta(hours=1)
"""A question that has waited longer was left for a reason, or came while nobody's desk was open."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that decides whether a suggestion leaves by itself, read at one moment."""

    intent: str
    sentiment: str
    confidence: float
    source: str
    stop_class: str | None
    violations: int
    """Guardrails that it breaks, warnings too."""
    injection: float
    stars: int | None
    asked_at: datetime
    """When the buyer's newest question was sent."""
    waits: bool
    """The buyer waits for an answer to this very question."""
    closed: bool = False
    files: bool = False
    """Among what the buyer waits an answer to is a file."""
    person: bool = False
    """Somebody has a draft there, types, has rejected the suggestion, or has put the conversation off."""
    assigned: bool = False
    under_way: bool = False
    """A reply of ours has not settled."""
    last_automatic: bool = False
    """The last answer left by itself."""
    chat_today: int = 0
    """Left by themselves in this conversation today, or would have; `today`: of this intent at this seller."""
    today: int = 0


def held(found: Circumstances, allowed: AutomationSettings, now: datetime) -> tuple[Held, ...]:
    """Everything that speaks against it; empty when it may leave, or, in shadow mode, would have left."""
    return tuple(dict.fromkeys(_held(found, allowed, now)))


def _held(found: Circumstances, allowed: AutomationSettings, now: datetime) -> Iterator[Held]:
    one = allowed.of(found.intent)
    if allowed.stopped:
        yield Held.STOPPED
    if one.mode is Mode.OFF:
        yield Held.OFF
    if found.intent in NEVER or found.sentiment == Sentiment.NEGATIVE:
        yield Held.DISPLEASED
    if found.stars is not None and found.stars < CONTENT_FROM:
        yield Held.LOW_RATING
    if found.violations:
        yield Held.VIOLATION
    if found.stop_class is not None:
        yield Held.STOP_CLASS
    if found.injection >= FLAGGED:
        yield Held.INJECTION
    if found.confidence < one.least_confidence:
        yield Held.UNSURE
    if found.source != MODEL and not one.templates:
        yield Held.TEMPLATE
    if found.closed:
        yield Held.CLOSED
    if now - found.asked_at > FRESH:
        yield Held.OLD
    if found.files:
        yield Held.FILES
    if found.person or not found.waits:
        yield Held.PERSON
    if found.assigned:
        yield Held.ASSIGNED
    if found.under_way:
        yield Held.UNDER_WAY
    if found.last_automatic:
        yield Held.DUEL
    if found.chat_today >= allowed.per_chat:
        yield Held.CHAT_CAP
    if found.today >= one.daily_cap:
        yield Held.DAILY_CAP

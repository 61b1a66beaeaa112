"""Replies that leave by themselves: what a seller may allow, and what was decided of a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agentiq_core.domain.views import ChatRef


class Mode(StrEnum):
    """What happens to the suggestion for a question of one intent."""

    OFF = "off"
    SHADOW = "shadow"
    """Nothing leaves; what would have left is recorded."""
    ON = "on"


class Held(StrEnum):
    """Why a suggestion does not leave by itself."""

    STOPPED = "stopped"
    """The seller's switch is off."""
    OFF = "off"
    DISPLEASED = "displeased"
    """A complaint, or a question that displeased buyers ask."""
    LOW_RATING = "low_rating"
    VIOLATION = "violation"
    """It breaks a guardrail, were it only a warning."""
    STOP_CLASS = "stop_class"
    INJECTION = "injection"
    """The buyer's words look like orders to a model."""
    UNSURE = "unsure"
    TEMPLATE = "template"
    """No model wrote it, and the seller did not allow templates."""
    CLOSED = "closed"
    """The marketplace takes no reply, or nobody waits for one."""
    OLD = "old"
    """The question waited for so long that a person should look why."""
    FILES = "files"
    """The buyer sent a file that nothing here has looked at."""
    PERSON = "person"
    """A person wrote, is writing, rejected the suggestion, or has put the conversation off."""
    ASSIGNED = "assigned"
    UNDER_WAY = "under_way"
    """Another reply has not settled."""
    DUEL = "duel"
    """The last answer left by itself: a person gives the next one."""
    CHAT_CAP = "chat_cap"
    DAILY_CAP = "daily_cap"


@dataclass(frozen=True, slots=True)
class Automation:
    """What a seller allows for one intent. `daily_cap` counts by the seller's day."""

    intent: str
    mode: Mode = Mode.OFF
    daily_cap: int = 20
    least_confidence: float = 0.8
    templates: bool = False
    """Whether a template may leave too."""


@dataclass(frozen=True, slots=True)
class AutomationSettings:
    """Everything a seller allows. Intents without an entry are off; `per_chat` counts by the day."""

    seller_id: int
    stopped: bool = False
    per_chat: int = 2
    intents: tuple[Automation, ...] = ()

    def of(self, intent: str) -> Automation:
        """What holds for this intent."""
        return next((one for one in self.intents if one.intent == intent), Automation(intent))


@dataclass(frozen=True, slots=True)
class AutomationRecord:
    """What was decided of one question, beside what a person sent in the end; `reasons` empty: nothing spoke against it."""

    ref: ChatRef
    at: datetime
    intent: str
    mode: Mode
    text: str
    reasons: tuple[Held, ...]
    sent: bool
    """A reply was queued."""
    question: str = ""
    person_sent: str | None = None
    """What a person answered; None while nobody did."""
    likeness: float | None = None
    """How much of it is what would have been sent, 0 to 1 (`domain.learning.likeness`)."""


@dataclass(frozen=True, slots=True)
class AutomationReport:
    """Newest decisions first; `before` asks for the next page, None at the end."""

    records: tuple[AutomationRecord, ...]
    before: datetime | None
    reasons: tuple[tuple[Held, int], ...] = ()
    """How often each held one back among these, most often first."""

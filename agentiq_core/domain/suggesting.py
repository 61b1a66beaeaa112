"""How a seller's model is asked, what that has cost, and how far a question to it got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

MOST_AT_ONCE = 16
LONGEST_TONE, LONGEST_WISH = 2000, 200
"""Characters."""


class PassState(StrEnum):
    """How far the model's pass over a suggestion got. The template is there in every state."""

    NONE = "none"
    """No model was asked, or the buyer wrote again meanwhile."""
    WANTED = "wanted"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"
    """`SuggestionView.failure` says why."""


class PassFailure(StrEnum):
    """Why no model was heard although the seller has one; what a model's own failures are, `ai.model.Failure` says."""

    OVER_BUDGET = "over_budget"
    """The day's money is spent."""
    WORKER_LOST = "worker_lost"
    """Those who asked it vanished, again and again."""
    MISCONFIGURED = "misconfigured"
    """The settings name a profile, an address or a key that cannot be used."""
    BROKEN = "broken"
    """A fault of AgentIQ's own; the log of the worker has it."""


class Wish(StrEnum):
    """Variants that are offered by name; a wish may also be said in words."""

    SHORTER = "shorter"
    WARMER = "warmer"
    FORMAL = "formal"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """A seller's model. `base_url` and `model` None: the profile's; prices are for a million tokens.

    `daily_budget` is money a day in the profile's currency, None for no limit; `concurrency` counts questions at once.
    """

    profile: str
    enabled: bool = True
    base_url: str | None = None
    model: str | None = None
    folder: str | None = None
    """An id that some providers want (YandexGPT)."""
    scope: str | None = None
    """The kind of contract, where the provider has several (GigaChat)."""
    price_in: Decimal | None = None
    price_out: Decimal | None = None
    currency: str | None = None
    """ISO 4217; the profile's without it."""
    tone: str = ""
    daily_budget: Decimal | None = None
    concurrency: int = 2


@dataclass(frozen=True, slots=True)
class Spending:
    """What was asked of a model in a day of the seller's zone."""

    day: date
    model: str
    calls: int
    tokens_in: int
    tokens_out: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class ModelStanding:
    """A seller's model as it stands on this machine. `settings` None: templates only."""

    settings: ModelSettings | None
    model: str
    """What is asked, by the settings or the profile."""
    currency: str
    key_here: bool
    """Whether this machine has the key: one without leaves asking to others."""
    today: tuple[Spending, ...] = ()
    waiting: int = 0
    """Suggestions that a model is still to write."""
    trouble: str = ""
    """Why the settings cannot be used, a line in English."""

    @property
    def spent_today(self) -> Decimal:
        """Money."""
        return sum((one.cost for one in self.today), Decimal(0))


@dataclass(frozen=True, slots=True)
class ModelAnswered:
    """A model took the key and answered. `latency` in seconds."""

    model: str
    latency: float
    cost: Decimal

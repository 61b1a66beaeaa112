"""Figures of service: how long buyers waited, who answered, what suggestions were worth (docs/statistics.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from math import ceil
from typing import TypeVar

_Number = TypeVar("_Number", int, float)


class By(StrEnum):
    """What figures are told for, a line each."""

    OPERATOR = "operator"
    SELLER = "seller"
    DAY = "day"
    INTENT = "intent"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Waits:
    """How long buyers waited for answers, in seconds. None where there was none. Shares are 0 to 1."""

    count: int = 0
    median: int | None = None
    p90: int | None = None
    in_time: float | None = None
    """The share that was answered before its deadline."""


@dataclass(frozen=True, slots=True)
class AnsweredShare:
    """Questions as their marketplace sees them: by the clock, automatic replies too. `hours` it allows for an answer."""

    hours: int
    count: int = 0
    """Those that were answered, and those that still wait past the hours."""
    within: int = 0

    @property
    def share(self) -> float | None:
        """The share that was answered within the hours; None when there was no question."""
        return self.within / self.count if self.count else None


@dataclass(frozen=True, slots=True)
class Service:
    """Answers of people in one group. `operator_id` None: nobody of the team here, who typed in a marketplace's cabinet."""

    seller_id: int | None = None
    operator_id: int | None = None
    day: date | None = None
    name: str = ""
    """The operator's or the seller's."""
    first: Waits = Waits()
    """Until the first answer of a conversation."""
    following: Waits = Waits()
    """Until each later one."""
    replies: int = 0
    untouched: int = 0
    """Replies that were a suggestion as it was; `edited`, one that was changed; `own`, nothing of one."""
    edited: int = 0
    own: int = 0
    automatic: int = 0
    """Left by themselves: in no other figure here."""
    breaches: int | None = None
    """Deadlines that passed unanswered; None where they belong to nobody."""
    marketplace_share: AnsweredShare | None = None
    """Of shops, of days and of all; None where no marketplace counts one."""

    def share(self, count: int) -> float | None:
        """A count as a share of the replies; None when there were none."""
        return count / self.replies if self.replies else None


@dataclass(frozen=True, slots=True)
class Money:
    """A sum in one currency: ISO 4217, "" where nobody told."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What people made of suggestions of one intent or model. `cost` by the currencies of the models' prices."""

    name: str
    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    """Of the rejected, most often first."""
    cost: tuple[Money, ...] = ()
    calls: int | None = None

    @property
    def share(self) -> float | None:
        """The share that was sent as it was; None when nobody said anything."""
        told = self.accepted + self.edited + self.rejected
        return self.accepted / told if told else None


@dataclass(frozen=True, slots=True)
class Backlog:
    """Conversations that wait now, by how long: under an hour, under four, under a day, under three days, longer."""

    hour: int = 0
    four_hours: int = 0
    day: int = 0
    three_days: int = 0
    older: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of a stretch of days, both included; either `service` or `acceptance` has the lines that were asked for."""

    since: date
    until: date
    by: By
    total: Service
    backlog: Backlog
    service: tuple[Service, ...] = ()
    acceptance: tuple[Acceptance, ...] = ()
    cost: tuple[Money, ...] = ()
    """Of all models, a sum a currency."""


def waits_of(seconds: Sequence[int], in_time: int) -> Waits:
    """Median and nine-tenths of these waits. A percentile is a wait that was there: the least one that so many do not exceed."""
    if not seconds:
        return Waits()
    ordered = sorted(seconds)
    return Waits(
        len(ordered), percentile(ordered, 0.5), percentile(ordered, 0.9), min(1.0, in_time / len(ordered))
    )


def answered_share(limit: timedelta, answered: int, within: int, unanswered: int = 0) -> AnsweredShare | None:
    """So many were answered, of them so many within the limit, and so many wait past it. None when there was no question."""
    count = answered + unanswered
    return AnsweredShare(int(limit.total_seconds()) // 3600, count, within) if count else None


def percentile(ordered: Sequence[_Number], share: float) -> _Number:
    """The least of these ordered values that at least `share` of them do not exceed. ValueError when there are none."""
    if not ordered:
        raise ValueError("nothing has no percentile")
    return ordered[max(0, ceil(share * len(ordered)) - 1)]

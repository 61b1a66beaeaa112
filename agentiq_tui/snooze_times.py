"""Until when a conversation may be put off: the times on offer. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from agentiq_core.language.times import MORNING, on_day
from agentiq_tui.locale import _, ngettext

EVENING = time(18)
_EVENING_NEEDS = timedelta(hours=1)
_MONDAY = 0


@dataclass(frozen=True, slots=True)
class SnoozeTime:
    """A time on offer, and its words."""

    until: datetime
    label: str


def offered(now: datetime) -> list[SnoozeTime]:
    """The times that are offered at `now`, a time of this machine's zone; the nearest first."""
    return sorted(_offered(now), key=lambda one: one.until)


def _offered(now: datetime) -> Iterator[SnoozeTime]:
    for hours in (1, 3):
        label = ngettext("for {n} hour", "for {n} hours", hours).format(n=hours)
        yield SnoozeTime(now + timedelta(hours=hours), label)
    evening = on_day(now, 0, EVENING)
    if evening - now >= _EVENING_NEEDS:
        yield SnoozeTime(evening, _("until this evening, 18:00"))
    yield SnoozeTime(on_day(now, 1, MORNING), _("until tomorrow, 9:00"))
    to_monday = (_MONDAY - now.weekday()) % 7 or 7
    if to_monday > 1:
        yield SnoozeTime(on_day(now, to_monday, MORNING), _("until Monday, 9:00"))

"""Putting a conversation off: until when, what ends it earlier, and how long our clock stood for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agentiq_core.sla.calendar import Pause


@dataclass(frozen=True, slots=True)
class Snooze:
    """A conversation is put off `until` then; `asked` is the buyer's newest message that was known."""

    until: datetime
    asked: str | None


def put_off(
    pauses: Sequence[Pause], snooze: Snooze | None, now: datetime, until: datetime
) -> tuple[Pause, ...]:
    """The pauses once the conversation is put off from `now` until then; one that holds already ends now."""
    return (*(ended(pauses, now) if snooze else pauses), (now, until))


def ended(pauses: Sequence[Pause], at: datetime) -> tuple[Pause, ...]:
    """The pauses when the last of them, which a snooze made, ended at this moment."""
    if not pauses:
        return ()
    *former, (begin, end) = pauses
    return (*former, (begin, min(end, at))) if at > begin else tuple(former)


def as_it_stands(
    snooze: Snooze | None,
    pauses: Sequence[Pause],
    unanswered: Sequence[tuple[datetime, str]],
    asked: str | None,
    now: datetime,
) -> tuple[Snooze | None, tuple[Pause, ...]]:
    """The snooze that still holds, and the pauses of this waiting episode.

    `unanswered` are times and ids of what waits for an answer, oldest first, `asked` is the newest of them. A newer message of
    the buyer ends a snooze at its own time, an answer ends it now.
    """
    if snooze is not None and snooze.until <= now:
        snooze = None
    if snooze is not None and snooze.asked != asked:
        known = next((key for key in unanswered if key[1] == snooze.asked), None)
        newer = next((key[0] for key in unanswered if known is not None and key > known), now)
        snooze, pauses = None, ended(pauses, newer)
    if unanswered:
        pauses = [pause for pause in pauses if pause[1] > unanswered[0][0]]
    return snooze, tuple(pauses)

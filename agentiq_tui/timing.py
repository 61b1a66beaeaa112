"""Times as the screen writes them: countdowns, ages, clock times and days."""

from __future__ import annotations

from datetime import datetime, timedelta

from agentiq_tui.locale import _

MINUTE, HOUR, DAY = 60, 3600, 86400
SOON = timedelta(minutes=5)
"""A deadline nearer than this is shown as pressing."""
MINUS = "\N{MINUS SIGN}"


def countdown(due_at: datetime, now: datetime) -> str:
    """Time left: mm:ss under an hour, then hours, then days; overdue has a minus sign. 6 cells at most."""
    left = int((due_at - now).total_seconds())
    sign, left = (MINUS, -left) if left < 0 else ("", left)
    if left < HOUR:
        return f"{sign}{left // MINUTE:02}:{left % MINUTE:02}"
    if left < DAY:
        return sign + _("{hours}h{minutes:02}").format(hours=left // HOUR, minutes=left % HOUR // MINUTE)
    return sign + _("{days}d").format(days=left // DAY)


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits: "12 s", "3 min", "2 h", "5 d"."""
    passed = max(0, int((now - since).total_seconds()))
    if passed < MINUTE:
        return _("{n} s").format(n=passed)
    if passed < HOUR:
        return _("{n} min").format(n=passed // MINUTE)
    if passed < DAY:
        return _("{n} h").format(n=passed // HOUR)
    return _("{n} d").format(n=passed // DAY)


def clock_time(at: datetime) -> str:
    """Hours and minutes in the time zone of this machine."""
    return at.astimezone().strftime("%H:%M")


def day(at: datetime, now: datetime) -> str:
    """The day of a message: today and yesterday in words, others as a date."""
    then, today = at.astimezone().date(), now.astimezone().date()
    if then == today:
        return _("today")
    if then == today - timedelta(days=1):
        return _("yesterday")
    return then.strftime("%d.%m" if then.year == today.year else "%d.%m.%Y")

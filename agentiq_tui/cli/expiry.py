"""Marketplace keys end (Wildberries: after 180 days): said two weeks ahead, while nothing has stopped yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agentiq_tui.cli.output import local
from agentiq_tui.locale import ngettext

SOON = timedelta(days=14)
_DAY = timedelta(days=1)


def days_left(expires_at: datetime | None) -> int | None:
    """Full days until a key ends, when that is soon; None while there is time, or no end."""
    if expires_at is None or (left := expires_at - datetime.now(UTC)) > SOON:
        return None
    return max(0, left // _DAY)


def warning(expires_at: datetime | None) -> str | None:
    """When a key that ends soon does so, and what to do."""
    days = days_left(expires_at)
    if days is None or expires_at is None:
        return None
    said = ngettext(
        "the key ends in {n} day, {when}: make a new one, then agentiq seller rotate",
        "the key ends in {n} days, {when}: make a new one, then agentiq seller rotate",
        days,
    )
    return said.format(n=days, when=local(expires_at))

"""What the office's screens tell themselves: statistics, the log, shops, automatic replies, models.

OfficeFetched (a list, or a page more of it)        OfficeDone (a line, then the list anew)        any of them may be a Failed
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.message import Message

from agentiq_core.domain.team import AssignmentRule


@dataclass
class OfficeFetched(Message):
    """Lines of the list; `facts` is what stands around them, `first` whether they take the place of what is there."""

    rows: tuple[Any, ...]
    facts: Any = None
    first: bool = True


@dataclass
class SharingFetched(Message):
    """How a shop's new conversations are shared out."""

    seller_id: int
    rule: AssignmentRule


@dataclass
class OfficeTold(Message):
    """How far something got that still runs."""

    line: str


@dataclass
class OfficeDone(Message):
    """What was asked for happened, or did not: `error`."""

    line: str
    error: bool = False


@dataclass
class AllStopped(Message):
    """Nothing leaves by itself in so many shops; `taken` replies that waited were taken back."""

    shops: int
    taken: int

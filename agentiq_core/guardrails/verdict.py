"""What the guardrails say of a reply: allowed or not, and where and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """An error blocks a suggestion and automatic sending; a warning is shown and never blocks."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Violation:
    """What a rule objects to. `start` and `end` are offsets into the reply as given; `reason` is Russian."""

    rule: str
    severity: Severity
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one check. `version` names the rules that were applied; it is stored with the reply."""

    allowed: bool
    violations: tuple[Violation, ...]
    version: str

    @property
    def errors(self) -> tuple[Violation, ...]:
        """The violations that block."""
        return tuple(one for one in self.violations if one.severity is Severity.ERROR)

    def to_json(self) -> dict[str, Any]:
        """The shape `agentiq guard` prints."""
        return {
            "allowed": self.allowed,
            "violations": [{**asdict(one), "severity": one.severity.value} for one in self.violations],
        }

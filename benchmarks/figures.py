"""A measured figure and how it is printed."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured. `bar` is what design asks for; `at_least` tells whether more or less is better."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    at_least: bool = False
    beside: str = ""
    """What was measured in the same run to compare with."""

    @property
    def met(self) -> bool | None:
        """Whether the bar was met; None without a bar."""
        if self.bar is None:
            return None
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    def line(self) -> str:
        """One line for people."""
        bar = "" if self.bar is None else f"  bar {'≥' if self.at_least else '≤'} {self.bar:,g} {self.unit}"
        verdict = {True: "  met", False: "  MISSED", None: ""}[self.met]
        beside = f"  ({self.beside})" if self.beside else ""
        return f"{self.name:<52} {self.value:>12,.6g} {self.unit}{bar}{verdict}{beside}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)

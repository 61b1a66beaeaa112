"""Bars and columns drawn with eighths of a cell. What they tell, words and numbers beside them tell too."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_ACROSS = " ▏▎▍▌▋▊▉█"
_UP = " ▁▂▃▄▅▆▇█"
EIGHTHS = 8
SHADES = "█▓░"
"""Parts of one bar, told apart without colour."""


def bar(share: float, width: int) -> str:
    """A bar of this share (0 to 1) of `width` cells; what is more than nothing is seen."""
    filled = round(min(max(share, 0.0), 1.0) * width * EIGHTHS)
    if share > 0:
        filled = max(1, filled)
    full, rest = divmod(filled, EIGHTHS)
    return (_ACROSS[-1] * full + (_ACROSS[rest] if rest else "")).ljust(width)[:width]


def level(share: float) -> str:
    """One cell, filled from below to this share."""
    if share <= 0:
        return _UP[0]
    return _UP[max(1, round(min(share, 1.0) * EIGHTHS))]


def cells(counts: Sequence[int], width: int) -> list[int]:
    """How many of `width` cells each count gets: together all of them, each within one of its share; none for nothing."""
    total = sum(counts)
    if total <= 0:
        return [0] * len(counts)
    edges, seen = [0], 0
    for count in counts:
        seen += count
        edges.append(round(seen * width / total))
    return [after - before for before, after in pairwise(edges)]


def stacked(counts: Sequence[int], width: int) -> list[str]:
    """The parts of one bar, each in a shade of its own."""
    return [SHADES[place % len(SHADES)] * size for place, size in enumerate(cells(counts, width))]


def columns(shares: Sequence[float | None], height: int, *, wide: int = 1, gap: int = 0) -> list[str]:
    """Lines, the highest first, of columns of these shares (0 to 1); nothing stands where nothing is known."""
    lines = []
    for row in range(height - 1, -1, -1):
        drawn = []
        for share in shares:
            filled = 0 if not share or share < 0 else max(1, round(min(share, 1.0) * height * EIGHTHS))
            here = min(max(filled - row * EIGHTHS, 0), EIGHTHS)
            drawn.append(_UP[here] * wide)
        lines.append((" " * gap).join(drawn))
    return lines

"""How wide the panes are on this machine, in percent: kept in a small file of its own, beside the settings."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

FILE = "panes.json"
LEAST, MOST = 15, 70
"""Percent of the screen that a pane may take."""


@dataclass(frozen=True)
class PaneSizes:
    """`queue` beside two others, `suggestion` beside the conversation; in two columns `narrow_queue`, and `low_suggestion` under it.

    None is the width that the layout gives.
    """

    queue: int | None = None
    suggestion: int | None = None
    narrow_queue: int | None = None
    low_suggestion: int | None = None

    def with_size(self, name: str, percent: float | None) -> PaneSizes:
        """The same with one size changed, within bounds."""
        kept = None if percent is None else max(LEAST, min(MOST, round(percent)))
        return replace(self, **{name: kept})


def read_sizes(home: Path) -> PaneSizes:
    """The sizes that were kept; the layout's own where there are none, or none that make sense."""
    try:
        table = json.loads((home / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return PaneSizes()
    sizes = PaneSizes()
    if isinstance(table, dict):
        for name in asdict(sizes):
            value = table.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                sizes = sizes.with_size(name, value)
    return sizes


def keep_sizes(home: Path, sizes: PaneSizes) -> None:
    """Write the sizes, whole or not at all; a machine that cannot keep them forgets them."""
    from agentiq_tui.config_file import replace_file

    replace_file(home / FILE, json.dumps(asdict(sizes)) + "\n")

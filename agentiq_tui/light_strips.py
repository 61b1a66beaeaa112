"""Drawn lines that take less: Textual 8.2.8 gives every strip seven caches of two objects each, a kilobyte that mostly stays
empty, and makes thousands of strips a second while a key is drawn.
"""

from __future__ import annotations

from typing import Any

from textual import strip


def lighten() -> None:
    """From now on a strip's caches are plain dicts. A strip lives until its line changes, so none of them grows."""
    strip.FIFOCache = _plain  # type: ignore[attr-defined, assignment]


def _plain(_most: int) -> dict[Any, Any]:
    return {}

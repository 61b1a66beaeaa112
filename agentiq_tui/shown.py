"""Text of other people as cells: what a list may show without tearing the frame."""

from __future__ import annotations

import re
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from agentiq_core.domain.text import inert, inert_line

# variation selectors, keycaps, flags and skin tones: terminals disagree about their width
_TEARING = re.compile("[\ufe00-\ufe0f\u20e3\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]")
_FLAG_A = 0x1F1E6
PREVIEW = 200
"""Characters of a text that a list looks at; no line is wider."""


def list_line(text: str) -> str:
    """One inert line in which every code point has one width everywhere."""
    return steady_line(text[:PREVIEW])


def steady_line(text: str) -> str:
    """The same of any length."""
    return _TEARING.sub(_steadied, inert_line(text))


def steady(text: str) -> str:
    """An inert text to be read: what terminals measure differently is shown as what it stands for, a flag as its letters."""
    return _TEARING.sub(_steadied, inert(text))


def _steadied(match: re.Match[str]) -> str:
    letter = ord(match[0]) - _FLAG_A
    return chr(ord("A") + letter) if 0 <= letter < 26 else ""


def fitted(text: str, width: int) -> str:
    """The text in exactly `width` cells, with an ellipsis where it was cut."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, width - 1) + "…"


def short(path: Path) -> str:
    """A path as people write it, on one harmless line."""
    try:
        return inert_line(f"~/{path.relative_to(Path.home())}").removesuffix("/.")
    except ValueError:
        return inert_line(str(path))

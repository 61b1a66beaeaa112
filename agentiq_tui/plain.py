"""For screen readers: whatever is drawn with signs leaves the program as plain characters of the same width."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_FRAMES = dict.fromkeys(range(0x2500, 0x25A0), " ")
_SIGNS = {
    "▌": ">",
    "●": "*",
    "◐": "+",
    "○": "o",
    "◌": "o",
    "•": "*",
    "✓": "v",
    "✗": "x",
    "✕": "x",
    "✎": "/",
    "■": "#",
    "▣": "#",
    "▲": "!",
    "▼": "v",
    "▾": "-",
    "▸": "+",
    "★": "*",
    "☆": ".",
    "←": "<",
    "→": ">",
    "↑": "^",
    "↓": "v",
    "⇄": "=",
    "␛": "^",
}
_TABLE = str.maketrans({**{chr(code): sign for code, sign in _FRAMES.items()}, **_SIGNS})


class PlainSigns(LineFilter):
    """Frames become spaces, signs become letters and marks of the keyboard."""

    @staticmethod
    def plain(text: str) -> str:
        """The text without a drawn sign, as wide as before."""
        return text.translate(_TABLE)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.text.isascii() else Segment(self.plain(segment.text), segment.style)
            for segment in segments
        ]

"""A line of a text field that takes many rows of the screen."""

from __future__ import annotations

from collections.abc import Iterable

from rich.containers import Lines
from rich.text import Text


class SharedLine:
    """Its rows share one copy and one division of it: Textual 8.2.8 makes both anew for every row, and again at each key."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.whole = Text(text, end="", no_wrap=True)
        self._divided: tuple[object, Lines] | None = None

    def row(self) -> Text:
        """The whole line, for one row of it to be cut out of."""
        return _Row(self)

    def divided(self, row: Text, offsets: Iterable[int]) -> Lines:
        """The row cut at these offsets; the same object while neither its words nor its tones differ."""
        places = tuple(offsets)
        key = (row.plain, tuple(row.spans), places)
        if self._divided is None or self._divided[0] != key:
            self._divided = key, Text.divide(row, places)
        return self._divided[1]


class _Row(Text):
    def __init__(self, line: SharedLine) -> None:
        super().__init__(end="", no_wrap=True)
        self.append_text(line.whole)
        self._line = line

    def pad_right(self, count: int, character: str = " ") -> None:
        # the base class looks for control codes in the whole line once more
        self.append_text(Text(character * count))

    def divide(self, offsets: Iterable[int]) -> Lines:
        return self._line.divided(self, offsets)

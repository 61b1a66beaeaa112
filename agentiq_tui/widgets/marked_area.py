"""A text field that underlines stretches of its text, and keeps the lines under their words while it is typed in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.document._document import Document, EditResult, Location
from textual.document._edit import Edit as Editing
from textual.geometry import Offset
from textual.widgets import TextArea

from agentiq_tui.marks import MOST, Edit, Kind, Mark, after, moved, told
from agentiq_tui.widgets.shared_line import SharedLine


class MarkedArea(TextArea):
    """Marks are moved in the same call that changes the text, so that no frame shows them in a wrong place."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"marked--{kind.value}" for kind in Kind}

    def __init__(self, **options: object) -> None:
        # before the base class, which draws
        self.marks: tuple[Mark, ...] = ()
        self._text_of_marks = ""
        self._lines: dict[int, list[tuple[int, int, Kind]]] = {}
        self._drawn = SharedLine("")
        super().__init__(**options)  # type: ignore[arg-type]

    def mark(self, marks: Sequence[Mark]) -> None:
        """Underline these stretches of the text as it is now, and nothing else."""
        self._text_of_marks = self.text if marks else ""
        self._draw(tuple(marks[:MOST]))

    @property
    def cursor_index(self) -> int:
        """Where the cursor is, in characters of the whole text."""
        return self._plain.get_index_from_location(self.cursor_location)

    def place_of(self, index: int) -> Location:
        """Row and column of a character of the whole text."""
        return self._plain.get_location_from_index(index)

    @property
    def _plain(self) -> Document:
        # no language is ever set, so it is never another kind
        assert isinstance(self.document, Document)
        return self.document

    @property
    def told_mark(self) -> Mark | None:
        """The mark whose reason belongs on screen now."""
        return told(self.marks, self.cursor_index if self.has_focus else None)

    def go_to_next_mark(self) -> bool:
        """Put the cursor before the next mark; False when there is none."""
        following = after(self.marks, self.cursor_index)
        if following is not None:
            self.move_cursor(self.place_of(following.start))
        return following is not None

    def edit(self, edit: Editing) -> EditResult:
        lines = self.wrapped_document.height
        result = super().edit(edit)
        if self.wrapped_document.height != lines:
            # Textual scrolls to the cursor before it knows of the line that has just come under the last one
            self.call_after_refresh(self.scroll_cursor_visible)
        self._follow()
        return result

    def undo(self) -> None:
        super().undo()
        self._follow()

    def redo(self) -> None:
        super().redo()
        self._follow()

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        # Textual 8.2.8 asks for this in the middle of an undo, when the cursor may stand behind the shorter text, and dies
        if self.cursor_location[0] >= self.document.line_count:
            return Offset()
        return super().scroll_cursor_visible(center, animate)

    def load_text(self, text: str) -> None:
        super().load_text(text)
        self.mark(())

    def get_line(self, line_index: int) -> Text:
        text = self.document.get_line(line_index)
        if text != self._drawn.text:
            self._drawn = SharedLine(text)
        line = self._drawn.row()
        for start, end, kind in self._lines.get(line_index, ()):
            line.stylize(self._style(kind), start, end)
        return line

    def _style(self, kind: Kind) -> Style:
        return self.get_component_rich_style(f"marked--{kind.value}", partial=True)

    def _follow(self) -> None:
        if self.marks:
            text = self.text
            change = Edit.between(self._text_of_marks, text)
            self._text_of_marks = text
            self._draw(moved(self.marks, change))

    def _draw(self, marks: tuple[Mark, ...]) -> None:
        if not marks and not self.marks:
            return
        self.marks = marks
        lines: defaultdict[int, list[tuple[int, int, Kind]]] = defaultdict(list)
        length = len(self._text_of_marks)
        # the worst is drawn last, over the others
        for mark in sorted(marks, key=lambda mark: list(Kind).index(mark.kind), reverse=True):
            row, column = self.place_of(min(mark.start, length))
            last, end = self.place_of(min(mark.end, length))
            for line in range(row, last + 1):
                stop = end if line == last else len(self.document.get_line(line))
                lines[line].append((column if line == row else 0, stop, mark.kind))
        self._lines = dict(lines)
        # its cache of lines knows nothing of marks
        self.notify_style_update()
        self.refresh()

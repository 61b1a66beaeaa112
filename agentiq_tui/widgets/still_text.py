"""Text that is told again and again, every second some of it, and drawn only when it changed."""

from __future__ import annotations

from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static


class StillText(Static):
    """The same words in the same tones cost neither a layout nor a repaint."""

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        before = self.content
        if isinstance(content, Content) and isinstance(before, Content) and content.is_same(before):
            return
        super().update(content, layout=layout)

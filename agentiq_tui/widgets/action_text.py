"""Text in which words are commands: a click runs the action that the key beside it runs."""

from __future__ import annotations

import re
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.style import Style
from textual.visual import VisualType

from agentiq_tui.actions import BY_ID, shown_key
from agentiq_tui.widgets.still_text import StillText

ACTION = "agentiq-action"
"""The key in a style's meta that names an action of the screen. (Textual's own "@click" repaints its words.)"""
WHOLE = "agentiq-whole"
"""The key in the meta of words that stay on one line."""


class ActionLine(StillText):
    """A line with such words in it, or text that wraps as any other."""

    async def on_click(self, event: events.Click) -> None:
        action = event.style.meta.get(ACTION)
        if action:
            event.stop()
            await self.screen.run_action(str(action))


class ActionText(ActionLine):
    """A block of text with such words in it: a line never ends between a key and its word. `hang` as in `flowed`."""

    def __init__(self, content: VisualType = "", *, hang: int = 0, **facts: Any) -> None:
        super().__init__(content, **facts)
        self._told = content
        self._hang = hang

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        self._told = content
        super().update(self._flowed(), layout=layout)

    def on_resize(self) -> None:
        super().update(self._flowed())

    def _flowed(self) -> VisualType:
        told, width, wanted = self._told, self.content_size.width, self.styles.width
        # what is as wide as its words has no lines to end
        free = wanted is not None and wanted.is_auto
        return flowed(told, width, self._hang) if isinstance(told, Content) and width and not free else told


def flowed(text: Content, width: int, hang: int = 0) -> Content:
    """The text in lines of at most `width` cells, broken between words but never inside a link or what is `whole`; the rest
    of a line is indented by `hang` cells."""
    lines: list[Content] = []
    for line in text.split(allow_blank=True):
        if line.cell_length <= width:
            lines.append(line)
            continue
        letters = list(line.plain)
        for span in line.spans:
            if isinstance(span.style, Style) and not {ACTION, WHOLE}.isdisjoint(span.style.meta):
                letters[span.start : span.end] = "_" * (span.end - span.start)
        breaks, used = [], 0
        for part in re.finditer(r"\s*\S+\s*", "".join(letters)):
            cells = line.plain[part.start() : part.end()]
            if used and used + cell_len(cells.rstrip()) > width:
                breaks.append(part.start())
                used = hang
            used += cell_len(cells)
        first, *others = line.divide(breaks)
        lines += [first.rstrip(), *(Content(" " * hang) + other.rstrip() for other in others)]
    return Content("\n").join(lines)


def whole(words: Content) -> Content:
    """The same words, on one line as long as there is room for them."""
    return words.stylize(Style.from_meta({WHOLE: True}))


def link(label: str, action_id: str, *, key: str | None = None, run: str | None = None) -> Content:
    """A word that can be clicked, with the key in force that does the same; `key` and `run` say otherwise where they must."""
    shown = shown_key(action_id) if key is None else key
    meta = Style.from_meta({ACTION: run or BY_ID[action_id].run})
    return Content.assemble((shown, "bold $accent"), " " if shown else "", (label, "underline")).stylize(meta)


def word(label: str, action: str) -> Content:
    """A word that can be clicked; the key that does the same is told elsewhere."""
    return Content.styled(label, "underline").stylize(Style.from_meta({ACTION: action}))


def hint(label: str, key: str, action: str) -> Content:
    """The same without the underline, for the footer."""
    return Content.assemble((key, "bold $accent"), f" {label}").stylize(Style.from_meta({ACTION: action}))

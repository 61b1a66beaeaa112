"""What the queues are narrowed to, and how many conversations are marked: one line above them, there only when it says something."""

from __future__ import annotations

from textual.content import Content

from agentiq_core.domain.filters import QueueFilter
from agentiq_tui.actions import shown_key
from agentiq_tui.locale import _, ngettext
from agentiq_tui.shown import list_line
from agentiq_tui.widgets.still_text import StillText


class FilterLine(StillText):
    """A click opens the filter."""

    def __init__(self) -> None:
        super().__init__(id="filter-line")

    def show(self, narrowed: QueueFilter, words: str, marked: int) -> None:
        """Say what is shown and what is marked; nothing when neither is."""
        parts = []
        if narrowed:
            back = _("{key}: all").format(key=shown_key("back"))
            parts.append(Content.assemble(("▼ ", "bold"), list_line(words), (f" · {back}", "$faint")))
        if marked:
            line = ngettext("✓ {n} marked · {key}", "✓ {n} marked · {key}", marked)
            parts.append(Content.styled(line.format(n=marked, key=shown_key("bulk")), "bold"))
        self.display = bool(parts)
        shown = Content("  ").join(parts)
        # it is said again at every change of the queue: laid out only when it says something else
        if shown != self.content:
            self.update(shown)

    def on_click(self) -> None:
        self.screen.call_later(self.screen.run_action, "filter")

"""The text of a template or of a piece of knowledge while it is written."""

from __future__ import annotations

from textual import events

from agentiq_core.domain.text import inert
from agentiq_tui.actions import Where, bindings
from agentiq_tui.widgets.marked_area import MarkedArea


class SnippetBody(MarkedArea):
    """Enter starts a new line, Tab goes on; Ctrl+N goes to the next word that is underlined."""

    BINDINGS = bindings(Where.SNIPPET_TEXT)

    def __init__(self, text: str) -> None:
        super().__init__(
            text=text,
            id="snippet-body",
            soft_wrap=True,
            compact=True,
            highlight_cursor_line=False,
            tab_behavior="focus",
        )

    def put_in(self, text: str) -> None:
        """Insert a text at the cursor, as one step to undo."""
        self.history.checkpoint()
        result = self.replace(text, *self.selection, maintain_selection_offset=False)
        self.history.checkpoint()
        self.move_cursor(result.end_location)

    def action_next_mark(self) -> None:
        self.go_to_next_mark()

    async def _on_paste(self, event: events.Paste) -> None:
        # a clipboard may hold escape sequences
        event.prevent_default()
        event.stop()
        if result := self._replace_via_keyboard(inert(event.text), *self.selection):
            self.move_cursor(result.end_location)

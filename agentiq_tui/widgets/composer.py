"""The field in which a reply is written. Enter starts a new line and never sends."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import TextArea

from agentiq_core.domain.text import inert
from agentiq_tui.actions import Where, bindings
from agentiq_tui.locale import _
from agentiq_tui.widgets.marked_area import MarkedArea

DRAFT_WORDS = {"saved": lambda: _("saved"), "unsaved": lambda: _("not saved yet")}


class Composer(MarkedArea):
    """A text of any length is taken; one over the marketplace's limit is only shown as such."""

    BINDINGS = bindings(Where.FIELD)

    class Edited(Message):
        """The operator changed the text."""

    class CursorMoved(Message):
        """Another word is under the cursor."""

    def __init__(self) -> None:
        super().__init__(
            id="composer", soft_wrap=True, compact=True, highlight_cursor_line=False, tab_behavior="focus"
        )
        self.limit = 0
        self._programmatic = ""

    def on_mount(self) -> None:
        self.placeholder = _("Your reply…")
        self.show_draft("")

    def show_draft(self, state: str) -> None:
        """In the frame: whether the text is in the database; `state` is one of "", "saved", "unsaved"."""
        word = DRAFT_WORDS[state]() if state else ""
        self.border_title = _("reply") + (f" · {word}" if word else "")

    def put(self, text: str) -> None:
        """Show the text of another chat; nobody has typed it."""
        self._programmatic = text
        if text != self.text:
            self.load_text(text)
            self.move_cursor(self.document.end)
        self.refresh_count()

    def write(self, text: str) -> None:
        """Text the operator asked for (a suggestion, a reply taken back) goes after what is typed; Ctrl+Z takes it out."""
        typed = self.text.rstrip()
        self.rewrite(f"{typed}\n\n{text}" if typed else text, keep=len(typed))

    def rewrite(self, text: str, keep: int = 0) -> None:
        """Give the field this text, which begins with `keep` characters of what is there; Ctrl+Z brings the other back."""
        start = self.place_of(keep)
        self.history.checkpoint()
        self.replace(text[keep:], start, self.document.end, maintain_selection_offset=False)
        self.history.checkpoint()
        self.move_cursor(self.document.end)

    def refresh_count(self) -> None:
        """The counter in the frame; over the limit it says so in words and colour."""
        over = self.limit > 0 and len(self.text) > self.limit
        self.set_class(over, "-over")
        count = f"{len(self.text)}/{self.limit}" if self.limit else str(len(self.text))
        self.border_subtitle = f"{count} " + _("too long") if over else count

    @property
    def over_limit(self) -> bool:
        return self.limit > 0 and len(self.text) > self.limit

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.refresh_count()
        if self.text != self._programmatic:
            self._programmatic = self.text
            self.post_message(self.Edited())

    async def _on_paste(self, event: events.Paste) -> None:
        # a clipboard may hold escape sequences; the rest of the text stays as it was
        event.prevent_default()
        event.stop()
        if result := self._replace_via_keyboard(inert(event.text), *self.selection):
            self.move_cursor(result.end_location)

    def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        self.post_message(self.CursorMoved())

    def action_undo_typing(self) -> None:
        self.action_undo()

    def action_redo_typing(self) -> None:
        self.action_redo()

    def action_next_mark(self) -> None:
        self.go_to_next_mark()

"""The field in which a reply is written. Enter starts a new line and never sends."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import TextArea

from agentiq_core.domain.snippets import LONGEST_NAME
from agentiq_core.domain.text import inert
from agentiq_tui.actions import Where, bindings
from agentiq_tui.locale import _
from agentiq_tui.widgets.marked_area import MarkedArea

LIST_KEYS = ("up", "down", "tab", "enter", "escape")
DRAFT_WORDS = {
    "saved": lambda: _("saved"),
    "unsaved": lambda: _("not saved yet"),
    "kept": lambda: _("kept on this machine"),
}


class Composer(MarkedArea):
    """A text of any length is taken; one over the marketplace's limit is only shown as such."""

    BINDINGS = bindings(Where.FIELD)

    class Edited(Message):
        """The operator changed the text."""

    class CursorMoved(Message):
        """Another word is under the cursor."""

    class SlashChanged(Message):
        """What stands behind the "/" that the cursor's line begins with; None when it begins with none."""

        def __init__(self, typed: str | None) -> None:
            super().__init__()
            self.typed = typed

    class ListKey(Message):
        """A key that belongs to the list under the field."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__(
            id="composer", soft_wrap=True, compact=True, highlight_cursor_line=False, tab_behavior="focus"
        )
        self.limit = 0
        self.choosing = False
        self._slash: str | None = None
        self._programmatic = ""

    def on_mount(self) -> None:
        self.placeholder = _("Your reply…")
        self.show_draft("")

    def show_draft(self, state: str) -> None:
        """In the frame: whether the text is in the database; `state` is one of "", "saved", "unsaved", "kept"."""
        word = DRAFT_WORDS[state]() if state else ""
        title = _("reply") + (f" · {word}" if word else "")
        # setting it draws the whole field, also where it says the same
        if title != self.border_title:
            self.border_title = title

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
        subtitle = f"{count} " + _("too long") if over else count
        if subtitle != self.border_subtitle:
            self.border_subtitle = subtitle

    @property
    def over_limit(self) -> bool:
        return self.limit > 0 and len(self.text) > self.limit

    @property
    def slash(self) -> str | None:
        """What is typed from the "/" at the line's begin to the cursor; None without one, or when it is no name any more."""
        row, column = self.cursor_location
        typed = self.document.get_line(row)[:column]
        return typed[1:] if typed.startswith("/") and column <= LONGEST_NAME else None

    def put_in(self, text: str, *, instead_of: str | None = None) -> None:
        """Insert a text at the cursor; where it was asked for by "/" and `instead_of`, in the place of that. One step to undo."""
        end = self.cursor_location
        asked_here = instead_of is not None and self.slash == instead_of
        start = (end[0], 0) if asked_here else end
        self.history.checkpoint()
        result = self.replace(text, start, end, maintain_selection_offset=False)
        self.history.checkpoint()
        self.move_cursor(result.end_location)

    async def _on_key(self, event: events.Key) -> None:
        if self.choosing and event.key in LIST_KEYS:
            event.prevent_default()
            event.stop()
            self.post_message(self.ListKey(event.key))
            return
        await super()._on_key(event)

    def _tell_slash(self) -> None:
        if self.slash != self._slash:
            self._slash = self.slash
            self.post_message(self.SlashChanged(self._slash))

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.refresh_count()
        self._tell_slash()
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
        self._tell_slash()

    def action_undo_typing(self) -> None:
        self.action_undo()

    def action_redo_typing(self) -> None:
        self.action_redo()

    def action_next_mark(self) -> None:
        self.go_to_next_mark()

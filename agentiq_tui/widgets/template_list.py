"""Templates that fit what is typed behind a "/", in a list under the reply field. It never has the focus."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from agentiq_core.domain.snippets import Snippet
from agentiq_tui.shown import list_line


class TemplateList(OptionList, can_focus=False):
    """The keys come from the field: up and down move, Tab and Enter choose, Esc closes."""

    class Chosen(Message):
        """The operator wants this one."""

        def __init__(self, snippet: Snippet) -> None:
            super().__init__()
            self.snippet = snippet

    def __init__(self) -> None:
        super().__init__(id="templates", markup=False)
        self.snippets: tuple[Snippet, ...] = ()
        self.display = False

    def show(self, snippets: Sequence[Snippet]) -> None:
        """Offer these; none closes the list."""
        if tuple(snippets) == self.snippets:
            return
        self.snippets = tuple(snippets)
        self.clear_options()
        self.add_options([_line(snippet) for snippet in self.snippets])
        self.display = bool(self.snippets)
        if self.snippets:
            self.highlighted = 0

    def press(self, key: str) -> None:
        """A key of the field, of those that are the list's."""
        if key in ("up", "down"):
            step = 1 if key == "down" else -1
            self.highlighted = ((self.highlighted or 0) + step) % len(self.snippets)
        elif key == "escape":
            self.show(())
        elif self.highlighted is not None:
            self.post_message(self.Chosen(self.snippets[self.highlighted]))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self.snippets[event.option_index]))


def _line(snippet: Snippet) -> Content:
    return Content.assemble(
        (list_line(snippet.said.name), "bold"), "  ", (list_line(snippet.said.body), "$faint")
    )

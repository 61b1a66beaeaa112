"""Asking the knowledge base: what is typed is looked for in templates and facts, Enter puts the chosen one into the reply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from agentiq_core.domain.snippets import Snippet, SnippetKind
from agentiq_tui.actions import Where
from agentiq_tui.asking import Latest
from agentiq_tui.locale import _
from agentiq_tui.messages import Failed
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.shown import list_line, steady
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.wording import error_line

Find = Callable[[str], Awaitable[tuple[Snippet, ...]]]
PREVIEW = 1_200
"""Characters of a text that are shown before it is chosen."""


@dataclass
class Found(Message):
    """What fits the words that were typed."""

    snippets: tuple[Snippet, ...]


class KnowledgeScreen(WindowScreen["Snippet | None"], keys=Where.WORDS):
    """Dismissed with the snippet."""

    AUTO_FOCUS = "#choose-words"

    def __init__(self, find: Find) -> None:
        super().__init__()
        self._find = find
        self._found: tuple[Snippet, ...] = ()
        self._latest = Latest(self, self._ask, long=True)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-choose") as dialog:
            dialog.border_title = _("Knowledge base and templates")
            yield Input(id="choose-words", placeholder=_("What do you want to know?"))
            yield OptionList(id="choose-list", markup=False)
            yield Static(id="choose-said")
            links = (link(_("into the reply"), "choose"), link(_("back"), "leave"))
            yield ActionText(Content("   ").join(links), id="dialog-links")

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self._latest.request()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._latest.request(instead=True)

    async def _ask(self) -> Found:
        return Found(await self._find(self.query_one(Input).value))

    @on(Found)
    def _show(self, event: Found) -> None:
        event.stop()
        self._found = event.snippets
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([_line(snippet) for snippet in self._found])
        options.display = bool(self._found)
        if self._found:
            options.highlighted = 0
        else:
            self._say(Content.styled(_("Nothing found"), "$faint"))

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        self._say(Content.styled(f"✗ {error_line(event.error)}", "$error"))

    @on(OptionList.OptionHighlighted)
    def _preview(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_index < len(self._found):
            self._say(Content(steady(self._found[event.option_index].said.body)[:PREVIEW]))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_choose()

    def action_cursor(self, by: int) -> None:
        options = self.query_one(OptionList)
        if self._found:
            options.highlighted = ((options.highlighted or 0) + by) % len(self._found)

    def action_choose(self) -> None:
        place = self.query_one(OptionList).highlighted
        if self._found and place is not None:
            self.dismiss(self._found[place])

    def _say(self, content: Content) -> None:
        self.query_one("#choose-said", Static).update(content)


def _line(snippet: Snippet) -> Content:
    kind = _("fact") if snippet.said.kind is SnippetKind.KNOWLEDGE else _("template")
    return Content.assemble(list_line(snippet.said.name), (f"  {kind}", "$faint"))

"""Asking the knowledge base: what is typed is looked for in templates and facts, Enter puts the chosen one into the reply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList

from agentiq_core.domain.snippets import Snippet, SnippetKind
from agentiq_tui.asking import Latest
from agentiq_tui.locale import _
from agentiq_tui.messages import Failed
from agentiq_tui.screens.picker import PickerScreen
from agentiq_tui.shown import list_line, steady
from agentiq_tui.wording import error_line

Find = Callable[[str], Awaitable[tuple[Snippet, ...]]]
PREVIEW = 1_200
"""Characters of a text that are shown before it is chosen."""


@dataclass
class Found(Message):
    """What fits the words that were typed."""

    snippets: tuple[Snippet, ...]


class KnowledgeScreen(PickerScreen[Snippet]):
    """Dismissed with the snippet."""

    def __init__(self, find: Find) -> None:
        super().__init__()
        self._find = find
        self._found: tuple[Snippet, ...] = ()
        self._latest = Latest(self, self._ask, long=True)

    def compose(self) -> ComposeResult:
        yield from self.frame(
            _("Knowledge base and templates"),
            placeholder=_("What do you want to know?"),
            choose=_("into the reply"),
        )

    def on_mount(self) -> None:
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
        self.offer([_line(snippet) for snippet in self._found])
        if not self._found:
            self.say(Content.styled(_("Nothing found"), "$faint"))

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        self.say(Content.styled(f"✗ {error_line(event.error)}", "$error"))

    @on(OptionList.OptionHighlighted)
    def _preview(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_index < len(self._found):
            self.say(Content(steady(self._found[event.option_index].said.body)[:PREVIEW]))

    def action_choose(self) -> None:
        if self.place is not None:
            self.dismiss(self._found[self.place])


def _line(snippet: Snippet) -> Content:
    kind = _("fact") if snippet.said.kind is SnippetKind.KNOWLEDGE else _("template")
    return Content.assemble(list_line(snippet.said.name), (f"  {kind}", "$faint"))

"""Words a team wrote down once: templates behind a "/" in the reply field, and the knowledge base on a key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual import on

from agentiq_core.domain.snippets import Snippet
from agentiq_core.domain.text import inert
from agentiq_core.domain.views import ChatRef
from agentiq_tui.asking import Latest, ask
from agentiq_tui.locale import _
from agentiq_tui.messages import SnippetFilled, SnippetsFound
from agentiq_tui.screens.writing import WritingScreen
from agentiq_tui.widgets.composer import Composer
from agentiq_tui.widgets.template_list import TemplateList

OFFERED = 8
VARIABLES: dict[str, Callable[[], str]] = {
    "name": lambda: _("buyer's name"),
    "product": lambda: _("good"),
    "order": lambda: _("order number"),
}


class TemplatingScreen(WritingScreen):
    """The part of the desk that fills in what is written already. It changes the field and sends nothing."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self._closed_at: str | None = None
        self._looked_up: str | None = None
        """What was typed behind the "/" when templates were looked up last, with or without an answer."""
        self._templates = Latest(self, self._find_templates, quiet=True)

    @property
    def _list(self) -> TemplateList:
        return self.query_one(TemplateList)

    @on(Composer.SlashChanged)
    def _slash_changed(self, event: Composer.SlashChanged) -> None:
        if event.typed is None:
            self._closed_at = self._looked_up = None
            self._offer(())
        elif self._closed_at is None or not event.typed.startswith(self._closed_at):
            self._closed_at = None
            self._templates.request()

    async def _find_templates(self) -> SnippetsFound | None:
        chat, desk, composer = self.conversation, self.desk, self.chat_pane.composer
        typed = composer.slash if composer is not None else None
        if chat is None or desk is None or typed is None:
            return None
        try:
            found = await desk.snippets.find(chat.ref.seller_id, typed, channel=chat.channel, limit=OFFERED)
        except BaseException:
            # without an answer, or with none in time, what is typed is a text like any other
            self._looked_up = typed
            raise
        return SnippetsFound(chat.ref, typed, found)

    def on_snippets_found(self, event: SnippetsFound) -> None:
        self._looked_up = event.typed
        composer = self.chat_pane.composer
        if composer is not None and event.ref == self.current and composer.slash == event.typed:
            self._offer(event.snippets)

    def _offer(self, snippets: tuple[Snippet, ...]) -> None:
        self._list.show(snippets)
        if self.chat_pane.composer is not None:
            self.chat_pane.composer.choosing = bool(snippets)

    @on(Composer.ListKey)
    def _list_key(self, event: Composer.ListKey) -> None:
        self._list.press(event.key)
        if event.key == "escape" and self.chat_pane.composer is not None:
            self._closed_at = self.chat_pane.composer.slash
            self._offer(())

    @on(TemplateList.Chosen)
    def _chosen(self, event: TemplateList.Chosen) -> None:
        composer, ref = self.chat_pane.composer, self.current
        if composer is not None and ref is not None:
            typed = composer.slash
            self._offer(())
            self._fill(ref, event.snippet, typed)

    def _fill(self, ref: ChatRef, snippet: Snippet, typed: str | None) -> None:
        desk = self.desk
        if desk is None:
            return

        async def fill() -> SnippetFilled:
            return SnippetFilled(ref, typed, await desk.snippets.fill(ref, snippet))

        ask(self, fill)

    def on_snippet_filled(self, event: SnippetFilled) -> None:
        composer = self.chat_pane.composer
        if event.ref != self.current or composer is None or composer.read_only:
            return
        composer.put_in(inert(event.filled.text), instead_of=event.typed)
        self.focus_composer()
        if event.filled.missing:
            names = ", ".join(
                VARIABLES[name]() if name in VARIABLES else name for name in event.filled.missing
            )
            self.hint(_("Not known here, so left out: {names}").format(names=names))

    def action_knowledge(self) -> None:
        """Look something up, and put it into the reply where the cursor is."""
        # its list is imported when first asked for: the first frame does not need it
        from agentiq_tui.screens.knowledge import KnowledgeScreen

        chat, desk = self.conversation, self.desk
        if chat is None or desk is None or self.app.screen is not self:
            return
        if self.read_only:
            self.hint(_("Your role may only read"))
            return
        ref = chat.ref

        async def find(words: str) -> tuple[Snippet, ...]:
            return await desk.snippets.find(ref.seller_id, words, kind=None, channel=chat.channel)

        def chosen(snippet: Snippet | None) -> None:
            if snippet is not None:
                self._fill(ref, snippet, None)

        self.app.push_screen(KnowledgeScreen(find), chosen)

    def action_send(self) -> None:
        composer = self.chat_pane.composer
        if self._list.display:
            self.hint(_("Choose a template (Enter) or close the list (Esc), then send"))
        elif composer is not None and composer.text.strip() == "/":
            self.hint(_("Not sent: “/” asks for a template, and is no reply"))
        elif composer is not None and self._is_being_looked_up(composer.slash):
            self.hint(_("Not sent: templates are being looked up. Press again"))
        else:
            super().action_send()

    def _is_being_looked_up(self, typed: str | None) -> bool:
        if typed is None or (self._closed_at is not None and typed.startswith(self._closed_at)):
            return False
        return typed != self._looked_up

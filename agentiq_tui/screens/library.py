"""A shop's templates and knowledge: looked through by words, written, changed, put away."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from agentiq_core.domain.snippets import Snippet, SnippetKind
from agentiq_core.domain.views import Conversation, SellerStatus
from agentiq_tui.actions import Where, shown_key
from agentiq_tui.asking import Latest, ask
from agentiq_tui.explain import explain
from agentiq_tui.library_messages import LibraryFetched, SnippetArchived, SnippetRestored
from agentiq_tui.locale import _, mark
from agentiq_tui.messages import Failed
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.shown import fitted, list_line, steady, steady_line
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.widgets.heading import heading
from agentiq_tui.wording import CHANNELS, INTENTS, marketplace_short, said

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

MOST = 500
"""Snippets that a search by words brings."""
KINDS: dict[SnippetKind | None, str] = {
    None: mark("templates and knowledge"),
    SnippetKind.TEMPLATE: mark("templates only"),
    SnippetKind.KNOWLEDGE: mark("knowledge only"),
}
SHORT = {SnippetKind.TEMPLATE: mark("template"), SnippetKind.KNOWLEDGE: mark("fact")}
NAME_WIDTH = 28


class LibraryScreen(WindowScreen[None], keys=Where.LIBRARY):
    """Enter changes, a adds, d puts away, / searches, F2 turns the kind, F3 shows those put away, where r brings one back.
    Templates are for who may write, knowledge for admins.

    `chat` is the open conversation, if it is of this shop: texts are previewed on it.
    """

    AUTO_FOCUS = "#library-list"

    def __init__(self, desk: Desk, shop: SellerStatus, chat: Conversation | None) -> None:
        super().__init__()
        self._desk = desk
        self.shop = shop
        self._chat = chat
        self.kind: SnippetKind | None = None
        self.put_away = False
        """Whether those are shown that are used no more."""
        self.snippets: tuple[Snippet, ...] = ()
        self._wanted: int | None = None
        self._latest = Latest(self, self._fetch, long=True)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-rules") as dialog:
            shop = f"{marketplace_short(self.shop.marketplace)} {steady_line(self.shop.name)}"
            dialog.border_title = heading(_("Templates and knowledge: {shop}").format(shop=shop))
            with Horizontal(id="library-row"):
                yield ActionText(self._shown_links(), id="library-kind")
                yield Input(
                    placeholder=_("{key} search by words").format(key=shown_key("library_search")),
                    id="library-words",
                    compact=True,
                )
            yield OptionList(id="library-list", classes="find-list", markup=False)
            yield Static(id="library-text")
            yield Static(id="library-said")
            yield ActionText(self._links(), id="dialog-links")

    def on_mount(self) -> None:
        self._latest.request()

    def may_write(self, kind: SnippetKind) -> bool:
        """Whether whoever works here may write snippets of this kind."""
        who = self._desk.who
        return who.may_write and (kind is SnippetKind.TEMPLATE or who.may_manage)

    @property
    def current(self) -> Snippet | None:
        """The snippet under the cursor."""
        place = self._list.highlighted
        return self.snippets[place] if place is not None and place < len(self.snippets) else None

    @property
    def _list(self) -> OptionList:
        return self.query_one("#library-list", OptionList)

    @property
    def _words(self) -> Input:
        return self.query_one("#library-words", Input)

    def _shown_links(self) -> Content:
        shelf = _("those put away") if self.put_away else _("those in use")
        return Content("  ").join([link(_(KINDS[self.kind]), "library_kind"), link(shelf, "library_shelf")])

    def _links(self) -> Content:
        links = [link(_("search"), "library_search"), link(_("back"), "leave")]
        if self.may_write(SnippetKind.TEMPLATE) and self.put_away:
            links = [link(_("bring back"), "library_restore"), *links]
        elif self.may_write(SnippetKind.TEMPLATE):
            change = (
                link(_("edit"), "list_edit"),
                link(_("add"), "list_add"),
                link(_("put away"), "list_remove"),
            )
            links = [*change, *links]
        return Content("   ").join(links)

    @on(Input.Changed)
    def _typed(self) -> None:
        self._latest.request(instead=True)

    async def _fetch(self) -> LibraryFetched:
        words, kind, seller, put_away = self._words.value, self.kind, self.shop.seller_id, self.put_away
        if put_away:
            every = await self._desk.snippets.list(seller, kind, archived=True)
            found = tuple(one for one in every if one.archived_at is not None and _holds(one, words))
        elif words.strip():
            found = await self._desk.snippets.find(seller, words, kind=kind, limit=MOST)
        else:
            found = await self._desk.snippets.list(seller, kind)
        return LibraryFetched(words, kind, put_away, found)

    def on_library_fetched(self, event: LibraryFetched) -> None:
        if (event.words, event.kind, event.put_away) != (self._words.value, self.kind, self.put_away):
            return
        kept = self._wanted if self._wanted is not None else (self.current.id if self.current else None)
        self._wanted = None
        self.snippets = event.snippets
        self._list.clear_options()
        self._list.add_options([_line(snippet) for snippet in self.snippets])
        places = [snippet.id for snippet in self.snippets]
        if places:
            self._list.highlighted = places.index(kept) if kept in places else 0
        self._show_text()

    @on(OptionList.OptionHighlighted)
    def _show_text(self) -> None:
        snippet = self.current
        if snippet is not None:
            text = Content(steady(snippet.said.body))
        elif self._words.value.strip():
            text = Content.styled(_("Nothing found"), "$faint")
        elif self.put_away:
            text = Content.styled(_("Nothing was put away"), "$faint")
        else:
            text = Content.styled(_("Nothing is written down here yet"), "$faint")
        self.query_one("#library-text", Static).update(text)

    def action_turn_kind(self) -> None:
        """Both kinds, templates only, knowledge only."""
        kinds = list(KINDS)
        self.kind = kinds[(kinds.index(self.kind) + 1) % len(kinds)]
        self._turned()

    def action_turn_shelf(self) -> None:
        """Those in use, or those put away."""
        self.put_away = not self.put_away
        self._turned()

    def _turned(self) -> None:
        self.query_one("#library-kind", ActionText).update(self._shown_links())
        self.query_one("#dialog-links", ActionText).update(self._links())
        self._latest.request(instead=True)

    def action_restore(self) -> None:
        """Use the snippet under the cursor again."""
        snippet = self.current
        if self.put_away and snippet is not None and self._may(snippet.said.kind):
            ask(self, partial(self._restore, snippet))

    async def _restore(self, snippet: Snippet) -> SnippetRestored:
        await self._desk.snippets.restore(snippet.seller_id, snippet.id)
        return SnippetRestored(snippet)

    def on_snippet_restored(self, event: SnippetRestored) -> None:
        self._say("✓ " + _("In use again: {name}").format(name=list_line(event.snippet.said.name)))
        self._latest.request()

    def action_search(self) -> None:
        self._words.focus()

    def action_edit(self) -> None:
        """Change the snippet under the cursor."""
        snippet = self.current
        if self.put_away:
            self._say(_("Bring it back first: {key}").format(key=shown_key("library_restore")))
        elif snippet is not None and self._may(snippet.said.kind):
            self._open(snippet)

    def action_add(self) -> None:
        """Write a new one, of the kind that is shown."""
        kind = self.kind or SnippetKind.TEMPLATE
        if not self.put_away and self._may(kind):
            self._open(None, kind)

    def _open(self, snippet: Snippet | None, kind: SnippetKind = SnippetKind.TEMPLATE) -> None:
        from agentiq_tui.screens.snippet import SnippetScreen

        kinds = tuple(one for one in SnippetKind if self.may_write(one))

        def written(snippet_id: int | None) -> None:
            if snippet_id is not None:
                self._wanted = snippet_id
                self._say("✓ " + _("Written down"))
            self._latest.request()

        self.app.push_screen(
            SnippetScreen(self._desk, self.shop, self._chat, snippet, kind=kind, kinds=kinds), written
        )

    def action_remove(self) -> None:
        """Use the snippet under the cursor no more, after a second word."""
        snippet = self.current
        if snippet is None or self.put_away or not self._may(snippet.said.kind):
            return

        def answered(yes: bool | None) -> None:
            if yes:
                ask(self, partial(self._archive, snippet))

        lines = Content(
            _("“{name}” is offered and stated no more. {key} shows it among those put away.").format(
                name=list_line(snippet.said.name), key=shown_key("library_shelf")
            )
        )
        self.app.push_screen(ConfirmScreen(_("Put away?"), lines, _("put away"), back=_("back")), answered)

    async def _archive(self, snippet: Snippet) -> SnippetArchived:
        await self._desk.snippets.archive(snippet.seller_id, snippet.id)
        return SnippetArchived(snippet.said.name)

    def on_snippet_archived(self, event: SnippetArchived) -> None:
        self._say("✓ " + _("Put away: {name}").format(name=list_line(event.name)))
        self._latest.request()

    def _may(self, kind: SnippetKind) -> bool:
        if not self._desk.who.may_write:
            self._say(_("Your role may only read"), error=True)
        elif not self.may_write(kind):
            self._say(_("Knowledge is written by admins and owners"), error=True)
        return self.may_write(kind)

    def on_failed(self, event: Failed) -> None:
        self._say(f"✗ {explain(event.error)}", error=True)

    def _say(self, line: str, *, error: bool = False) -> None:
        said_here = self.query_one("#library-said", Static)
        said_here.update(Content(line))
        said_here.set_class(error, "-error")

    def action_leave(self) -> None:
        """From the words to the list, then back to the desk."""
        if self._words.has_focus:
            self._list.focus()
        else:
            self.dismiss(None)


def _holds(snippet: Snippet, words: str) -> bool:
    """Whether these words stand in it, as they are typed."""
    return words.strip().casefold() in f"{snippet.said.name}\n{snippet.said.body}".casefold()


def _line(snippet: Snippet) -> Content:
    what = snippet.said
    where = [
        said(INTENTS, what.intent) if what.intent else "",
        _(CHANNELS[what.channel]) if what.channel in CHANNELS else "",
    ]
    notes = " · ".join(filter(None, where))
    fact = what.kind is SnippetKind.KNOWLEDGE
    return Content.assemble(
        f" {fitted(list_line(what.name), NAME_WIDTH)} ",
        (fitted(_(SHORT[what.kind]), 8), "$accent" if fact else "$faint"),
        f" {notes}  " if notes else " ",
        (list_line(what.body), "$faint"),
    )

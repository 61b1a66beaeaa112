"""Narrowing the queues: a short text with completion, and filters that were saved under a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from agentiq_core.domain.errors import BadFilter
from agentiq_core.domain.filters import Names, QueueFilter, parsed
from agentiq_core.domain.team import SavedView
from agentiq_tui.actions import Where
from agentiq_tui.asking import ask
from agentiq_tui.filter_words import FilterWord, completed, matching, names, words
from agentiq_tui.locale import _
from agentiq_tui.messages import Failed, FilterWordsFetched, ViewsChanged
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.shown import list_line
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.wording import error_line

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk


class FilterScreen(WindowScreen["QueueFilter | None"], keys=Where.FILTER):
    """Enter narrows by what stands in the field; the arrows and Tab complete it. Saved views stand first while it is empty.

    F2 saves what stands there under a name, Delete forgets the view under the cursor. An empty field widens again.
    """

    AUTO_FOCUS = "#filter-words"

    def __init__(self, desk: Desk, narrowed: QueueFilter, words: str) -> None:
        super().__init__()
        self.words = words if narrowed else ""
        """How the filter was written that was chosen."""
        self._desk = desk
        self._before = list_line(self.words)
        self._names = Names()
        self._known: list[FilterWord] = []
        self._views: tuple[SavedView, ...] = ()
        self._listed: list[SavedView | FilterWord] = []
        self._pointed = False
        self._naming: QueueFilter | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-choose") as dialog:
            dialog.border_title = _("Show only")
            yield Input(self._before, id="filter-words", placeholder=_("words of a filter, or nothing"))
            yield OptionList(id="choose-list", markup=False)
            yield Static(id="choose-said")
            yield ActionText(self._links(), id="dialog-links")

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self._fetch()

    def _links(self) -> Content:
        if self._naming is not None:
            return Content("   ").join([link(_("save"), "choose"), link(_("back"), "leave")])
        links = [link(_("show"), "choose"), link(_("complete"), "complete")]
        if self._desk.who.may_write:
            links += [link(_("save view"), "filter_save"), link(_("forget view"), "filter_forget")]
        return Content("   ").join([*links, link(_("back"), "leave")])

    def _fetch(self) -> None:
        async def known() -> FilterWordsFetched:
            colleagues = await self._desk.colleagues.every()
            tags = await self._desk.tags.of()
            sellers = (await self._desk.overview()).sellers
            return FilterWordsFetched(colleagues, tags, sellers, await self._desk.views.every())

        ask(self, known)

    def on_filter_words_fetched(self, event: FilterWordsFetched) -> None:
        self._names = names(event.colleagues)
        self._known = words(event.colleagues, event.tags, event.sellers)
        self._views = tuple(event.views)
        self.query_one(Input).select_all()
        self._list()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._say("")
        self._list()

    def _list(self) -> None:
        typed = self._begun()
        self._pointed = False
        if self._naming is not None:
            self._listed = []
        else:
            views: Sequence[SavedView | FilterWord] = (
                self._views if not typed.strip() or typed != self.query_one(Input).value else ()
            )
            self._listed = [*views, *matching(self._known, typed)]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([self._line(one) for one in self._listed])
        options.display = bool(self._listed)

    def _begun(self) -> str:
        """What is typed; behind a filter that stands as it was found the next word begins."""
        text = self.query_one(Input).value
        return f"{text} " if text and text == self._before else text

    def _line(self, one: SavedView | FilterWord) -> Content:
        if isinstance(one, FilterWord):
            return Content.assemble(
                (list_line(one.word), "$accent"), (f"  {list_line(one.meaning)}", "$faint")
            )
        words = [list_line(one.filter.text(self._names)), *([_("shared")] if one.shared else [])]
        return Content.assemble((f"▣ {list_line(one.name)}", "bold"), (f"  {' · '.join(words)}", "$faint"))

    @property
    def _current(self) -> SavedView | FilterWord | None:
        place = self.query_one(OptionList).highlighted
        return self._listed[place] if place is not None and place < len(self._listed) else None

    def action_cursor(self, by: int) -> None:
        if not self._listed:
            return
        options = self.query_one(OptionList)
        start = (
            options.highlighted if self._pointed and options.highlighted is not None else -1 if by > 0 else 0
        )
        options.highlighted = (start + by) % len(self._listed)
        self._pointed = True

    @on(OptionList.OptionSelected)
    def _clicked(self) -> None:
        self._pointed = True
        self.action_choose()

    def action_complete(self) -> None:
        """Put the word under the cursor, or the first that fits, into the field."""
        word = self._current if self._pointed else next(iter(self._listed), None)
        if isinstance(word, FilterWord):
            self._put(completed(self._begun(), word))
        elif isinstance(word, SavedView):
            self._put(word.filter.text(self._names))

    def _put(self, text: str) -> None:
        field = self.query_one(Input)
        field.value = text
        field.cursor_position = len(text)

    def action_choose(self) -> None:
        """A word under the cursor completes, a view there is shown, else what stands in the field."""
        if self._naming is not None:
            self._keep(self._naming)
            return
        current = self._current if self._pointed else None
        if isinstance(current, FilterWord):
            self.action_complete()
        elif isinstance(current, SavedView):
            self._choose(current.filter, current.filter.text(self._names))
        elif (narrowed := self._parsed()) is not None:
            self._choose(narrowed, self.query_one(Input).value)

    def _choose(self, narrowed: QueueFilter, words: str) -> None:
        self.words = " ".join(words.split())
        self.dismiss(narrowed)

    def _parsed(self) -> QueueFilter | None:
        try:
            return parsed(self.query_one(Input).value, self._names)
        except BadFilter as error:
            self._say(error_line(error))
            return None

    def action_save(self) -> None:
        """Ask for the name of what stands in the field."""
        narrowed = self._parsed()
        if self._naming is not None or narrowed is None or not self._desk.who.may_write:
            return
        if not narrowed:
            self._say(_("There is nothing to save: the field is empty"))
            return
        self._naming = narrowed
        self._begin(_("Name of the view"), "")

    def _begin(self, title: str, text: str) -> None:
        self.query_one("#dialog", Vertical).border_title = title
        self.query_one(ActionText).update(self._links())
        self._put(text)
        self._list()

    def _keep(self, narrowed: QueueFilter) -> None:
        name = self.query_one(Input).value

        async def save() -> ViewsChanged:
            await self._desk.views.save(name, narrowed)
            return ViewsChanged(await self._desk.views.every(), narrowed)

        ask(self, save)

    def action_forget(self) -> None:
        """Forget the view under the cursor."""
        current = self._current if self._pointed else None
        if self._naming is not None or not isinstance(current, SavedView):
            return

        async def forget() -> ViewsChanged:
            await self._desk.views.remove(current.ref)
            return ViewsChanged(await self._desk.views.every())

        ask(self, forget)

    def on_views_changed(self, event: ViewsChanged) -> None:
        self._views = tuple(event.views)
        if event.saved is not None:
            self._choose(event.saved, event.saved.text(self._names))
        else:
            self._list()

    def on_failed(self, event: Failed) -> None:
        self._say(error_line(event.error))

    def _say(self, line: str) -> None:
        self.query_one("#choose-said", Static).update(Content.styled(f"✗ {line}" if line else "", "$error"))

    def action_leave(self) -> None:
        """Back to the filter from the name, then out without a change."""
        if self._naming is None:
            self.dismiss(None)
            return
        narrowed, self._naming = self._naming, None
        self._begin(_("Show only"), narrowed.text(self._names))

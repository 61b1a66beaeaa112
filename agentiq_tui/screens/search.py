"""Searching everything that was written: results while the words are typed, Enter goes to the message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from agentiq_core.domain.messages import Author
from agentiq_core.domain.search import SearchHit, SearchKey
from agentiq_core.domain.views import ChatRef
from agentiq_tui.actions import Where
from agentiq_tui.asking import Latest, ask
from agentiq_tui.locale import _, ngettext
from agentiq_tui.messages import Failed, SearchFetched
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.shown import list_line
from agentiq_tui.timing import clock_time, day
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.wording import channel_line, error_line, marketplace_short

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

PAGE = 40
MARGIN = 8
"""How near the end of what is loaded the next page is asked for."""


class SearchScreen(WindowScreen[SearchHit | tuple[ChatRef, ...] | None], keys=Where.SEARCH):
    """The arrows move through the results while the words stay in the field; Enter chooses one, F6 all that are shown, Esc
    leaves.

    Opened again it begins with the words of the last time, marked, so that typing replaces them.
    """

    AUTO_FOCUS = "#search-words"

    def __init__(self, desk: Desk, clock: Callable[[], datetime], words: str = "") -> None:
        super().__init__()
        self.words = words
        self._desk = desk
        self._clock = clock
        self._hits: list[SearchHit] = []
        self._shown = ""
        self._meant: str | None = None
        self._after: SearchKey | None = None
        self._fetching = False
        self._search = Latest(self, self._fetch, long=True)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-search") as dialog:
            dialog.border_title = _("Search")
            yield Input(
                self.words, id="search-words", placeholder=_("words, “a phrase”, a buyer, an order number")
            )
            yield OptionList(id="search-list", markup=False)
            yield Static(id="search-said")
            links = (
                link(_("open"), "choose"),
                link(_("something with all that are shown"), "search_every"),
                link(_("back"), "leave"),
            )
            yield ActionText(Content("   ").join(links), id="dialog-links")

    def on_mount(self) -> None:
        self.query_one("#search-list").can_focus = False
        if self.words:
            self.query_one(Input).select_all()
            self._search.request()

    @property
    def current(self) -> SearchHit | None:
        """The result under the cursor."""
        place = self._list.highlighted
        return self._hits[place] if place is not None and place < len(self._hits) else None

    @property
    def counted(self) -> str:
        """How many conversations are shown, and whether that is all."""
        n = len(self._hits)
        if self.more:
            return ngettext("{n} shown, there are more", "{n} shown, there are more", n).format(n=n)
        return ngettext("{n} conversation", "{n} conversations", n).format(n=n)

    @property
    def more(self) -> bool:
        """Whether more was found than is shown."""
        return self._after is not None or self._fetching

    @property
    def _list(self) -> OptionList:
        return self.query_one("#search-list", OptionList)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.words = event.value
        self._search.request(instead=True)

    async def _fetch(self) -> SearchFetched:
        words = self.words
        return SearchFetched(words, await self._desk.search.find(words, limit=PAGE), first=True)

    def _fetch_more(self) -> None:
        after, self._after, self._fetching = self._after, None, True
        words = self._shown
        seen = frozenset(hit.ref for hit in self._hits)

        async def more() -> SearchFetched:
            try:
                page = await self._desk.search.find(self._meant or words, after=after, limit=PAGE, seen=seen)
            except BaseException:
                # also when the answer took too long: the same page may be asked for again
                self._after, self._fetching = after, False
                raise
            return SearchFetched(words, page, first=False)

        ask(self, more, long=True)

    def on_search_fetched(self, event: SearchFetched) -> None:
        if event.first:
            self._shown, self._meant, self._hits = event.words, event.page.meant, []
            self._list.clear_options()
        elif event.words != self._shown:
            return
        self._hits += event.page.hits
        self._after, self._fetching = event.page.after, False
        self._list.add_options([self._lines(hit) for hit in event.page.hits])
        if event.first and self._hits:
            self._list.highlighted = 0
        self._say(self._account(behind=event.page.behind))

    def _account(self, *, behind: bool) -> Content:
        """What the list does not say by itself."""
        notes = []
        if self._meant is not None:
            notes.append(
                _("Nothing was found for this; shown is “{meant}”").format(
                    meant=list_line(self._meant.strip())
                )
            )
        elif self._shown.strip() and not self._hits:
            notes.append(_("Nothing was found"))
        if self._hits:
            notes.append(self.counted)
        if behind:
            notes.append(_("Some messages are still being indexed: they cannot be found yet"))
        return Content.styled(" · ".join(notes), "$faint")

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        if self._after is not None and event.option_index >= len(self._hits) - MARGIN:
            self._fetch_more()

    @on(OptionList.OptionSelected)
    def _clicked(self) -> None:
        self.action_choose()

    def _lines(self, hit: SearchHit) -> Content:
        now = self._clock()
        kind = channel_line(hit.channel, hit.stars)
        who = " · ".join(
            list_line(part)
            for part in (marketplace_short(hit.marketplace), kind, hit.buyer_name or _("Buyer"), hit.product)
            if part
        )
        ours = hit.message is not None and hit.author is not Author.BUYER
        who_said = _("we:") + " " if ours else ""
        return Content.assemble(
            ("● " if hit.needs_reply else "  ", "$warning bold"),
            (f"{day(hit.sent_at, now)} {clock_time(hit.sent_at)}", "$faint"),
            f"  {who}\n    ",
            (who_said, "$faint"),
            _marked(hit),
        )

    def action_cursor(self, by: int) -> None:
        """The cursor goes on, from the first result to the last of those loaded."""
        if self._hits:
            place = self._list.highlighted or 0
            self._list.highlighted = min(max(place + by, 0), len(self._hits) - 1)

    def action_choose(self) -> None:
        """Open the conversation under the cursor; not before the results are those of the words typed."""
        if self.current is not None and self._shown == self.words:
            self.dismiss(self.current)

    def action_every(self) -> None:
        """Something is to be done with every conversation that is shown; what lies on further pages is not touched."""
        if self._hits and self._shown == self.words:
            self.dismiss(tuple(hit.ref for hit in self._hits))

    def on_failed(self, event: Failed) -> None:
        self._say(Content.styled(f"✗ {error_line(event.error)}", "$error"))

    def _say(self, line: Content) -> None:
        self.query_one("#search-said", Static).update(line)


def _marked(hit: SearchHit) -> Content:
    """The excerpt with its finds in bold; each stretch is made harmless by itself, so that the marks stay where they are."""
    parts: list[tuple[str, str] | str] = []
    at = 0
    for start, end in hit.spans:
        parts += [
            _stretch(hit.excerpt[at:start]),
            (_stretch(hit.excerpt[start:end]), "$accent bold underline"),
        ]
        at = end
    return Content.assemble(*parts, _stretch(hit.excerpt[at:]))


def _stretch(text: str) -> str:
    """Part of a line: the space at its ends stays."""
    before = " " if text[:1].isspace() else ""
    after = " " if len(text) > 1 and text[-1:].isspace() else ""
    return f"{before}{list_line(text)}{after}"

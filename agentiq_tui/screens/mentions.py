"""Notes that name the operator, newest first: Enter goes to where one stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from agentiq_core.domain.team import MentionView
from agentiq_core.domain.text import inert
from agentiq_tui.actions import Where
from agentiq_tui.asking import ask
from agentiq_tui.finding_messages import MentionsFetched
from agentiq_tui.locale import _
from agentiq_tui.messages import Failed
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.shown import list_line
from agentiq_tui.timing import clock_time, day
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.wording import error_line

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

PAGE = 50
MARGIN = 8
"""How near the end of what is loaded the next page is asked for."""


class MentionsScreen(WindowScreen["MentionView | None"], keys=Where.LIST):
    """Dismissed with the note to go to. What was not read yet has a dot before it, and is read once it was gone to."""

    AUTO_FOCUS = "#mentions-list"

    def __init__(self, desk: Desk, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._desk = desk
        self._clock = clock
        self._mentions: list[MentionView] = []
        self._complete = False
        self._asking = False

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-search") as dialog:
            dialog.border_title = _("Notes that name you")
            yield OptionList(id="mentions-list", classes="find-list", markup=False)
            yield Static(id="mentions-note")
            yield Static(id="mentions-said")
            links = (link(_("go to it"), "choose"), link(_("back"), "leave"))
            yield ActionText(Content("   ").join(links), id="dialog-links")

    def on_mount(self) -> None:
        self._fetch()

    @property
    def current(self) -> MentionView | None:
        """The note under the cursor."""
        place = self._list.highlighted
        return self._mentions[place] if place is not None and place < len(self._mentions) else None

    @property
    def _list(self) -> OptionList:
        return self.query_one("#mentions-list", OptionList)

    def _fetch(self) -> None:
        if self._asking or self._complete:
            return
        self._asking = True
        before = self._mentions[-1].note.created_at if self._mentions else None

        async def fetch() -> MentionsFetched:
            try:
                found = await self._desk.notes.mentions(before=before, limit=PAGE)
            finally:
                # without an answer the same page may be asked for again
                self._asking = False
            return MentionsFetched(found, first=before is None)

        ask(self, fetch, long=True)

    def on_mentions_fetched(self, event: MentionsFetched) -> None:
        self._complete = len(event.mentions) < PAGE
        self._mentions = [*([] if event.first else self._mentions), *event.mentions]
        self._list.add_options([self._line(mention) for mention in event.mentions])
        if event.first and self._mentions:
            self._list.highlighted = 0
        elif not self._mentions:
            self._say(Content.styled(_("Nobody has named you in a note yet"), "$faint"))

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        if self.current is not None:
            self.query_one("#mentions-note", Static).update(Content(inert(self.current.note.text)))
        if event.option_index >= len(self._mentions) - MARGIN:
            self._fetch()

    @on(OptionList.OptionSelected)
    def _clicked(self) -> None:
        self.action_choose()

    def _line(self, mention: MentionView) -> Content:
        note = mention.note
        kind = " · " + _("handed over") if note.handover else ""
        buyer = list_line(mention.buyer_name or _("Buyer"))
        return Content.assemble(
            ("● " if mention.seen_at is None else "  ", "$warning bold"),
            (f"{day(note.created_at, self._clock())} {clock_time(note.created_at)}", "$faint"),
            f"  {list_line(note.author)} · {buyer}{kind}\n    ",
            (list_line(note.text), "bold" if mention.seen_at is None else ""),
        )

    def action_choose(self) -> None:
        """Go to the note under the cursor."""
        if self.current is not None:
            self.dismiss(self.current)

    def on_failed(self, event: Failed) -> None:
        self._say(Content.styled(f"✗ {error_line(event.error)}", "$error"))

    def _say(self, line: Content) -> None:
        self.query_one("#mentions-said", Static).update(line)

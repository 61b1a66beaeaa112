"""A list over the desk with what stands around it: figures, lines of the log, shops, intents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static

from agentiq_core.domain.errors import SignInNeeded
from agentiq_tui.asking import Latest, start, waited_for
from agentiq_tui.explain import explain
from agentiq_tui.locale import _
from agentiq_tui.messages import Failed, SignInWanted
from agentiq_tui.messages_office import OfficeDone, OfficeFetched, OfficeTold
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.unforeseen import explained
from agentiq_tui.widgets.action_text import ActionText

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

Row = TypeVar("Row")


class OfficeListScreen(WindowScreen[None], Generic[Row]):
    """j and k move, Esc leaves; the keys of each screen stand at its foot."""

    AUTO_FOCUS = "#office-list"
    kind = ""
    """A class of its own for the style sheet."""

    def __init__(self, desk: Desk, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._desk = desk
        self.clock = clock
        self.rows: tuple[Row, ...] = ()
        self.facts: Any = None
        self.loaded = False
        self.busy = False
        self._latest = Latest(self, self.fetch, long=True)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes=f"-office {self.kind}") as dialog:
            dialog.border_title = self.heading()
            yield ActionText(id="office-head")
            yield from self.above()
            yield Static(id="office-columns")
            yield OptionList(id="office-list", markup=False)
            yield VerticalScroll(Static(id="office-detail"), id="office-detail-scroll", can_focus=False)
            yield Static(id="office-said")
            yield ActionText(id="dialog-links")

    def on_mount(self) -> None:
        self.request()

    # what each list is of

    def heading(self) -> str:
        """What the list is of."""
        raise NotImplementedError

    async def fetch(self) -> OfficeFetched:
        """The lines and what stands around them."""
        raise NotImplementedError

    def above(self) -> Sequence[Widget]:
        """What stands between the head and the list."""
        return ()

    def took(self, facts: Any) -> None:
        """What stands around the lines was read."""

    def head(self) -> Content:
        """What stands over the list."""
        return Content("")

    def columns(self) -> Content:
        """What the columns of the list are."""
        return Content("")

    def row(self, row: Row) -> Content:
        """A line of the list."""
        raise NotImplementedError

    def key(self, row: Row) -> Hashable:
        """What makes it the same line when the list is read again."""
        raise NotImplementedError

    def detail(self, row: Row) -> Content:
        """All about the line under the cursor."""
        raise NotImplementedError

    def empty(self) -> str:
        """What is said where there are no lines."""
        raise NotImplementedError

    def link_line(self) -> list[Content]:
        """The words at the foot that can be clicked."""
        raise NotImplementedError

    # what all lists do

    @property
    def may_change(self) -> bool:
        """Whether whoever works here manages shops."""
        return self._desk.who.may_manage

    @property
    def listed(self) -> OptionList:
        """The list itself."""
        return self.query_one("#office-list", OptionList)

    @property
    def place(self) -> int | None:
        """Where the cursor is."""
        place = self.listed.highlighted
        return place if place is not None and place < len(self.rows) else None

    @property
    def current(self) -> Row | None:
        """The line under the cursor."""
        return None if self.place is None else self.rows[self.place]

    @property
    def line_width(self) -> int:
        """Cells of a line of the list."""
        return max(20, self.listed.scrollable_content_region.width - 2)

    def request(self) -> None:
        """Read the list anew."""
        self._latest.request()

    def on_office_fetched(self, event: OfficeFetched) -> None:
        if not self.loaded:
            self.say("")
        self.loaded = True
        if event.facts is not None:
            self.facts = event.facts
            self.took(event.facts)
        if event.first:
            self.show(event.rows)
        else:
            self.rows = (*self.rows, *event.rows)
            self.listed.add_options([self.row(row) for row in event.rows])

    def show(self, rows: Sequence[Row]) -> None:
        """These lines from now on; the cursor stays on its line, or in its place."""
        current, place = self.current, self.listed.highlighted or 0
        key = None if current is None else self.key(current)
        self.rows = tuple(rows)
        dialog = self.query_one("#dialog", Vertical)
        dialog.border_title = self.heading()
        for name, content in (("#office-head", self.head()), ("#office-columns", self.columns())):
            part = self.query_one(name, Static)
            part.update(content)
            part.display = bool(content.plain)
        self.show_links()
        self.listed.clear_options()
        self.listed.add_options([self.row(row) for row in self.rows])
        keys = [self.key(row) for row in self.rows]
        if keys:
            self.listed.highlighted = keys.index(key) if key in keys else min(place, len(keys) - 1)
        self.show_detail()

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        self.show_detail()
        self.moved()

    def moved(self) -> None:
        """The cursor went to another line."""

    def show_links(self) -> None:
        """What may be done now."""
        self.query_one("#dialog-links", ActionText).update(Content("   ").join(self.link_line()))

    def show_detail(self) -> None:
        """Say what the line under the cursor is about."""
        current = self.current
        empty = Content.styled(self.empty() if self.loaded else "", "$faint")
        self.query_one("#office-detail", Static).update(empty if current is None else self.detail(current))

    def on_resize(self, event: events.Resize) -> None:
        # lines are cut to the width of the list
        if self.loaded:
            self.call_after_refresh(self.show, self.rows)

    def work(self, line: str, question: Callable[[], Awaitable[str]], *, at_once: bool = False) -> bool:
        """Do something, however long it takes, and say its line; False while something else runs, unless it is to be `at_once`."""
        if self.busy and not at_once:
            self.say(_("Wait: something still runs"))
            return False
        self.busy = True
        self.say(line)

        async def do() -> None:
            try:
                with waited_for(self):
                    self.post_message(OfficeDone(await question()))
            except Exception as error:  # noqa: BLE001 - whatever it was, one line says it and the list stays
                told = explained(error)
                if isinstance(told, SignInNeeded):
                    self.post_message(SignInWanted(told))
                self.post_message(OfficeDone(explain(told), error=True))

        start(self, do, group="office")
        return True

    def allowed(self) -> bool:
        """Whether who works here may change this; it is said where not."""
        if not self.may_change:
            self.say(_("Only admins and owners change this"), error=True)
        return self.may_change

    def on_office_told(self, event: OfficeTold) -> None:
        self.say(f"… {event.line}")

    def on_office_done(self, event: OfficeDone) -> None:
        self.busy = False
        self.say(f"{'✗' if event.error else '✓'} {event.line}", error=event.error)
        self.request()

    def on_failed(self, event: Failed) -> None:
        self.say(f"✗ {explain(event.error)}", error=True)

    def say(self, line: str, *, error: bool = False) -> None:
        """One line under the list."""
        said = self.query_one("#office-said", Static)
        said.update(Content(line))
        said.set_class(error, "-error")

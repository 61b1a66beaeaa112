"""What could not be read of the feeds: a list, what was kept of the item under the cursor, and another try."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from agentiq_core.domain.errors import NotFound
from agentiq_core.domain.views import QuarantinedItem, ReplayReport
from agentiq_tui.actions import Where
from agentiq_tui.asking import Latest, ask, start, within_patience
from agentiq_tui.locale import _, ngettext
from agentiq_tui.messages import Failed, ItemFetched, QuarantineFetched, Replayed, SetAside
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.shown import list_line, steady, steady_line
from agentiq_tui.timing import clock_time, day
from agentiq_tui.unforeseen import explained
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.wording import error_line, marketplace_short, replay_line

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

PAGE = 50
MARGIN = 10
"""How near the end of what is loaded the next page is asked for."""
LONGEST_PAGE = 500
"""Items that are asked for again at once after something changed."""


class QuarantineScreen(WindowScreen[None], keys=Where.QUARANTINE):
    """Enter reads the item under the cursor again, R all of them; Esc leaves. A viewer looks."""

    AUTO_FOCUS = "#quarantine-list"

    def __init__(self, desk: Desk, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._desk = desk
        self._clock = clock
        self._items: list[QuarantinedItem] = []
        self._before: int | None = None
        self._busy = False
        self._item = Latest(self, self._fetch_item)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-quarantine") as dialog:
            dialog.border_title = _("Quarantine: what could not be read")
            yield OptionList(id="quarantine-list", markup=False)
            yield VerticalScroll(Static(id="quarantine-item"), id="quarantine-raw")
            yield Static(id="quarantine-said")
            yield ActionText(self._links(), id="dialog-links")

    def on_mount(self) -> None:
        self._refetch()

    def _links(self) -> Content:
        back = link(_("back"), "leave")
        if not self._desk.who.may_write:
            return back
        links = (
            link(_("read again"), "quarantine_replay"),
            link(_("all"), "quarantine_replay_all"),
            link(_("set aside"), "quarantine_set_aside"),
            back,
        )
        return Content("   ").join(links)

    @property
    def current(self) -> QuarantinedItem | None:
        """The item under the cursor."""
        place = self._list.highlighted
        return self._items[place] if place is not None and place < len(self._items) else None

    @property
    def _list(self) -> OptionList:
        return self.query_one("#quarantine-list", OptionList)

    def _refetch(self) -> None:
        async def newest() -> QuarantineFetched:
            limit = min(max(PAGE, len(self._items)), LONGEST_PAGE)
            return QuarantineFetched(await self._desk.quarantine(limit=limit), first=True)

        ask(self, newest, long=True)

    def _fetch_more(self) -> None:
        before, self._before = self._before, None

        async def more() -> QuarantineFetched:
            try:
                return QuarantineFetched(await self._desk.quarantine(before=before, limit=PAGE), first=False)
            except BaseException:
                # also when the answer took too long: the same page may be asked for again
                self._before = before
                raise

        ask(self, more, long=True)

    def on_quarantine_fetched(self, event: QuarantineFetched) -> None:
        """The cursor stays on its item; where that is gone, on the one that took its place."""
        place, current = self._list.highlighted or 0, self.current
        if event.first:
            self._items = []
            self._list.clear_options()
        self._items += event.page.items
        self._before = event.page.before
        self._list.add_options([self._line(item) for item in event.page.items])
        if not self._items:
            self._show(Content.styled(_("Nothing is in quarantine"), "$faint"))
            return
        if event.first:
            ids = [item.id for item in self._items]
            if current is not None and current.id in ids:
                place = ids.index(current.id)
            self._list.highlighted = min(place, len(self._items) - 1)

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        self._item.request()
        place = self._list.highlighted or 0
        if self._before is not None and place >= len(self._items) - MARGIN:
            self._fetch_more()

    async def _fetch_item(self) -> ItemFetched | None:
        current = self.current
        return ItemFetched(await self._desk.quarantined(current.id)) if current is not None else None

    def on_item_fetched(self, event: ItemFetched) -> None:
        item = event.item
        if self.current is None or self.current.id != item.id:
            return
        parts: list[Content | tuple[str, str] | str] = [(steady_line(item.reason), "$warning"), "\n"]
        for name, known in (
            (_("conversation"), item.chat_external_id),
            (_("message"), item.message_external_id),
        ):
            if known:
                parts += [(f"{name}: {steady_line(known)}", "$faint"), "\n"]
        self._show(Content.assemble(*parts, steady(item.raw or "")))

    def _show(self, content: Content) -> None:
        self.query_one("#quarantine-item", Static).update(content)
        self.query_one("#quarantine-raw").scroll_home(animate=False)

    def _line(self, item: QuarantinedItem) -> Content:
        now = self._clock()
        when = f"{day(item.created_at, now)} {clock_time(item.created_at)}"
        return Content.assemble(
            (when, "$faint"),
            f"  {marketplace_short(item.marketplace)} {list_line(item.seller_name)}  ",
            (list_line(item.reason), "$warning"),
        )

    def action_replay(self) -> None:
        """Read the item under the cursor again."""
        current = self.current
        if current is None or not self._begin():
            return

        async def read() -> Replayed:
            return Replayed(await self._desk.replay([current.id]))

        ask(self, read, long=True)

    def action_replay_all(self) -> None:
        """Read again everything that waits, page by page."""
        if self._items and self._begin():
            start(self, self._replay_all, group="replay", exclusive=True)

    async def _replay_all(self) -> None:
        report = ReplayReport()
        try:
            async with aclosing(self._desk.replay_all()) as steps:
                while (step := await within_patience(self, anext(steps, None), long=True)) is not None:
                    report = step
                    self.post_message(Replayed(report, done=False))
        except Exception as error:  # noqa: BLE001 - whatever it was, one line says it; what was read is kept
            self.post_message(Failed(explained(error)))
        else:
            self.post_message(Replayed(report))

    def on_replayed(self, event: Replayed) -> None:
        line = replay_line(event.report)
        if event.done:
            self._rest(line, error=not event.report.replayed)
        else:
            self._say(f"… {line}")

    def action_set_aside(self) -> None:
        """The item under the cursor stays, and is no longer counted."""
        current = self.current
        if current is None or not self._begin():
            return

        async def dismiss() -> SetAside:
            return SetAside(await self._desk.dismiss([current.id]))

        ask(self, dismiss)

    def on_set_aside(self, event: SetAside) -> None:
        line = ngettext("{n} item set aside", "{n} items set aside", event.count)
        self._rest(line.format(n=event.count))

    def on_failed(self, event: Failed) -> None:
        gone = isinstance(event.error, NotFound)
        self._rest(
            _("This item is no longer there") if gone else error_line(event.error), error=True, look=gone
        )

    def _begin(self) -> bool:
        """Whether another try may start now."""
        if self._busy:
            return False
        self._busy = True
        self._say(_("Reading again…"))
        return True

    def _rest(self, line: str, *, error: bool = False, look: bool = True) -> None:
        self._busy = False
        self._say(f"{'✗' if error else '✓'} {line}", error=error)
        if look:
            self._refetch()

    def _say(self, line: str, *, error: bool = False) -> None:
        said = self.query_one("#quarantine-said", Static)
        said.update(Content(line))
        said.set_class(error, "-error")

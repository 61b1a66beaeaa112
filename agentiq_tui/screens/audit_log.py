"""Who changed what: the log as the database wrote it, phones and secrets masked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from textual.content import Content

from agentiq_core.domain.team import AuditKey, AuditLine
from agentiq_core.domain.views import SellerStatus
from agentiq_tui.actions import Where
from agentiq_tui.audit_words import THINGS, action_words, change_words
from agentiq_tui.locale import _
from agentiq_tui.messages_office import OfficeFetched
from agentiq_tui.screens.paged_list import PAGE, PagedListScreen
from agentiq_tui.shown import fitted, list_line
from agentiq_tui.timing import clock_time, day
from agentiq_tui.widgets.action_text import link
from agentiq_tui.wording import marketplace_short

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk
    from agentiq_tui.screens.choose import Choice

WHEN, WHO, WHERE, WHAT = 16, 16, 14, 34
"""Cells of columns; narrow windows give up the shop's."""
WIDE = 100
TEAM = 0
"""The seller's number of what was decided about the team itself."""
_ANY = -1
T = TypeVar("T")


class AuditLogScreen(PagedListScreen[AuditLine], keys=Where.LOG):
    """s narrows to a shop, w to a person, t to a kind of thing; a second look is r."""

    def __init__(self, desk: Desk, clock: Callable[[], datetime], shops: Sequence[SellerStatus]) -> None:
        super().__init__(desk, clock)
        self._shops = tuple(shops)
        self._people: dict[int, str] = {}
        self._shop: int | None = None
        self._who: int | None = None
        self._thing: str | None = None

    def heading(self) -> str:
        return _("Who changed what")

    def empty(self) -> str:
        return _("Nothing is written there")

    def head(self) -> Content:
        shop = {one.seller_id: _shop_words(one) for one in self._shops} | {TEAM: _("the team itself")}
        who = self._people.get(self._who, f"#{self._who}") if self._who is not None else _("everybody")
        parts = (
            _("shop: {name}").format(
                name=_("all") if self._shop is None else shop.get(self._shop, f"#{self._shop}")
            ),
            _("who: {name}").format(name=list_line(who)),
            _("what: {name}").format(name=_("everything") if self._thing is None else _(THINGS[self._thing])),
        )
        return Content.styled(" · ".join(parts), "$faint")

    def link_line(self) -> list[Content]:
        return [
            link(_("shop"), "list_shop"),
            link(_("who"), "log_who"),
            link(_("what"), "log_kind"),
            link(_("again"), "list_again"),
            link(_("back"), "leave"),
        ]

    def key(self, row: AuditLine) -> Hashable:
        return (row.seller_id, row.id)

    async def fetch(self) -> OfficeFetched:
        if not self._people:
            self._people = {one.id: one.name for one in await self._desk.colleagues.every()}
        return await super().fetch()

    async def page(self, before: AuditKey | None) -> OfficeFetched:
        page = await self._desk.audit.page(
            before,
            PAGE,
            seller_id=self._shop,
            operator_id=self._who,
            action=None if self._thing is None else f"{self._thing}.",
        )
        return OfficeFetched(page.lines, page, first=before is None)

    def columns(self) -> Content:
        shop = fitted(_("shop"), WHERE) if self.line_width >= WIDE else ""
        titles = fitted(_("when"), WHEN) + fitted(_("who"), WHO) + shop + fitted(_("what"), WHAT)
        return Content.styled(titles, "$faint")

    def row(self, row: AuditLine) -> Content:
        now = self.clock()
        when = fitted(f"{day(row.at, now)} {clock_time(row.at)}", WHEN - 1) + " "
        shop = fitted(list_line(row.seller_name or "—"), WHERE - 1) + " " if self.line_width >= WIDE else ""
        what = f"{action_words(row.action)} {inert_number(row.subject)}"
        parts = [f"{name} {words}" for name, words in change_words(row, self._people, now)]
        return Content.assemble(
            (when, "$faint"),
            fitted(list_line(row.operator or _("the owner of the database")), WHO - 1) + " ",
            (shop, "$faint"),
            (fitted(list_line(what), WHAT - 1) + " ", "$accent"),
            list_line(", ".join(parts)),
        )

    def detail(self, row: AuditLine) -> Content:
        now = self.clock()
        where = (
            _("the team itself")
            if row.seller_id == TEAM
            else list_line(row.seller_name or f"#{row.seller_id}")
        )
        who = list_line(row.operator or _("the owner of the database"))
        top = f"{day(row.at, now)} {clock_time(row.at)} · {who} · {where}"
        lines = [
            Content.assemble(
                (f"{action_words(row.action)} {inert_number(row.subject)}", "bold"), (f"  {top}", "$faint")
            ),
            *(
                Content.assemble((f"{name}: ", "$faint"), list_line(words))
                for name, words in change_words(row, self._people, now)
            ),
        ]
        return Content("\n").join(lines)

    def action_shop(self) -> None:
        """Only what was decided in one shop, or about the team."""
        from agentiq_tui.screens.choose import Choice

        team = [Choice(TEAM, _("the team itself"))] if self._desk.who.role == "owner" else []
        every = [
            Choice(_ANY, _("all")),
            *team,
            *(Choice(one.seller_id, _shop_words(one)) for one in self._shops),
        ]

        def chosen(number: int | None) -> None:
            if number is not None:
                self._shop = None if number == _ANY else number
                self.action_again()

        self._choose(_("Which shop?"), every, chosen)

    def action_who(self) -> None:
        """Only what one person did."""
        from agentiq_tui.screens.choose import Choice

        every = [
            Choice(_ANY, _("everybody")),
            *(Choice(number, name) for number, name in self._people.items()),
        ]

        def chosen(number: int | None) -> None:
            if number is not None:
                self._who = None if number == _ANY else number
                self.action_again()

        self._choose(_("Who?"), every, chosen)

    def action_kind(self) -> None:
        """Only what happened to one kind of thing."""
        from agentiq_tui.screens.choose import Choice

        every = [Choice("", _("everything")), *(Choice(code, _(word)) for code, word in THINGS.items())]

        def chosen(code: str | None) -> None:
            if code is not None:
                self._thing = code or None
                self.action_again()

        self._choose(_("Changes of what?"), every, chosen)

    def _choose(self, title: str, choices: Sequence[Choice[T]], chosen: Callable[[T | None], None]) -> None:
        from agentiq_tui.screens.choose import ChooseScreen

        self.app.push_screen(ChooseScreen(title, choices), chosen)

    def action_again(self) -> None:
        self.request()


def inert_number(subject: str) -> str:
    """What it was done to, by its number."""
    return f"#{list_line(subject)}" if subject else ""


def _shop_words(shop: SellerStatus) -> str:
    return f"{marketplace_short(shop.marketplace)} {list_line(shop.name)}"

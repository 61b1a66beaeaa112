"""What was decided of questions: what left or would have left, why the rest did not, and what a person sent instead."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from agentiq_core.domain.automation import AutomationRecord, AutomationReport
from agentiq_core.domain.text import inert, inert_line
from agentiq_core.domain.views import SellerStatus
from agentiq_tui.actions import Where
from agentiq_tui.automation_wording import HELD
from agentiq_tui.locale import _
from agentiq_tui.messages_office import OfficeFetched
from agentiq_tui.screens.paged_list import PAGE, PagedListScreen
from agentiq_tui.shown import fitted, list_line
from agentiq_tui.statistics_words import share_words
from agentiq_tui.timing import clock_time, day
from agentiq_tui.widgets.action_text import link
from agentiq_tui.wording import INTENTS, marketplace_short, said

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

WHEN, INTENT, BECAME = 16, 18, 26
MOST_REASONS = 5


class AutomationReportScreen(PagedListScreen[AutomationRecord], keys=Where.DECIDED):
    """Newest decisions first; below the list the question, the suggestion and a person's answer side by side."""

    kind = "-report"

    def __init__(self, desk: Desk, shop: SellerStatus, clock: Callable[[], datetime]) -> None:
        super().__init__(desk, clock)
        self._shop = shop

    def heading(self) -> str:
        shop = f"{marketplace_short(self._shop.marketplace)} {inert_line(self._shop.name)}"
        return _("What was decided: {shop}").format(shop=shop)

    def empty(self) -> str:
        return _("Nothing was decided yet")

    def link_line(self) -> list[Content]:
        return [link(_("back"), "leave")]

    def key(self, row: AutomationRecord) -> Hashable:
        return (row.ref, row.at)

    async def page(self, before: datetime | None) -> OfficeFetched:
        found = await self._desk.automation.report(self._shop.seller_id, before=before, limit=PAGE)
        return OfficeFetched(found.records, found, first=before is None)

    def head(self) -> Content:
        reasons = self.facts.reasons if isinstance(self.facts, AutomationReport) else ()
        if not reasons:
            return Content("")
        told = ", ".join(f"{said(HELD, why)} {count}" for why, count in reasons[:MOST_REASONS])
        return Content.styled(_("held back because: {reasons}").format(reasons=told), "$faint")

    def columns(self) -> Content:
        titles = (
            fitted(_("when"), WHEN) + fitted(_("intent"), INTENT) + fitted(_("decision"), BECAME) + _("buyer")
        )
        return Content.styled(titles, "$faint")

    def row(self, row: AutomationRecord) -> Content:
        now = self.clock()
        style = "$faint" if row.reasons else "$success" if row.sent else "$warning"
        return Content.assemble(
            (fitted(f"{day(row.at, now)} {clock_time(row.at)}", WHEN - 1) + " ", "$faint"),
            fitted(said(INTENTS, row.intent), INTENT - 1) + " ",
            (fitted(_became(row), BECAME - 1) + " ", style),
            list_line(row.question),
        )

    def detail(self, row: AutomationRecord) -> Content:
        parts: list[Content | tuple[str, str] | str] = [
            (f"#{row.ref.chat_id}  ", "$faint"),
            (_became(row), "bold"),
            "\n",
            (_("buyer: "), "$accent"),
            inert(row.question),
            "\n",
            (_("left: ") if row.sent else _("would have left: "), "$accent"),
            inert(row.text),
            "\n",
        ]
        if row.person_sent is None:
            parts.append((_("nobody has answered yet") if not row.sent else "", "$faint"))
        else:
            alike = _("a person sent ({alike} alike): ").format(alike=share_words(row.likeness or 0.0))
            parts += [(alike, "$accent"), inert(row.person_sent)]
        return Content.assemble(*parts)


def _became(row: AutomationRecord) -> str:
    if row.reasons:
        return ", ".join(said(HELD, why) for why in row.reasons)
    return _("left by itself") if row.sent else _("would have left")

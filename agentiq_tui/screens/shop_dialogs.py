"""What opens over the desk about one shop: its rules, its hours, its guardrails; the shop is asked for where there are several."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.screen import Screen

from agentiq_core.domain.views import SellerStatus
from agentiq_tui.locale import _
from agentiq_tui.screens.finding import FindingScreen
from agentiq_tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk


class ShopDialogsScreen(FindingScreen):
    """The part of the desk from which the screens of a shop are opened."""

    def action_rules(self) -> None:
        """Which words of a buyer make how much haste, shop by shop."""

        def opened(desk: Desk, shop: SellerStatus) -> Screen[None]:
            from agentiq_tui.screens.deadline_rules import DeadlineRulesScreen

            return DeadlineRulesScreen(desk, shop, self.clock)

        self._for_a_shop(opened)

    def action_hours(self) -> None:
        """When a shop works."""

        def opened(desk: Desk, shop: SellerStatus) -> Screen[None]:
            from agentiq_tui.screens.working_hours import WorkingHoursScreen

            return WorkingHoursScreen(desk, shop, self.clock)

        self._for_a_shop(opened)

    def action_guard_rules(self) -> None:
        """What a shop forbids beside the built-in guardrails."""

        def opened(desk: Desk, shop: SellerStatus) -> Screen[None]:
            from agentiq_tui.screens.guard_rules import GuardRulesScreen

            return GuardRulesScreen(desk, shop, self.clock)

        self._for_a_shop(opened)

    def _for_a_shop(self, opened: Callable[[Desk, SellerStatus], Screen[None]]) -> None:
        """Open a screen of the only shop, or of the one that is chosen."""
        desk, overview = self.desk, self.query_one(StatusBar).status.overview
        if desk is None or overview is None or self.app.screen is not self:
            return

        def chosen(shop: SellerStatus | None) -> None:
            if shop is not None:
                self.app.push_screen(opened(desk, shop), lambda _left: self.refetch_chat())

        if not overview.sellers:
            self.hint(_("No shop is connected yet"))
        elif len(overview.sellers) == 1:
            chosen(overview.sellers[0])
        else:
            from agentiq_tui.screens.choose_shop import ChooseShopScreen

            self.app.push_screen(ChooseShopScreen(overview.sellers), chosen)

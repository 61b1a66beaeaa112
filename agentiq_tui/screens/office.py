"""What opens over the desk to run it: figures, the log, shops, what leaves by itself, models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen

from agentiq_core.domain.views import SellerStatus
from agentiq_tui.asking import ask
from agentiq_tui.locale import _, ngettext
from agentiq_tui.messages_office import AllStopped
from agentiq_tui.screens.library_dialogs import LibraryDialogsScreen
from agentiq_tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk


class OfficeScreen(LibraryDialogsScreen):
    """The part of the desk from which its office is opened; each screen is imported when first asked for."""

    def action_statistics(self) -> None:
        """How long buyers wait, who answers, what suggestions are worth."""
        from agentiq_tui.screens.statistics import StatisticsScreen

        if self.desk is not None and self.app.screen is self:
            self.app.push_screen(StatisticsScreen(self.desk, self.clock, self._shops))

    def action_audit(self) -> None:
        """Who changed what."""
        from agentiq_tui.screens.audit_log import AuditLogScreen

        if self.desk is None or self.app.screen is not self:
            return
        if not self.desk.who.may_manage:
            self.hint(_("Only admins and owners read the log"))
            return
        self.app.push_screen(AuditLogScreen(self.desk, self.clock, self._shops))

    def action_sellers(self) -> None:
        """How each shop's line does, and what is done about it."""
        from agentiq_tui.screens.sellers import SellersScreen

        if self.desk is not None and self.app.screen is self:
            self.app.push_screen(SellersScreen(self.desk, self.clock), lambda _left: self.refetch_chat())

    def action_models(self) -> None:
        """Which language model writes each shop's suggestions."""
        from agentiq_tui.screens.models import ModelsScreen

        if self.desk is not None and self.app.screen is self:
            self.app.push_screen(ModelsScreen(self.desk, self.clock), lambda _left: self.refetch_chat())

    def action_automation(self) -> None:
        """What a shop lets leave by itself."""

        def opened(desk: Desk, shop: SellerStatus) -> Screen[None]:
            from agentiq_tui.screens.automation import AutomationScreen

            return AutomationScreen(desk, shop, self.clock)

        self._for_a_shop(opened)

    def action_stop_automation(self) -> None:
        """Nothing leaves by itself in any shop from this moment on: no question is asked first."""
        desk = self.desk
        if desk is None:
            return
        if not desk.who.may_write:
            self.hint(_("A viewer only looks"))
            return

        async def stop() -> AllStopped:
            return AllStopped(*await desk.automation.stop_all())

        ask(self, stop)

    def on_all_stopped(self, event: AllStopped) -> None:
        shops = ngettext(
            "■ Automatic replies are STOPPED in {n} shop",
            "■ Automatic replies are STOPPED in {n} shops",
            event.shops,
        ).format(n=event.shops)
        taken = ngettext(
            "{n} reply that waited was taken back", "{n} replies that waited were taken back", event.taken
        ).format(n=event.taken)
        self.notify(f"{shops}; {taken}", severity="warning", markup=False, timeout=10)

    @property
    def _shops(self) -> tuple[SellerStatus, ...]:
        overview = self.query_one(StatusBar).status.overview
        return () if overview is None else overview.sellers

"""What opens over the desk around the work itself: what the team wrote down, and the first steps on a new machine."""

from __future__ import annotations

from asyncio import to_thread
from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from agentiq_core.domain.views import SellerStatus
from agentiq_core.home import home_dir
from agentiq_tui.asking import start
from agentiq_tui.first_run import put_away, put_away_now
from agentiq_tui.locale import _
from agentiq_tui.screens.shop_dialogs import ShopDialogsScreen

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk
    from agentiq_tui.app import AgentIQApp


class LibraryDialogsScreen(ShopDialogsScreen):
    """The part of the desk from which these are opened; each is imported when first asked for."""

    _steps_offered = False

    def action_library(self) -> None:
        """Templates and knowledge of a shop; previewed on the open conversation, if it is that shop's."""
        chat = self.conversation

        def opened(desk: Desk, shop: SellerStatus) -> Screen[None]:
            from agentiq_tui.screens.library import LibraryScreen

            ours = chat is not None and chat.ref.seller_id == shop.seller_id
            return LibraryScreen(desk, shop, chat if ours else None)

        self._for_a_shop(opened)

    def offer_setup(self) -> None:
        """No shop is connected: show the first steps, once, to who may take them, until they were put away."""
        desk = self.desk
        if self._steps_offered or desk is None or self.app.screen is not self:
            return
        self._steps_offered = True
        if desk.who.may_manage and not put_away(home_dir()):
            self.action_setup()

    def action_setup(self) -> None:
        """First steps: database, shop, a try without risk, help."""
        from agentiq_tui.screens.setup import DEMO, SetupScreen

        desk = self.desk
        if desk is None or self.app.screen is not self:
            return
        app = cast("AgentIQApp", self.app)

        def left(wish: str | None) -> None:
            self.refetch_chat()
            if wish == DEMO:
                start(self, app.leave_for_the_demo, group="leave")
            else:
                start(self, self._put_away, group="first-steps")

        self.app.push_screen(SetupScreen(desk, demo_here=app.has_demo), left)

    def action_team_key(self) -> None:
        """The team key of this machine, taken or replaced."""
        from agentiq_tui.screens.team_key import TeamKeyScreen

        desk = self.desk
        if desk is None or self.app.screen is not self:
            return
        if not desk.who.may_write:
            self.hint(_("Your role may only read"))
            return
        if not desk.personal:
            self.hint(_("This machine's own database has its own key: nothing to take"))
            return

        def answered(kept: bool | None) -> None:
            if kept:
                self.show_status(keyless=False)
                self.notify(_("AgentIQ reads and answers the marketplaces from here now"), markup=False)

        self.app.push_screen(TeamKeyScreen(desk.keep_team_key, missing=desk.keyless), answered)

    async def _put_away(self) -> None:
        try:
            await to_thread(put_away_now, home_dir())
        except OSError as error:
            line = _("The first steps will open by themselves once more: {why}").format(why=error.strerror)
            self.notify(line, severity="warning", markup=False)

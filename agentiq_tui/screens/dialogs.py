"""What opens over the desk; each is imported when first asked for: the first frame does not need it."""

from __future__ import annotations

from agentiq_tui.actions import Where
from agentiq_tui.screens.office import OfficeScreen


class DialogsScreen(OfficeScreen):
    """The part of the desk from which its dialogs are opened."""

    def action_help(self) -> None:
        from agentiq_tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(Where.ANYWHERE, self.who))

    def action_add_shop(self) -> None:
        """Connect a marketplace account."""
        from agentiq_tui.screens.add_shop import AddShopScreen

        if self.desk is not None and not isinstance(self.app.screen, AddShopScreen):
            self.app.push_screen(AddShopScreen(self.desk), lambda _seller: self.refetch_chat())

    def action_settings(self) -> None:
        """Everything that may be set on this machine."""
        from agentiq_tui.screens.settings import SettingsScreen

        if not isinstance(self.app.screen, SettingsScreen):
            self.app.push_screen(SettingsScreen())

    def action_quarantine(self) -> None:
        """Look at what could not be read, and read it again."""
        from agentiq_tui.screens.quarantine import QuarantineScreen

        if self.desk is not None and not isinstance(self.app.screen, QuarantineScreen):
            self.app.push_screen(QuarantineScreen(self.desk, self.clock), lambda _left: self.refetch_chat())

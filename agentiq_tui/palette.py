"""The command palette: our actions, in the language of the screen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from agentiq_tui.actions import Action, at, shown_keys
from agentiq_tui.locale import _

if TYPE_CHECKING:
    from agentiq_tui.app import AgentIQApp
    from agentiq_tui.screens.desk import DeskScreen
    from agentiq_tui.screens.window import WindowScreen


class ActionProvider(Provider):
    """Every action of the screen under the palette that is worth finding by name, and that whoever works here may do."""

    def _commands(self) -> list[tuple[str, Action]]:
        who = cast("AgentIQApp", self.app).desk_screen.who
        screen = cast("DeskScreen | WindowScreen[object]", self.screen)
        return [
            (action.described(), action)
            for action in at(screen.keys_at)
            if action.palette and action.offered_to(who)
        ]

    async def discover(self) -> Hits:
        for title, action in self._commands():
            yield DiscoveryHit(
                title, partial(self.screen.run_action, action.run), help=shown_keys(action) or None
            )

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        found = False
        for title, action in self._commands():
            score = matcher.match(title)
            if score > 0:
                found = True
                command = partial(self.screen.run_action, action.run)
                yield Hit(score, matcher.highlight(title), command, help=shown_keys(action) or None)
        if not found:
            # else Textual says so itself, in English
            yield Hit(1, _("Nothing found"), lambda: None)


def palette() -> CommandPalette:
    """The palette with every word translated."""
    return CommandPalette(
        providers=[ActionProvider], placeholder=_("What do you want to do?"), id="--command-palette"
    )

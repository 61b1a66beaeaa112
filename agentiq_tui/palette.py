"""The command palette: our actions, in the language of the screen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from agentiq_tui.actions import BY_ID, Action
from agentiq_tui.locale import _

if TYPE_CHECKING:
    from agentiq_tui.app import AgentIQApp


class ActionProvider(Provider):
    """Every action of the registry that is worth finding by name, and that whoever works here may do."""

    def _commands(self) -> list[tuple[str, Action]]:
        who = cast("AgentIQApp", self.app).desk_screen.who
        return [
            (action.described(), action)
            for action in BY_ID.values()
            if action.palette and action.offered_to(who)
        ]

    async def discover(self) -> Hits:
        for title, action in self._commands():
            yield DiscoveryHit(
                title, partial(self.screen.run_action, action.id), help=action.shown_keys() or None
            )

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        found = False
        for title, action in self._commands():
            score = matcher.match(title)
            if score > 0:
                found = True
                command = partial(self.screen.run_action, action.id)
                yield Hit(score, matcher.highlight(title), command, help=action.shown_keys() or None)
        if not found:
            # else Textual says so itself, in English
            yield Hit(1, _("Nothing found"), lambda: None)


def palette() -> CommandPalette:
    """The palette with every word translated."""
    return CommandPalette(
        providers=[ActionProvider], placeholder=_("What do you want to do?"), id="--command-palette"
    )

"""Text in which words are commands: a click runs the action that the key beside it runs."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.style import Style

from agentiq_tui.widgets.still_text import StillText

ACTION = "agentiq-action"
"""The key in a style's meta that names an action of the screen. (Textual's own "@click" repaints its words.)"""


class ActionText(StillText):
    """A line or a block of text with such words in it."""

    async def on_click(self, event: events.Click) -> None:
        action = event.style.meta.get(ACTION)
        if action:
            event.stop()
            await self.screen.run_action(str(action))


def link(label: str, key: str, action: str) -> Content:
    """A word that can be clicked, with the key that does the same."""
    meta = Style.from_meta({ACTION: action})
    return Content.assemble((key, "bold $accent"), " ", (label, "underline")).stylize(meta)


def word(label: str, action: str) -> Content:
    """A word that can be clicked; the key that does the same is told elsewhere."""
    return Content.styled(label, "underline").stylize(Style.from_meta({ACTION: action}))


def hint(label: str, key: str, action: str) -> Content:
    """The same without the underline, for the footer."""
    return Content.assemble((key, "bold $accent"), f" {label}").stylize(Style.from_meta({ACTION: action}))

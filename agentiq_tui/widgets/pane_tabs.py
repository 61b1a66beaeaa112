"""Where one pane fills the screen: the names of all three, the one in front marked; a click brings another."""

from __future__ import annotations

from textual.content import Content

from agentiq_tui.actions import shown_key
from agentiq_tui.locale import _
from agentiq_tui.widgets.action_text import ActionLine, hint


class PaneTabs(ActionLine):
    """Shown by app.tcss on narrow screens only."""

    def __init__(self) -> None:
        super().__init__(id="pane-tabs")
        self.front = "queue"

    def show(self, front: str) -> None:
        """This pane is in front now, and words are in the language in use."""
        self.front = front
        names = {"queue": _("Queue"), "chat": _("Conversation"), "suggestion": _("Suggestion")}
        parts = []
        for pane, name in names.items():
            action = f"pane_{pane}"
            part = hint(f"[{name}]" if pane == front else name, shown_key(action), action)
            parts.append(part.stylize("bold") if pane == front else part)
        self.update(Content("  ").join(parts))

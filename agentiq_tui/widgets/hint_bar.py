"""The footer: at most seven keys, the ones that work in this terminal; each can be clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from agentiq_tui.actions import hints
from agentiq_tui.widgets.action_text import ActionLine, hint

if TYPE_CHECKING:
    from agentiq_core.engine.access import SignedIn

GAP = 2


class HintBar(ActionLine):
    """Generated from the action registry; shows as many hints as fit whole."""

    def __init__(self) -> None:
        super().__init__(id="hint-bar")
        self.ctrl_enter = False
        self._who: SignedIn | None = None

    def show(self, *, ctrl_enter: bool, who: SignedIn | None) -> None:
        """`ctrl_enter`: whether this terminal can tell Ctrl+Enter from Enter; `who`: whose hints they are."""
        self.ctrl_enter = ctrl_enter
        self._who = who
        self.refresh(layout=True)

    def render(self) -> Content:
        shown: list[Content] = []
        room = self.size.width
        for action, key, word in hints(ctrl_enter=self.ctrl_enter, who=self._who):
            part = hint(word, key, action)
            room -= part.cell_length + (GAP if shown else 0)
            if room < 0:
                break
            shown.append(part)
        return Content(" " * GAP).join(shown)

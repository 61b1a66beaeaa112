"""A text that waits beside the reply: the operator's own from elsewhere, or a colleague's who has left it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from agentiq_core.domain.drafts import LeftDraft
from agentiq_tui.locale import _
from agentiq_tui.shown import fitted, list_line
from agentiq_tui.widgets.action_text import ActionText, link

CELLS = 24


@dataclass(frozen=True, slots=True)
class Offered:
    """A text to go on with. `left`: whose it was, if it is not the operator's own."""

    text: str
    left: LeftDraft | None = None


class OfferedText(ActionText):
    """One line under the reply field; not there while nothing waits."""

    def __init__(self) -> None:
        super().__init__(id="offered-text")
        self.display = False

    def show(self, offered: Offered | None) -> None:
        """This waits; None: nothing does."""
        self.display = offered is not None
        if offered is None:
            return
        if offered.left is None:
            whose = _("You typed elsewhere:")
        else:
            whose = _("{who} began to answer:").format(who=list_line(offered.left.name))
        self.update(
            Content.assemble(
                ("✎ ", "$warning bold"),
                f"{whose} ",
                (fitted(list_line(offered.text), CELLS).rstrip(), "italic"),
                "  ",
                link(_("add it"), "take_text"),
            )
        )

"""A conversation in a few lines, above its messages, until it is dismissed."""

from __future__ import annotations

from textual.content import Content

from agentiq_tui.locale import _
from agentiq_tui.shown import steady_line
from agentiq_tui.widgets.action_text import ActionText, link


class SummaryLines(ActionText):
    """Said to be a model's words: nobody has checked them."""

    def __init__(self) -> None:
        super().__init__(id="summary")
        self.lines: tuple[str, ...] = ()
        self.display = False

    def show(self, lines: tuple[str, ...]) -> None:
        """These lines; none hides it."""
        self.lines = lines
        self.display = bool(lines)
        head = Content.assemble(
            (_("In short, by the model"), "bold $accent"),
            "  ",
            link(_("hide"), "summary"),
        )
        self.update(Content("\n").join([head, *(Content(f"· {steady_line(line)}") for line in lines)]))

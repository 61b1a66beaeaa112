"""A word for the team: a note, or the one that goes with a conversation to a colleague."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from agentiq_core.domain.team import Colleague
from agentiq_tui.actions import Where
from agentiq_tui.locale import _
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.shown import list_line
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.widgets.heading import heading
from agentiq_tui.widgets.mention_area import MentionArea

OFFERED = 5


class NoteScreen(WindowScreen["tuple[str, bool]"], keys=Where.FORM):
    """Dismissed with the text, and whether it is to be kept: what was not can be gone on with."""

    def __init__(
        self, title: str, colleagues: Sequence[Colleague], text: str, typed: Callable[[str], None]
    ) -> None:
        """`typed` is told the text at each change of it."""
        super().__init__()
        self._typed = typed
        self._title = title
        self._colleagues = colleagues
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-note") as dialog:
            dialog.border_title = heading(self._title)
            yield MentionArea(self._text, self._colleagues)
            yield Static("", id="form-said")
            links = (link(_("keep"), "submit"), link(_("back"), "leave"))
            yield ActionText(Content("   ").join(links), id="dialog-links")

    def on_mount(self) -> None:
        self.query_one(MentionArea).focus()
        self._offer()

    @on(MentionArea.Edited)
    def _edited(self) -> None:
        self._typed(self.query_one(MentionArea).text)

    @on(MentionArea.Begun)
    def _offer(self) -> None:
        area = self.query_one(MentionArea)
        fitting = area.fitting
        if not fitting:
            line = Content.styled(_("Only the team sees it; @ names a colleague"), "$faint")
        else:
            first = max(0, min(area.place - OFFERED + 1, len(fitting) - OFFERED))
            shown = list(enumerate(fitting))[first : first + OFFERED]
            line = Content("\n").join(_line(one, chosen=place == area.place) for place, one in shown)
        self.query_one("#form-said", Static).update(line)

    def keep_now(self) -> None:
        """The app ends by an error: the last key may not have been told."""
        self._edited()

    def action_submit(self) -> None:
        self.dismiss((self.query_one(MentionArea).text.strip(), True))

    def action_leave(self) -> None:
        self.dismiss((self.query_one(MentionArea).text.strip(), False))


def _line(one: Colleague, *, chosen: bool) -> Content:
    sign = "▸ " if chosen else "  "
    here = _("at the desk") if one.here else ""
    return Content.assemble(
        (f"{sign}@{list_line(one.handle)}", "bold" if chosen else ""),
        f"  {list_line(one.name)}  ",
        (here, "$faint"),
    )

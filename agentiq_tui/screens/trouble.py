"""The desk could not be opened: one clear line, and another try."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.text import inert_line
from agentiq_tui.actions import Where
from agentiq_tui.locale import _
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.wording import error_line


class TroubleScreen(WindowScreen[bool], keys=Where.TROUBLE):
    """Dismissed with True to try again, False to leave."""

    def __init__(self, error: AgentIQError) -> None:
        super().__init__()
        self.error = error

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-trouble") as dialog:
            dialog.border_title = _("AgentIQ could not start")
            line, detail = error_line(self.error), inert_line(str(self.error))
            parts: list[Content | tuple[str, str]] = [(f"✗ {line}", "$error bold")]
            if detail and detail != line:
                parts.append((f"\n{detail}", "$faint"))
            yield Static(Content.assemble(*parts), id="dialog-lines")
            yield ActionText(
                Content("   ").join([link(_("try again"), "retry"), link(_("quit"), "leave")]),
                id="dialog-links",
            )

    def action_retry(self) -> None:
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)

    async def action_quit(self) -> None:
        self.action_leave()

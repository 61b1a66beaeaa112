"""To which day of a conversation."""

from __future__ import annotations

from datetime import date

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from agentiq_tui.actions import Where
from agentiq_tui.days import day_named
from agentiq_tui.locale import _
from agentiq_tui.screens.form import FormScreen
from agentiq_tui.widgets.action_text import ActionText, link


class DayScreen(FormScreen[date], keys=Where.DAY):
    """Dismissed with the day."""

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today = today

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-form") as dialog:
            dialog.border_title = _("To a day of the conversation")
            yield Input(placeholder=_("12.03, 12.03.2025 or just 12"), id="day", compact=True)
            yield Static("", id="form-said")
            yield ActionText("", id="dialog-links")

    def on_mount(self) -> None:
        self.links(link(_("go there"), "submit_only"), link(_("back"), "leave"))
        self.query_one("#day", Input).focus()

    def action_submit(self) -> None:
        day = day_named(self.value("day"), self._today)
        if day is None:
            self.say(_("This is no day: write it like 12.03 or 12.03.2025"), error=True)
        else:
            self.dismiss(day)

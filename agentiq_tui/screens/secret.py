"""A secret is asked for: never shown, never kept by the screen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from agentiq_tui.locale import _
from agentiq_tui.screens.form import FormScreen
from agentiq_tui.widgets.action_text import ActionText, link


class SecretScreen(FormScreen[str]):
    """Dismissed with what was pasted; `lines` say where it goes."""

    def __init__(self, title: str, lines: str) -> None:
        super().__init__()
        self._heading = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-form") as dialog:
            dialog.border_title = self._heading
            yield Static(Content(self._lines), id="dialog-lines")
            yield Input(placeholder=_("Key (paste it)"), password=True, id="secret", compact=True)
            yield Static("", id="form-said")
            yield ActionText("", id="dialog-links")

    def on_mount(self) -> None:
        self.links(link(_("take it"), "submit"), link(_("back"), "leave"))
        self.query_one("#secret", Input).focus()

    def action_submit(self) -> None:
        secret = self.value("secret").strip()
        if not secret:
            self.say(_("Nothing is typed here"), error=True)
        else:
            self.dismiss(secret)

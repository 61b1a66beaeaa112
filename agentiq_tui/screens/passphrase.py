"""The passphrase of this machine's secrets, where there is no keyring: asked once, explained in one line."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from agentiq_tui.locale import _
from agentiq_tui.screens.form import FormScreen
from agentiq_tui.widgets.action_text import ActionText, link

LEAST = 8


class PassphraseScreen(FormScreen[str]):
    """Dismissed with the passphrase, or None."""

    def __init__(self, *, new: bool) -> None:
        super().__init__()
        self._new = new

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-form") as dialog:
            dialog.border_title = _("Passphrase")
            yield Static("", id="form-said")
            yield Input(placeholder=_("Passphrase"), password=True, id="passphrase", compact=True)
            if self._new:
                yield Input(placeholder=_("Passphrase once more"), password=True, id="again", compact=True)
            yield ActionText("", id="dialog-links")

    def on_mount(self) -> None:
        self.say(
            _(
                "This machine has no keyring. Choose a passphrase: it locks your sign-in and the team key in a file here"
            )
            if self._new
            else _("This machine has no keyring: its passphrase opens your sign-in and the team key")
        )
        self.links(link(_("go on"), "submit"), link(_("quit"), "leave"))

    async def action_quit(self) -> None:
        """Without a passphrase the app ends."""
        self.action_leave()

    def action_submit(self) -> None:
        passphrase = self.value("passphrase")
        if self._new and len(passphrase) < LEAST:
            self.say(_("A passphrase needs {n} characters").format(n=LEAST), error=True)
        elif self._new and passphrase != self.value("again"):
            self.say(_("The two passphrases differ"), error=True)
        elif not passphrase:
            self.say(_("Fill in: {field}").format(field=_("Passphrase")), error=True)
        else:
            self.dismiss(passphrase)

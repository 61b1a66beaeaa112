"""Who are you? At the first start, and again when a sign-in has ended; what is typed behind it stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Input, Static

from agentiq_core.domain.errors import AgentIQError, SignedOut, SignInDelayed, SignInNeeded
from agentiq_core.domain.text import inert_line
from agentiq_tui.actions import Where
from agentiq_tui.asking import start
from agentiq_tui.locale import _
from agentiq_tui.screens.form import FormScreen
from agentiq_tui.unforeseen import explained
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.wording import error_line

if TYPE_CHECKING:
    from agentiq_core.engine.access import SignedIn

Attempt = Callable[[str, str], Awaitable["SignedIn"]]
"""Signs in with e-mail (or an invitation's code) and password."""


class SignInScreen(FormScreen[bool], keys=Where.SIGN_IN):
    """Dismissed with True when somebody is signed in, with False when they would rather leave."""

    def __init__(
        self, attempt: Attempt, *, accept: Attempt | None = None, why: SignInNeeded, email: str = ""
    ) -> None:
        super().__init__()
        self._attempt = attempt
        self._accept = accept
        self._why = why
        self._email = email
        self._invited = False
        self._wait = 0
        self._countdown: Timer | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-form") as dialog:
            dialog.border_title = _("Sign in")
            yield Static("", id="form-said")
            yield Input(placeholder=_("Invitation: agentiq-…"), id="invitation", compact=True)
            yield Input(value=self._email, placeholder=_("E-mail"), id="email", compact=True)
            yield Input(placeholder=_("Password"), password=True, id="password", compact=True)
            yield Input(placeholder=_("Password once more"), password=True, id="again", compact=True)
            yield ActionText("", id="dialog-links")

    def on_mount(self) -> None:
        self._show_fields()
        ended = isinstance(self._why, SignedOut)
        self.say(
            _("The sign-in has ended. What you typed is kept: sign in to go on")
            if ended
            else _("This desk belongs to a team: sign in")
        )
        self.query_one("#password" if self._email else "#email", Input).focus()

    def _show_fields(self) -> None:
        for name, shown in (
            ("invitation", self._invited),
            ("email", not self._invited),
            ("again", self._invited),
        ):
            self.query_one(f"#{name}", Input).display = shown
        password = self.query_one("#password", Input)
        password.placeholder = _("New password, 10 characters or more") if self._invited else _("Password")
        links = [link(_("sign in"), "submit")]
        if self._accept is not None:
            word = _("I have a password") if self._invited else _("I have an invitation")
            links.append(link(word, "sign_in_switch"))
        self.links(*links, link(_("quit"), "leave"))

    def action_switch(self) -> None:
        """Between a password and an invitation."""
        if self._accept is None or self.busy:
            return
        self._invited = not self._invited
        self._show_fields()
        self.fields[0].focus()

    def action_submit(self) -> None:
        if self.busy or self._wait:
            return
        empty = next((field for field in self.fields if not field.value.strip()), None)
        if empty is not None:
            self.say(_("Fill in: {field}").format(field=empty.placeholder), error=True)
            empty.focus()
            return
        if self._invited and self.value("password") != self.value("again"):
            self.say(_("The two passwords differ"), error=True)
            return
        self.work(_("Signing in…"))
        start(self, self._sign_in, group="sign-in", exclusive=True)

    async def _sign_in(self) -> None:
        try:
            if self._invited and self._accept is not None:
                await self._accept(self.value("invitation"), self.value("password"))
            else:
                await self._attempt(self.value("email"), self.value("password"))
        except Exception as error:  # noqa: BLE001 - whatever it was, one line says it and the fields stay
            self._refused(explained(error))
        else:
            self.dismiss(True)

    def _refused(self, error: AgentIQError) -> None:
        if isinstance(error, SignInDelayed):
            self._wait = int(str(error.params.get("seconds", 1)))
            self.rest("", focus="password")
            self._tick()
            self._countdown = self.set_interval(1.0, self._tick)
            return
        line = inert_line(str(error)) if "rule" in error.params else error_line(error)
        self.rest(line, focus="invitation" if self._invited else "password")

    def _tick(self) -> None:
        if self._wait <= 0:
            if self._countdown is not None:
                self._countdown.stop()
            self.say(_("You may try again"))
            return
        self.say(_("Too many wrong passwords: wait {n} s").format(n=self._wait), error=True)
        self._wait -= 1

    def action_leave(self) -> None:
        if not self.busy:
            self.dismiss(False)

    async def action_quit(self) -> None:
        """Whoever is not signed in leaves the app with the window."""
        self.action_leave()

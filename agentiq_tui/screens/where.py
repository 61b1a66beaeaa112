"""The first question on a new machine: a database of its own, or a team's; nothing is kept before an answer worked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static

from agentiq_core.domain.errors import AgentIQError, StoreUnavailable, WrongPassword
from agentiq_core.domain.text import inert_line
from agentiq_tui.actions import Where, shown_key
from agentiq_tui.asking import start
from agentiq_tui.explain import explain
from agentiq_tui.locale import _, mark
from agentiq_tui.screens.form import FormScreen
from agentiq_tui.unforeseen import explained
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.widgets.choice import Choice

OWN, INVITED, ADDRESS = "own", "invited", "address"
PLACES = {
    OWN: mark("this machine's own database"),
    INVITED: mark("a team: I have an invitation"),
    ADDRESS: mark("a team: I have its server's address and a password"),
}
SAID = {
    OWN: mark(
        "It starts by itself and is yours alone: no account, no server. A team can be joined later: agentiq login."
    ),
    INVITED: mark(
        "A colleague makes one with agentiq operator invite. It works once; the address in it is kept with this"
        " machine's secrets."
    ),
    ADDRESS: mark(
        "Paste what begins with postgresql://. It is tried, kept with this machine's secrets and never shown again."
        " A team is founded on its server with agentiq init --email."
    ),
}
FIELDS = {OWN: (), INVITED: ("invitation", "password", "again"), ADDRESS: ("address", "email", "password")}


@dataclass(frozen=True, slots=True)
class Ways:
    """What the answers do. Both raise what `engine.team` raises, and keep nothing then."""

    join: Callable[[str, str], Awaitable[object]]
    """With an invitation and a new password."""
    enter: Callable[[str, str, str], Awaitable[object]]
    """With an address, an e-mail and a password."""


class WhereScreen(FormScreen[bool], keys=Where.FIRST_START):
    """Dismissed with True to go on with what was chosen, False to leave AgentIQ. Esc leaves a team's fields, then the question."""

    def __init__(self, ways: Ways) -> None:
        super().__init__()
        self._ways = ways

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-form") as dialog:
            dialog.border_title = _("Welcome to AgentIQ")
            yield Static(
                _("Where are conversations kept? ({previous} {next} choose, {done} goes on)").format(
                    previous=shown_key("choice_previous"),
                    next=shown_key("choice_next"),
                    done=shown_key("choice_done"),
                ),
                id="where-asked",
            )
            yield Choice([(one, _(word)) for one, word in PLACES.items()], OWN, id="where")
            with VerticalScroll(id="where-fields", can_focus=False):
                yield Input(
                    placeholder=_("Invitation: agentiq-…"), password=True, id="invitation", compact=True
                )
                yield Input(
                    placeholder=_("Address: postgresql://…"), password=True, id="address", compact=True
                )
                yield Input(placeholder=_("E-mail"), id="email", compact=True)
                yield Input(placeholder=_("Password"), password=True, id="password", compact=True)
                yield Input(placeholder=_("Password once more"), password=True, id="again", compact=True)
            yield Static("", id="form-said")
            yield ActionText("", id="dialog-links")

    def on_mount(self) -> None:
        self._show()
        self.links(
            link(_("go on"), "submit"),
            link(_("later"), "leave"),
            link(_("quit"), "quit"),
        )
        self._choice.focus()

    @property
    def _choice(self) -> Choice:
        return self.query_one("#where", Choice)

    @property
    def stops(self) -> list[Widget]:
        return [self._choice, *self.fields]

    @on(Choice.Changed)
    def _show(self) -> None:
        chosen = self._choice.value
        for field in self.query(Input):
            field.display = field.id in FIELDS[chosen]
        password = self.query_one("#password", Input)
        password.placeholder = (
            _("New password, 10 characters or more") if chosen == INVITED else _("Password")
        )
        self.say(_(SAID[chosen]))

    @on(Choice.Entered)
    def _entered_choice(self, event: Choice.Entered) -> None:
        event.stop()
        self.go_on_from(event.choice)

    def action_submit(self) -> None:
        if self.busy:
            return
        chosen = self._choice.value
        if chosen == OWN:
            self.dismiss(True)
            return
        empty = next((field for field in self.fields if not field.value.strip()), None)
        if empty is not None:
            self.say(_("Fill in: {field}").format(field=empty.placeholder), error=True)
            empty.focus()
            return
        if chosen == INVITED and self.value("password") != self.value("again"):
            self.say(_("The two passwords differ"), error=True)
            return
        self.work(_("Asking the team's server…"))
        start(self, self._go, group="where", exclusive=True)

    async def _go(self) -> None:
        try:
            if self._choice.value == INVITED:
                await self._ways.join(self.value("invitation"), self.value("password"))
            else:
                await self._ways.enter(
                    self.value("address").strip(), self.value("email"), self.value("password")
                )
        except Exception as error:  # noqa: BLE001 - whatever it was, one line says it and the fields stay
            self._refused(explained(error))
        else:
            self.dismiss(True)

    def _refused(self, error: AgentIQError) -> None:
        invited = self._choice.value == INVITED
        if invited and isinstance(error, WrongPassword):
            line = _(
                "The invitation is spent, too old or for a disabled operator: ask for a new one (agentiq operator invite)"
            )
        else:
            line = inert_line(str(error)) if "rule" in error.params else _unreachable(error) or explain(error)
        self.rest(line, focus="invitation" if invited else "address")

    def action_leave(self) -> None:
        """From a team's fields back to the choice; from there on: later, and an own database until then."""
        if self.busy:
            return
        if self._choice.value == OWN:
            self.dismiss(True)
            return
        self._choice.value = OWN
        self._choice.refresh()
        self._choice.focus()
        self._show()

    async def action_quit(self) -> None:
        self.dismiss(False)


def _unreachable(error: AgentIQError) -> str:
    """What is wrong with an address; the address itself is never repeated. "" for other errors."""
    if error.code != StoreUnavailable.code:
        return ""
    match error.params.get("refused"):
        case "password":
            return _("The server does not take the user and password of this address")
        case "database":
            return _(
                "There is no team's database at this address: its owner makes one with agentiq init --email"
            )
    return _("The server cannot be reached: check the address and the network")

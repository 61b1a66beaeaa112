"""The team key of this machine, asked where somebody joined a team: with it AgentIQ pulls and sends from here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from agentiq_tui.asking import start
from agentiq_tui.explain import explain
from agentiq_tui.locale import _
from agentiq_tui.screens.form import FormScreen
from agentiq_tui.unforeseen import explained
from agentiq_tui.widgets.action_text import ActionText, link


class TeamKeyScreen(FormScreen[bool]):
    """Dismissed with True when the key is kept here, False to go on without it. The key is tried before it is kept."""

    def __init__(self, keep: Callable[[str], Awaitable[None]], *, missing: bool) -> None:
        super().__init__()
        self._keep = keep
        self._missing = missing

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-form") as dialog:
            dialog.border_title = _("Team key")
            why = (
                _(
                    "This machine has no team key. With it AgentIQ reads and answers the marketplaces from here; without it"
                    " everything is shown, and replies leave through your team's other machines."
                )
                if self._missing
                else _(
                    "This machine has a team key. Another one takes its place, as after agentiq team-key rotate."
                )
            )
            where = _(
                "A machine that has it prints it: agentiq team-key show. With it and the database every shop's key can be read:"
                " take it only if you are trusted with all of them."
            )
            yield Static(Content(f"{why}\n\n{where}\n"))
            yield Input(placeholder=_("Team key: 44 characters"), password=True, id="team-key", compact=True)
            yield Static("", id="form-said")
            yield ActionText("", id="dialog-links")

    def on_mount(self) -> None:
        without = _("go on without it") if self._missing else _("back")
        self.links(link(_("keep it here"), "submit"), link(without, "leave"))

    def action_submit(self) -> None:
        if self.busy:
            return
        key = self.value("team-key").strip()
        if not key:
            self.say(_("Fill in: {field}").format(field=_("Team key")), error=True)
            return
        self.work(_("Trying the key…"))

        async def keep() -> None:
            try:
                await self._keep(key)
            except Exception as error:  # noqa: BLE001 - whatever it was, one line says it and the field stays
                self.rest(explain(explained(error)), focus="team-key")
            else:
                self.dismiss(True)

        start(self, keep, group="team-key", exclusive=True)

    def action_leave(self) -> None:
        if not self.busy:
            self.dismiss(False)

    async def action_quit(self) -> None:
        """A desk that is still being opened waits for the answer: without it the app could not end."""
        self.dismiss(False)
        start(self.app, self.desk_app.action_quit, group="leave")

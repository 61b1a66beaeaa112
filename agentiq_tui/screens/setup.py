"""First steps on a new machine: where the database is, the first shop, a try without risk, where help is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from agentiq_core.domain.text import inert_line
from agentiq_core.domain.views import Overview, SellerStatus
from agentiq_tui.actions import Where, shown_key
from agentiq_tui.asking import Latest
from agentiq_tui.locale import _, ngettext
from agentiq_tui.messages import Failed, OverviewFetched
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.wording import ERRORS, REASONS, error_line, marketplace_short, said

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

LOOK_SECONDS = 1.0
"""Between two looks at how far the first sync is."""
ROOMY = 30
"""Lines of the window from which the steps stand apart."""
DEMO = "demo"


class SetupScreen(WindowScreen["str | None"], keys=Where.FIRST_STEPS):
    """Every step may be skipped and done later; dismissed with "demo" when the operator wants to try there.

    `demo_here`: the demo can be started from here, and leads back here.
    """

    def __init__(self, desk: Desk, *, demo_here: bool) -> None:
        super().__init__()
        self._desk = desk
        self._demo_here = demo_here
        self._overview: Overview | None = None
        self._latest = Latest(self, self._fetch, quiet=True)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-form -setup") as dialog:
            dialog.border_title = _("First steps")
            yield ActionText(id="setup-steps", hang=5)
            yield Static(id="form-said")
            yield ActionText(self._links(), id="dialog-links")

    def on_mount(self) -> None:
        self._draw()
        self._latest.request()
        self.set_interval(LOOK_SECONDS, self._latest.request)

    def _links(self) -> Content:
        links = []
        if self._manages:
            links.append(link(_("add a shop"), "add_shop"))
        if self._demo_here:
            links.append(link(_("try the demo"), "demo"))
        links += [link(_("keys"), "help"), link(_("to the desk"), "leave")]
        return Content("   ").join(links)

    @property
    def _manages(self) -> bool:
        return self._desk.who.may_manage

    async def _fetch(self) -> OverviewFetched:
        return OverviewFetched(await self._desk.overview())

    def on_overview_fetched(self, event: OverviewFetched) -> None:
        event.stop()
        self._overview = event.overview
        self._say("")
        self._draw()

    def _draw(self) -> None:
        steps = [self._database(), self._shops(), self._try(), self._help()]
        lines = [
            Content.assemble(
                (f"{sign} {number}. ", "$success bold" if sign == "✓" else "$warning bold"),
                (title, "bold"),
                *("\n     " + line for line in rest),
            )
            for number, (sign, title, rest) in enumerate(steps, 1)
        ]
        apart = "\n" if self.app.size.height < ROOMY else "\n\n"
        # a look may be answered while the screen goes
        for steps_here in self.query("#setup-steps").results(Static):
            steps_here.update(Content(apart).join(lines))

    def _database(self) -> tuple[str, str, list[str]]:
        if not self._desk.personal:
            return "✓", _("Database: this machine's own"), [_("A team can be joined later: agentiq login")]
        who = inert_line(self._desk.who.email)
        return "✓", _("Database: the team's"), [_("You are {email}").format(email=who)]

    def _shops(self) -> tuple[str, str, list[str]]:
        sellers = self._overview.sellers if self._overview else ()
        if sellers:
            title = ngettext("{n} shop is connected", "{n} shops are connected", len(sellers))
            return "✓", title.format(n=len(sellers)), [_progress(seller) for seller in sellers[:3]]
        if not self._manages:
            return "○", _("First shop"), [_("An admin or owner of the team connects shops")]
        return (
            "○",
            _("First shop"),
            [
                _("{key} asks for its key, checks it and fetches the conversations.").format(
                    key=shown_key("add_shop")
                ),
                _("Where the key is to be found: docs/sellers, click by click."),
            ],
        )

    def _try(self) -> tuple[str, str, list[str]]:
        how = (
            _("{key} opens it; leaving it leads back here.").format(key=shown_key("demo"))
            if self._demo_here
            else _("Start it in another terminal: agentiq demo")
        )
        return (
            "○",
            _("Try a reply without risk"),
            [
                _("The demo has marketplaces of its own, and buyers who write."),
                _("Nothing there reaches anybody, and nothing of yours is touched."),
                how,
            ],
        )

    def _help(self) -> tuple[str, str, list[str]]:
        return (
            "○",
            _("Where help is"),
            [
                _("{help} lists every key, {palette} every command; this list is in it: First steps.").format(
                    help=shown_key("help"), palette=shown_key("palette")
                ),
                _("agentiq doctor looks whether everything works; the folder docs explains the rest."),
            ],
        )

    def on_resize(self) -> None:
        self._draw()

    def action_add_shop(self) -> None:
        """Connect the first shop, or one more."""
        from agentiq_tui.screens.add_shop import AddShopScreen

        if self._manages:
            self.app.push_screen(AddShopScreen(self._desk), lambda _seller: self._latest.request())
        else:
            self._say(_("An admin or owner of the team connects shops"))

    def action_demo(self) -> None:
        """Try it on a sandbox."""
        if self._demo_here:
            self.dismiss(DEMO)

    def action_help(self) -> None:
        from agentiq_tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(Where.ANYWHERE, self._desk.who))

    def on_failed(self, event: Failed) -> None:
        self._say(f"✗ {error_line(event.error)}")

    def _say(self, line: str) -> None:
        for said_here in self.query("#form-said").results(Static):
            said_here.update(Content(line))


def _progress(seller: SellerStatus) -> str:
    """How far a shop's first sync is."""
    name = f"{marketplace_short(seller.marketplace)} {inert_line(seller.name)}"
    read = _("{pages} pages, {messages} messages").format(pages=seller.pages, messages=seller.messages)
    if seller.trouble is not None:
        return f"{name}: ✗ {said(ERRORS | REASONS, seller.trouble)}"
    if seller.last_sync_at is None:
        return f"{name}: " + _("the first sync runs: {read}").format(read=read)
    return f"{name}: " + _("can be answered; {read}").format(read=read)

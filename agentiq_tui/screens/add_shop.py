"""A shop is connected: name, key, what the key can do, and the first walk through its history."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, ProgressBar, Static

from agentiq_core.connectors.base import Credentials
from agentiq_core.connectors.errors import SeveralAccounts
from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_core.domain.errors import AgentIQError, DuplicateAccount
from agentiq_core.domain.text import inert_line
from agentiq_tui.actions import Where
from agentiq_tui.asking import start
from agentiq_tui.locale import _, mark
from agentiq_tui.screens.form import FormScreen
from agentiq_tui.unforeseen import explained
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.wording import ERRORS, KEY_PROBLEMS, REASONS, error_line, marketplace_name, said

if TYPE_CHECKING:
    from agentiq_core.domain.views import SellerStatus
    from agentiq_core.engine.desk import Desk
    from agentiq_core.engine.sellers import KeyCheck

FORM, CHECKED, CONNECTED, READING = "form", "checked", "connected", "reading"
_CAN = {True: ("✓", "$success"), False: ("✗", "$error")}
FOLLOW_SECONDS = 0.5
"""Between two looks at how far the workers have read."""
READ, ANSWER = mark("read conversations"), mark("send replies")


class AddShopScreen(FormScreen[int], keys=Where.ADD_SHOP):
    """Dismissed with the new seller's number. The workers read its history; they go on when this screen is left."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._step = FORM
        self._seller_id: int | None = None
        self._marketplaces = list(MARKETPLACES)
        self._chosen = 0

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-form") as dialog:
            dialog.border_title = _("Add a shop")
            yield ActionText("", id="shop-marketplace")
            yield Input(placeholder=_("How the shop is called here"), id="name", compact=True)
            yield Input(
                placeholder=_("Key from the marketplace's cabinet (paste it)"),
                password=True,
                id="key",
                compact=True,
            )
            yield Input(placeholder="Client-Id", id="client-id", compact=True)
            yield Input(placeholder=_("Number of the account"), id="account", compact=True)
            yield Static("", id="form-said")
            yield ProgressBar(total=None, show_percentage=False, show_eta=False, id="shop-progress")
            yield ActionText("", id="dialog-links")

    def on_mount(self) -> None:
        self.query_one(ProgressBar).display = False
        self.query_one("#account", Input).display = False
        self._tell_where()
        self._show()
        self.query_one("#name", Input).focus()

    def _show(self) -> None:
        chosen = self._marketplaces[self._chosen]
        name = marketplace_name(chosen)
        self.query_one("#client-id", Input).display = MARKETPLACES[chosen].needs_client_id
        another = Content.assemble("   ", link(_("another"), "shop_another"))
        more = another if len(self._marketplaces) > 1 else ""
        self.query_one("#shop-marketplace", ActionText).update(Content.assemble((name, "bold"), more))
        word = {
            FORM: _("check the key"),
            CHECKED: _("connect"),
            CONNECTED: _("fetch its conversations"),
            READING: _("to the desk; it goes on"),
        }[self._step]
        back = _("later") if self._step == CONNECTED else _("back")
        links = [link(word, "submit")]
        if self._step != READING:
            links.append(link(back, "leave"))
        self.links(*links)

    def action_another(self) -> None:
        """Another marketplace."""
        if self._step == FORM and not self.busy:
            self._chosen = (self._chosen + 1) % len(self._marketplaces)
            self.query_one("#account", Input).display = False
            self._tell_where()
            self._show()

    def _tell_where(self) -> None:
        """What becomes of the key, and where this marketplace gives it."""
        kept = _("The key is checked before it is stored, and stored encrypted")
        page = MARKETPLACES[self._marketplaces[self._chosen]].manual
        where = _("Where it is to be found: docs/sellers/{page}").format(page=page) if page else ""
        self.say("\n".join(filter(None, (kept, where))))

    def on_input_changed(self) -> None:
        """What was checked is another key now."""
        if self._step == CHECKED and not self.busy:
            self._step = FORM
            self.say("")
            self._show()

    def action_submit(self) -> None:
        if self.busy:
            return
        if self._step == FORM:
            empty = next((field for field in self.fields if not field.value.strip()), None)
            if empty is not None:
                self.say(_("Fill in: {field}").format(field=empty.placeholder), error=True)
                empty.focus()
                return
            self.work(_("Asking the marketplace…"))
            start(self, self._check, group="shop", exclusive=True)
        elif self._step == CHECKED:
            self.work(_("Connecting…"))
            start(self, self._connect, group="shop", exclusive=True)
        elif self._step == CONNECTED and self._seller_id is not None:
            self._step = READING
            self.query_one(ProgressBar).display = True
            self._show()
            self.say(_("Reading its history…"))
            start(self, self._follow, group="shop", exclusive=True)
        else:
            self.dismiss(self._seller_id)

    def action_leave(self) -> None:
        if self._step in (CONNECTED, READING):
            self.dismiss(self._seller_id)
        elif self._step == CHECKED and not self.busy:
            self._step = FORM
            self.rest("", error=False, focus="key")
            self._show()
        elif not self.busy:
            self.dismiss(None)

    def _credentials(self) -> Credentials:
        shown = {field.id: field.value.strip() for field in self.fields}
        return Credentials(
            secret=self.value("key").strip(),
            client_id=shown.get("client-id") or None,
            account_id=shown.get("account") or None,
        )

    async def _check(self) -> None:
        try:
            checked = await self._desk.check_key(self._marketplaces[self._chosen], self._credentials())
        except Exception as error:  # noqa: BLE001 - whatever it was, one line says it and the fields stay
            self._failed(explained(error))
            return
        self._step = CHECKED
        self.rest(_report(checked), error=False)
        self._show()

    async def _connect(self) -> None:
        try:
            self._seller_id = await self._desk.add_seller(
                self._marketplaces[self._chosen], self.value("name"), self._credentials()
            )
        except Exception as error:  # noqa: BLE001 - as above
            self._step = FORM
            self._failed(explained(error))
            self._show()
            return
        self._step = CONNECTED
        # a key that is stored has no business on the screen any more
        self.query_one("#key", Input).value = ""
        self.work(
            "✓ "
            + _("{name} is connected. Fetch its conversations now?").format(
                name=inert_line(self.value("name"))
            )
        )
        self.busy = False
        self._show()

    def _failed(self, error: AgentIQError) -> None:
        line = error_line(error)
        detail = inert_line(str(error.params.get("detail") or ""))
        if isinstance(error, DuplicateAccount) and error.params.get("name"):
            line = _("This account is already connected as “{name}”").format(
                name=inert_line(str(error.params["name"]))
            )
        elif detail:
            line = f"{line}: {said(KEY_PROBLEMS, detail)}"
        several = isinstance(error, SeveralAccounts)
        if several:
            self.query_one("#account", Input).display = True
        self.rest(line, focus="account" if several else "key")

    async def _follow(self) -> None:
        """Ask the workers to begin, and show how far they are until the whole history is read."""
        assert self._seller_id is not None
        try:
            await self._desk.pull_now(self._seller_id)
            # how far they are stands in the database, which has nobody to wake us for it
            while not self._told(await self._desk.seller(self._seller_id)):  # noqa: ASYNC110
                await asyncio.sleep(FOLLOW_SECONDS)
        except Exception as error:  # noqa: BLE001 - as above; the workers do not need this screen
            self.say(error_line(explained(error)), error=True)

    def _told(self, seller: SellerStatus) -> bool:
        bar = self.query_one(ProgressBar)
        line = _("{pages} pages, {messages} messages").format(pages=seller.pages, messages=seller.messages)
        if seller.oldest_at is not None:
            line += ", " + _("oldest of {date}").format(
                date=seller.oldest_at.astimezone(UTC).strftime("%d.%m.%Y")
            )
        if seller.last_sync_at is not None:
            share = seller.history_read(datetime.now(UTC))
            if share is None:
                bar.update(total=1, progress=1)
                self.say("✓ " + line)
                return True
            bar.update(total=100, progress=int(share * 100))
            self.say("✓ " + _("the newest conversations can be answered; {line}").format(line=line))
            return False
        if seller.trouble is not None:
            self.say(f"{said(ERRORS | REASONS, seller.trouble)}; {line}", error=True)
        else:
            self.say(line)
        return False


def _report(checked: KeyCheck) -> Content:
    """What the key can and cannot do, a line each."""
    report = checked.report
    can = [(_(READ), True), (_(ANSWER), not report.read_only)]
    lines = [Content.assemble(f"{_CAN[able][0]} {words}").stylize(_CAN[able][1]) for words, able in can]
    if report.slow:
        lines.append(
            Content.styled(
                _(
                    "! A base key: the marketplace allows one request an hour. Messages come and replies leave that late"
                ),
                "$warning",
            )
        )
    if report.expires_at is not None:
        lines.append(Content(_("valid until {date}").format(date=report.expires_at.strftime("%d.%m.%Y"))))
    if checked.chats is not None:
        lines.append(Content(_("conversations: {n}").format(n=checked.chats)))
    lines += [
        Content.styled(f"! {said(KEY_PROBLEMS, problem.value)}", "$warning") for problem in report.problems
    ]
    return Content("\n").join(lines)

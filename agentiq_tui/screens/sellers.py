"""The shops: how each line does, and what an admin does about it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual.content import Content

from agentiq_core.domain.team import AssignmentRule
from agentiq_core.domain.views import ChannelStatus, SellerState, SellerStatus
from agentiq_tui.actions import Where
from agentiq_tui.asking import Latest
from agentiq_tui.explain import explain_trouble
from agentiq_tui.locale import _, ngettext
from agentiq_tui.messages_office import OfficeFetched, OfficeTold, SharingFetched
from agentiq_tui.screens.office_list import OfficeListScreen
from agentiq_tui.shop_words import ASSIGNING, STATES, key_words
from agentiq_tui.shown import fitted, list_line
from agentiq_tui.timing import age
from agentiq_tui.widgets.action_text import link
from agentiq_tui.wording import CHANNELS, marketplace_name, marketplace_short, said

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

LOOK_AGAIN = 5.0
"""Seconds between looks at the lines: reading is not told as a change."""
FOLLOW_SECONDS = 0.5
ENDS_SOON = timedelta(days=14)
NAME, STATE, SYNC = 24, 16, 14
_STATE_STYLES = {
    SellerState.ACTIVE: ("●", "$success"),
    SellerState.PAUSED: ("◐", "$warning"),
    SellerState.STOPPED: ("✗", "$error"),
}


class SellersScreen(OfficeListScreen[SellerStatus], keys=Where.SHOPS):
    """p pauses and resumes, y reads now, t tries the key, n takes a new one, u says how conversations are shared out, a adds."""

    def __init__(self, desk: Desk, clock: Callable[[], datetime]) -> None:
        super().__init__(desk, clock)
        self._sharing: dict[int, AssignmentRule] = {}
        self._rule = Latest(self, self._fetch_rule)

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(LOOK_AGAIN, self.request)

    def heading(self) -> str:
        return _("Shops")

    def empty(self) -> str:
        return _("No shop is connected yet")

    def link_line(self) -> list[Content]:
        back = link(_("back"), "leave")
        if not self._desk.who.may_write:
            return [back]
        work = [link(_("read now"), "shop_sync"), link(_("try the key"), "shop_test")]
        if not self.may_change:
            return [*work, back]
        current = self.current
        runs = current is None or current.state is SellerState.ACTIVE
        return [
            link(_("pause") if runs else _("resume"), "shop_pause"),
            *work,
            link(_("new key"), "shop_key"),
            link(_("sharing out"), "shop_sharing"),
            link(_("add"), "list_add"),
            back,
        ]

    def key(self, row: SellerStatus) -> Hashable:
        return row.seller_id

    async def fetch(self) -> OfficeFetched:
        return OfficeFetched((await self._desk.overview()).sellers)

    async def _fetch_rule(self) -> SharingFetched | None:
        shop = self.current
        if shop is None or shop.seller_id in self._sharing:
            return None
        return SharingFetched(shop.seller_id, await self._desk.assignment.rule(shop.seller_id))

    def on_sharing_fetched(self, event: SharingFetched) -> None:
        self._sharing[event.seller_id] = event.rule
        self.show_detail()

    def columns(self) -> Content:
        titles = fitted(_("shop"), NAME) + fitted(_("state"), STATE) + fitted(_("read"), SYNC) + _("trouble")
        return Content.styled(titles, "$faint")

    def row(self, row: SellerStatus) -> Content:
        sign, style = _STATE_STYLES[row.state]
        state = f"{sign} " + _(STATES[row.state])
        name = f"{marketplace_short(row.marketplace)} {list_line(row.name)}"
        trouble = ""
        if row.trouble is not None:
            trouble = explain_trouble(row.trouble, row.trouble_detail)
        elif (ending := self._ending(row)) is not None:
            trouble = ending
        return Content.assemble(
            fitted(name, NAME - 1) + " ",
            (fitted(state, STATE - 1) + " ", style),
            (fitted(self._read(row.last_sync_at), SYNC - 1) + " ", "$faint"),
            (list_line(trouble), "$error" if row.trouble is not None else "$warning"),
        )

    def _read(self, at: datetime | None) -> str:
        return _("not yet") if at is None else _("{age} ago").format(age=age(at, self.clock()))

    def _ending(self, row: SellerStatus) -> str | None:
        """When the key ends, while that is soon."""
        if row.key_expires_at is None or row.key_expires_at - self.clock() > ENDS_SOON:
            return None
        left = max(0, (row.key_expires_at - self.clock()).days)
        return ngettext("the key ends in {n} day", "the key ends in {n} days", left).format(n=left)

    def detail(self, row: SellerStatus) -> Content:
        lines = [
            Content.assemble(
                (list_line(row.name), "bold"), f", {marketplace_name(row.marketplace)} · #{row.seller_id}"
            )
        ]
        lines += [self._channel(one) for one in row.channels]
        if row.state is SellerState.STOPPED and row.trouble is None:
            lines.append(
                Content.styled(
                    _("Stopped: the marketplace refused the key. A new one starts it again"), "$error"
                )
            )
        ends = "—" if row.key_expires_at is None else row.key_expires_at.astimezone().strftime("%d.%m.%Y")
        ending = self._ending(row)
        lines.append(
            Content.assemble(
                _("key valid until {date}").format(date=ends), (f" · {ending}" if ending else "", "$warning")
            )
        )
        facts = [self._progress(row)]
        if row.slow:
            facts.append(_("slow: the key may ask once an hour"))
        if row.quarantined:
            facts.append(_("in quarantine: {n}").format(n=row.quarantined))
        lines.append(Content(" · ".join(facts)))
        rule = self._sharing.get(row.seller_id)
        if rule is not None:
            shared = _("new conversations: {mode}; a claim lasts {n} min")
            lines.append(Content(shared.format(mode=_(ASSIGNING[rule.mode]), n=rule.claim_minutes)))
        return Content("\n").join(lines)

    def _channel(self, one: ChannelStatus) -> Content:
        """How the reading of one channel goes, in words."""
        name = said(CHANNELS, one.channel)
        if one.trouble is None:
            read = _("read {when}").format(when=self._read(one.last_sync_at))
            return Content.assemble(("✓ ", "$success"), f"{name}: {read}")
        return Content.assemble(
            ("✗ ", "$error"),
            f"{name}: ",
            (list_line(explain_trouble(one.trouble, one.trouble_detail)), "$error"),
            (f" ({self._read(one.last_sync_at)})", "$faint"),
        )

    def _progress(self, row: SellerStatus) -> str:
        line = _("{pages} pages, {messages} messages").format(pages=row.pages, messages=row.messages)
        share = row.history_read(self.clock())
        if share is not None:
            line += ", " + _("history read: {share} %").format(share=int(share * 100))
        return line

    def moved(self) -> None:
        # the first link pauses or resumes, as the shop under the cursor is
        self.show_links()
        self._rule.request()

    def action_pause(self) -> None:
        """The shop rests, or works again."""
        shop = self.current
        if shop is None or not self.allowed():
            return

        async def turn() -> str:
            if shop.state is SellerState.ACTIVE:
                await self._desk.shops.pause(shop.seller_id)
                return _("{name} rests: nothing is read and nothing leaves until it goes on").format(
                    name=list_line(shop.name)
                )
            await self._desk.shops.resume(shop.seller_id)
            return _("{name} goes on").format(name=list_line(shop.name))

        self.work(_("One moment…"), turn)

    def action_sync(self) -> None:
        """Read the shop's feeds now, and say how far they are."""
        shop = self.current
        if shop is not None and self._writer():
            self.work(_("Asking the workers to read…"), lambda: self._follow(shop))

    async def _follow(self, shop: SellerStatus) -> str:
        """Until a read that began after this moment ended, well or not."""
        began = shop.last_sync_at
        await self._desk.pull_now(shop.seller_id)
        while True:
            now = await self._desk.seller(shop.seller_id)
            if now.state is not SellerState.ACTIVE:
                return _("{name} does not work now: {state}").format(
                    name=list_line(now.name), state=_(STATES[now.state])
                )
            if now.trouble is not None and not now.syncing:
                return f"{list_line(now.name)}: {explain_trouble(now.trouble, now.trouble_detail)}"
            if now.last_sync_at is not None and (began is None or now.last_sync_at > began):
                return f"{list_line(now.name)}: {self._progress(now)}"
            self.post_message(OfficeTold(f"{list_line(now.name)}: {self._progress(now)}"))
            # how far they are stands in the database, which has nobody to wake us for it
            await asyncio.sleep(FOLLOW_SECONDS)

    def action_test(self) -> None:
        """Ask the marketplace what the key can."""
        shop = self.current
        if shop is None or not self._writer():
            return

        async def test() -> str:
            checked = await self._desk.shops.test(shop.seller_id)
            return f"{list_line(shop.name)}: {key_words(checked, shop.marketplace)}"

        self.work(_("Asking the marketplace…"), test)

    def action_new_key(self) -> None:
        """Another key to the same account."""
        from agentiq_tui.screens.secret import SecretScreen

        shop = self.current
        if shop is None or self.busy or not self.allowed():
            return

        def given(secret: str | None) -> None:
            if secret is None:
                return

            async def change() -> str:
                checked = await self._desk.shops.replace_key(shop.seller_id, secret)
                return _("{name} has its new key: {can}").format(
                    name=list_line(shop.name), can=key_words(checked, shop.marketplace)
                )

            self.work(_("Asking the marketplace…"), change)

        title = _("A new key of {name}").format(name=list_line(shop.name))
        lines = _(
            "It is tried first; the old one stays if the new one does not work or opens another account. It is stored encrypted."
        )
        self.app.push_screen(SecretScreen(title, lines), given)

    def action_sharing(self) -> None:
        """How new conversations of the shop come to somebody."""
        from agentiq_tui.screens.sharing import SharingScreen

        shop = self.current
        rule = None if shop is None else self._sharing.get(shop.seller_id)
        if shop is None or rule is None or self.busy or not self.allowed():
            return

        def chosen(wanted: AssignmentRule | None) -> None:
            if wanted is None or wanted == rule:
                return

            async def keep() -> str:
                await self._desk.assignment.set_rule(shop.seller_id, wanted)
                self._sharing[shop.seller_id] = wanted
                return _("New conversations of {name}: {mode}").format(
                    name=list_line(shop.name), mode=_(ASSIGNING[wanted.mode])
                )

            self.work(_("Saving…"), keep)

        self.app.push_screen(SharingScreen(rule), chosen)

    def action_add(self) -> None:
        """Connect another account."""
        from agentiq_tui.screens.add_shop import AddShopScreen

        if self.allowed():
            self.app.push_screen(AddShopScreen(self._desk), lambda _seller: self.request())

    def _writer(self) -> bool:
        if not self._desk.who.may_write:
            self.say(_("A viewer only looks"), error=True)
        return self._desk.who.may_write

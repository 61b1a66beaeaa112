"""Which language model writes each shop's suggestions, what it may cost, where its key is, and what it is told."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import NamedTuple

from textual.content import Content

from agentiq_core.domain.suggesting import ModelSettings, ModelStanding
from agentiq_core.domain.text import inert_line
from agentiq_core.domain.views import SellerStatus
from agentiq_tui.actions import Where, shown_key
from agentiq_tui.bars import bar
from agentiq_tui.locale import _, mark, ngettext
from agentiq_tui.messages_office import OfficeFetched
from agentiq_tui.screens.office_list import OfficeListScreen
from agentiq_tui.shown import fitted, list_line
from agentiq_tui.widgets.action_text import link
from agentiq_tui.wording import marketplace_short

NAME, MODEL, KEY = 18, 26, 6
TALL = 30
"""Rows of a window that has room for all that a provider is told."""
KEY_PLACES: dict[str, str] = {
    "keyring": mark("the keyring of this system"),
    "encrypted file": mark("an encrypted file in AgentIQ's home"),
    "file": mark("a file in AgentIQ's home that you alone may read"),
    "environment": mark("the environment alone (AGENTIQ_MODEL_KEY)"),
}


class Line(NamedTuple):
    """A shop and its model as it stands here."""

    shop: SellerStatus
    standing: ModelStanding


class ModelsScreen(OfficeListScreen[Line], keys=Where.MODELS):
    """Enter changes the settings, k takes the key, x forgets it, t asks a word, o turns the model off and on."""

    kind = "-models"

    def heading(self) -> str:
        return _("Language models")

    def empty(self) -> str:
        return _("No shop is connected yet")

    def head(self) -> Content:
        kept = _(KEY_PLACES.get(self._desk.models.key_place, self._desk.models.key_place))
        lines = [
            _("Keys of models are kept on this machine only: {place}; never in the database.").format(
                place=kept
            )
        ]
        told = _("The provider is told ten messages without personal data, good, order, first name")
        if self.app.size.height >= TALL:
            told = _(
                "The provider is told: the last ten messages, phones, cards, documents, addresses and e-mails masked; the good and the order;"
                " approved texts; the buyer's first name. Never: keys, surnames, other conversations, what only people may answer."
            )
        lines.append(told)
        return Content.styled("\n".join(lines), "$faint")

    def link_line(self) -> list[Content]:
        back = link(_("back"), "leave")
        if not self._desk.who.may_write:
            return [back]
        work = [
            link(_("key"), "model_key"),
            link(_("forget"), "model_forget"),
            link(_("ask it"), "model_test"),
        ]
        if not self.may_change:
            return [*work, back]
        settings = None if self.current is None else self.current.standing.settings
        turn = _("off") if settings is None or settings.enabled else _("on")
        return [link(_("edit"), "list_edit"), *work, link(turn, "model_turn"), back]

    def moved(self) -> None:
        # the last link turns the model of the shop under the cursor off or on
        self.show_links()

    def key(self, row: Line) -> Hashable:
        return row.shop.seller_id

    async def fetch(self) -> OfficeFetched:
        shops = (await self._desk.overview()).sellers
        return OfficeFetched(
            tuple([Line(one, await self._desk.models.standing(one.seller_id)) for one in shops])
        )

    def columns(self) -> Content:
        titles = fitted(_("shop"), NAME) + fitted(_("model"), MODEL) + fitted(_("key"), KEY)
        titles += _("spent today")
        return Content.styled(titles, "$faint")

    def row(self, row: Line) -> Content:
        shop, standing = row
        name = fitted(f"{marketplace_short(shop.marketplace)} {list_line(shop.name)}", NAME - 1) + " "
        settings = standing.settings
        if settings is None:
            return Content.assemble(name, (_("none: templates only"), "$faint"))
        sign, style = ("●", "$success") if settings.enabled else ("○", "$faint")
        if standing.trouble:
            sign, style = "✗", "$error"
        here = _("yes") if standing.key_here else _("no")
        return Content.assemble(
            name,
            (fitted(f"{sign} {list_line(standing.model or settings.profile)}", MODEL - 1) + " ", style),
            (fitted(here, KEY), "" if standing.key_here else "$warning"),
            _spent(standing),
        )

    def detail(self, row: Line) -> Content:
        standing, settings = row.standing, row.standing.settings
        if settings is None:
            return Content(
                _("Suggestions are templates here. {key} chooses a model.").format(key=shown_key("list_edit"))
            )
        lines = [
            Content.assemble(
                (list_line(standing.model or settings.profile), "bold"),
                "" if settings.enabled else " · " + _("off"),
            )
        ]
        if standing.trouble:
            lines.append(Content.styled(f"✗ {inert_line(standing.trouble)}", "$error"))
        if not standing.key_here:
            lines.append(
                Content.styled(
                    _(
                        "This machine has no key for it ({key}): asking is left to machines that have one"
                    ).format(key=shown_key("model_key")),
                    "$warning",
                )
            )
        if settings.base_url:
            lines.append(Content(_("address: {address}").format(address=list_line(settings.base_url))))
        at_once = ngettext("{n} question at once", "{n} questions at once", settings.concurrency).format(
            n=settings.concurrency
        )
        waiting = _("waiting for it: {n}").format(n=standing.waiting)
        lines.append(Content(f"{_budget(standing)} · {at_once} · {waiting}"))
        for one in standing.today:
            asked = ngettext("{n} question", "{n} questions", one.calls).format(n=one.calls)
            money = f"{one.cost:f} {standing.currency}".strip()
            tokens = _("{read} tokens read, {written} written").format(
                read=one.tokens_in, written=one.tokens_out
            )
            lines.append(Content(f"{list_line(one.model)}: {asked}, {tokens}, {money}"))
        lines.append(Content(_("tone: {tone}").format(tone=inert_line(settings.tone) or "—")))
        return Content("\n").join(lines)

    def action_edit(self) -> None:
        """Provider, address, model, tone, money and questions at once."""
        from agentiq_tui.screens.model_form import ModelFormScreen

        row = self.current
        if row is None or self.busy or not self.allowed():
            return

        def filled(wanted: ModelSettings | None) -> None:
            if wanted is None:
                return

            async def keep() -> str:
                await self._desk.models.set(row.shop.seller_id, wanted)
                return _("{name}: the model is set").format(name=list_line(row.shop.name))

            self.work(_("Saving…"), keep)

        self.app.push_screen(ModelFormScreen(row.standing.settings), filled)

    def action_take_key(self) -> None:
        """Keep the provider's key on this machine."""
        from agentiq_tui.screens.secret import SecretScreen

        row = self._with_model()
        if row is None:
            return

        def given(secret: str | None) -> None:
            if secret is None:
                return

            async def keep() -> str:
                await self._desk.models.keep_key(row.shop.seller_id, secret)
                return _("The key is kept here and goes to {where} alone").format(
                    where=list_line(row.standing.model)
                )

            self.work(_("Saving…"), keep)

        place = _(KEY_PLACES.get(self._desk.models.key_place, self._desk.models.key_place))
        lines = _(
            "It is kept on this machine ({place}), bound to the address of the model, and never in the database."
        )
        title = _("The key for {model}").format(model=list_line(row.standing.model))
        self.app.push_screen(SecretScreen(title, lines.format(place=place)), given)

    def action_forget(self) -> None:
        """This machine asks models of this provider no more."""
        row = self._with_model()
        if row is None or row.standing.settings is None:
            return
        profile = row.standing.settings.profile

        async def forget() -> str:
            await self._desk.models.forget_key(profile)
            return _("The key is forgotten here; other machines keep theirs")

        self.work(_("One moment…"), forget)

    def action_test(self) -> None:
        """Ask the model a word."""
        row = self._with_model()
        if row is None:
            return

        async def test() -> str:
            said = await self._desk.models.test(row.shop.seller_id)
            line = _("{model} answered in {seconds} s")
            return line.format(model=list_line(said.model), seconds=f"{said.latency:.1f}")

        self.work(_("Asking the model a word…"), test)

    def action_turn(self) -> None:
        """Templates only from now on, or the model again; the settings stay."""
        row = self._with_model()
        if row is None or row.standing.settings is None or not self.allowed():
            return
        settings = row.standing.settings

        async def turn() -> str:
            if settings.enabled:
                await self._desk.models.off(row.shop.seller_id)
                return _("Templates only from now on; the settings stay")
            await self._desk.models.set(row.shop.seller_id, replace(settings, enabled=True))
            return _("{name}: the model is set").format(name=list_line(row.shop.name))

        self.work(_("One moment…"), turn)

    def _with_model(self) -> Line | None:
        """The shop under the cursor, when it has a model and something may be done about it."""
        row = self.current
        if row is None or self.busy:
            return None
        if not self._desk.who.may_write:
            self.say(_("A viewer only looks"), error=True)
            return None
        if row.standing.settings is None:
            self.say(
                _("This shop has no language model yet: {key} chooses one").format(
                    key=shown_key("list_edit")
                ),
                error=True,
            )
            return None
        return row


def _spent(standing: ModelStanding) -> Content:
    """Today's money, as a bar of the budget where there is one."""
    settings = standing.settings
    money = f"{standing.spent_today:f} {standing.currency}".strip()
    budget = None if settings is None else settings.daily_budget
    if not budget:
        return Content(money)
    share = float(standing.spent_today / budget)
    style = "$error" if share >= 1 else "$accent"
    percent = f"{share:.0%}".replace("%", " %")
    return Content.assemble(f"{money}, {percent}  ", (bar(share, 6), style))


def _budget(standing: ModelStanding) -> str:
    settings = standing.settings
    if settings is None or settings.daily_budget is None:
        return _("no limit of money")
    return _("at most {money} a day").format(money=f"{settings.daily_budget} {standing.currency}".strip())

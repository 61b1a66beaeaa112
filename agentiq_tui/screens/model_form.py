"""A shop's language model, filled in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation

from textual import on
from textual.content import Content
from textual.widgets import Input

from agentiq_core.domain.suggesting import LONGEST_TONE, MOST_AT_ONCE, ModelSettings
from agentiq_tui.locale import _
from agentiq_tui.rule_messages import FormBuilt, FormRefused
from agentiq_tui.screens.labelled_form import LabelledFormScreen
from agentiq_tui.widgets.action_text import link
from agentiq_tui.widgets.choice import Choice
from agentiq_tui.widgets.labelled import Labelled

OF_THE_PROVIDER = ("base-url", "model", "folder", "scope", "price-in", "price-out", "currency")
"""Fields that mean nothing at another provider."""
DEFAULT = "deepseek"


class ModelFormScreen(LabelledFormScreen[ModelSettings]):
    """Dismissed with the settings; an empty field takes what the provider's profile says."""

    def __init__(self, settings: ModelSettings | None) -> None:
        super().__init__()
        self._settings = settings or ModelSettings(DEFAULT)

    def heading(self) -> str:
        return _("Language model of the shop")

    def rows(self) -> list[Labelled]:
        from agentiq_core.ai.profiles import PROFILES

        one = self._settings
        names = list(PROFILES)
        if one.profile not in names:
            names.append(one.profile)
        return [
            Labelled(_("provider"), Choice([(name, name) for name in names], one.profile, id="profile")),
            Labelled(_("model"), _input("model", one.model)),
            Labelled(_("address"), _input("base-url", one.base_url)),
            Labelled(_("folder"), _input("folder", one.folder, _("YandexGPT wants one"))),
            Labelled(_("contract"), _input("scope", one.scope, _("GigaChat: GIGACHAT_API_CORP"))),
            Labelled(
                _("tone"), _input("tone", one.tone, _("how the shop wants to sound, in your own words"))
            ),
            Labelled(_("money a day"), _input("budget", _money(one.daily_budget), _("no limit"))),
            Labelled(_("at once"), _input("at-once", str(one.concurrency))),
            Labelled(
                _("price of reading"), _input("price-in", _money(one.price_in), _("of a million tokens"))
            ),
            Labelled(
                _("price of writing"), _input("price-out", _money(one.price_out), _("of a million tokens"))
            ),
            Labelled(_("currency"), _input("currency", one.currency, "RUB")),
        ]

    def opened(self) -> None:
        self._tell_profile()

    def link_line(self) -> list[Content]:
        return [link(_("save"), "submit"), link(_("back"), "leave")]

    @on(Choice.Changed)
    def _another(self) -> None:
        """Another provider has other names, addresses and prices."""
        for name in OF_THE_PROVIDER:
            self.query_one(f"#{name}", Input).value = ""
        self._tell_profile()

    def _tell_profile(self) -> None:
        """What stands for an empty field."""
        from agentiq_core.ai.profiles import PROFILES

        profile = PROFILES.get(self.query_one("#profile", Choice).value)
        if profile is not None:
            self.query_one("#model", Input).placeholder = profile.model
            self.query_one("#base-url", Input).placeholder = profile.base_url

    async def built(self) -> FormBuilt | FormRefused:
        filled = {name: value.strip() for name, value in self.filled_in().items()}
        amounts: dict[str, Decimal | None] = {}
        for name in ("budget", "price-in", "price-out"):
            try:
                amounts[name] = _amount(filled[name])
            except ValueError:
                return FormRefused(name, _("A sum of money, or nothing"))
        if (amounts["price-in"] is None) != (amounts["price-out"] is None):
            missing = "price-in" if amounts["price-in"] is None else "price-out"
            return FormRefused(missing, _("One price needs the other"))
        if not filled["at-once"].isdecimal() or not 1 <= int(filled["at-once"]) <= MOST_AT_ONCE:
            return FormRefused("at-once", _("A number from 1 to {n}").format(n=MOST_AT_ONCE))
        if len(filled["tone"]) > LONGEST_TONE:
            return FormRefused("tone", _("At most {n} characters").format(n=LONGEST_TONE))
        return FormBuilt(
            replace(
                self._settings,
                profile=filled["profile"],
                enabled=True,
                model=filled["model"] or None,
                base_url=filled["base-url"] or None,
                folder=filled["folder"] or None,
                scope=filled["scope"] or None,
                tone=filled["tone"],
                daily_budget=amounts["budget"],
                concurrency=int(filled["at-once"]),
                price_in=amounts["price-in"],
                price_out=amounts["price-out"],
                currency=filled["currency"].upper() or None,
            )
        )


def _amount(written: str) -> Decimal | None:
    """Money as it is typed; None where nothing is. Raises ValueError."""
    if not written:
        return None
    try:
        amount = Decimal(written.replace(",", "."))
    except InvalidOperation:
        raise ValueError(written) from None
    if not amount.is_finite() or amount < 0:
        raise ValueError(written)
    return amount


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:f}"


def _input(name: str, value: str | None, hint: str = "") -> Input:
    return Input(value or "", placeholder=hint, id=name, compact=True, select_on_focus=False)

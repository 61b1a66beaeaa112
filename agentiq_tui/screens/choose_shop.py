"""Which shop: asked where there are several."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList

from agentiq_core.domain.views import SellerStatus
from agentiq_tui.actions import Where
from agentiq_tui.locale import _
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.shown import list_line
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.wording import marketplace_short


class ChooseShopScreen(WindowScreen[SellerStatus], keys=Where.LIST):
    """Dismissed with the shop that Enter or a click chose."""

    AUTO_FOCUS = "#shops"

    def __init__(self, shops: Sequence[SellerStatus]) -> None:
        super().__init__()
        self._shops = tuple(shops)

    def compose(self) -> ComposeResult:
        lines = [f"{marketplace_short(shop.marketplace)} {list_line(shop.name)}" for shop in self._shops]
        with Vertical(id="dialog", classes="-form") as dialog:
            dialog.border_title = _("Which shop?")
            yield OptionList(*(Content(line) for line in lines), id="shops", markup=False, compact=True)
            links = [link(_("choose"), "choose"), link(_("back"), "leave")]
            yield ActionText(Content("   ").join(links), id="dialog-links")

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = 0

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shops[event.option_index])

    def action_choose(self) -> None:
        self.query_one(OptionList).action_select()

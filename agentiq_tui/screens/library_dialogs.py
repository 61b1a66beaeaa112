"""What opens over the desk around the work itself: what the team wrote down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen

from agentiq_core.domain.views import SellerStatus
from agentiq_tui.screens.shop_dialogs import ShopDialogsScreen

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk


class LibraryDialogsScreen(ShopDialogsScreen):
    """The part of the desk from which it is opened; imported when first asked for."""

    def action_library(self) -> None:
        """Templates and knowledge of a shop; previewed on the open conversation, if it is that shop's."""
        chat = self.conversation

        def opened(desk: Desk, shop: SellerStatus) -> Screen[None]:
            from agentiq_tui.screens.library import LibraryScreen

            ours = chat is not None and chat.ref.seller_id == shop.seller_id
            return LibraryScreen(desk, shop, chat if ours else None)

        self._for_a_shop(opened)

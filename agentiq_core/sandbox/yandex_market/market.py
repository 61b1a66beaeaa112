"""The sandbox's Yandex Market: its sellers, their tokens, the roles of its operations."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.buyers import GOODS, Good
from agentiq_core.sandbox.history import History
from agentiq_core.sandbox.keys import Keys
from agentiq_core.sandbox.market import Ground, Market, Roles
from agentiq_core.sandbox.yandex_market.records import Behaviour
from agentiq_core.sandbox.yandex_market.seller import YandexSeller
from agentiq_core.sandbox.yandex_market.server import YandexServer

TALKING: Final = ("COMMUNICATION", "OFFERS_AND_CARDS_MANAGEMENT_READ_ONLY")
_FIRST_BUSINESS: Final = 900_000
_FIRST_CAMPAIGN: Final = 21_000_000
_LETTERS: Final = string.ascii_letters + string.digits


class YandexMarket(Market[YandexSeller]):
    """Sellers of the sandbox's Yandex Market. `behaviour` is what new sellers begin with."""

    id = "yandex-market"
    roles = MappingProxyType(
        {
            Channel.CHAT: Roles(
                send="message", read=("chats", "history"), send_file="file_send", download="file"
            ),
            Channel.REVIEW: Roles(send="comment", read=("feedbacks", "comments")),
            Channel.QUESTION: Roles(send="answer", read=("questions", "answers")),
        }
    )

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self.behaviour = Behaviour()
        self._keys = Keys()
        self._server = YandexServer(self)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Every operation below the prefix."""
        return self._server.routes(prefix)

    def add_seller(
        self,
        name: str,
        *,
        goods: Sequence[Good] = GOODS,
        history: History | None = None,
        scopes: Sequence[str] = TALKING,
        oauth: bool = False,
    ) -> YandexSeller:
        """A new seller with its token, an Api-Key unless told otherwise."""
        shop = YandexSeller(
            id=self.next_id(),
            name=name,
            token="",
            goods=goods,
            rng=random.Random(self.rng.getrandbits(64)),
            clock=self.clock,
            behaviour=replace(self.behaviour),
        )
        shop.business = _FIRST_BUSINESS + len(self.sellers) + 1
        shop.campaign = _FIRST_CAMPAIGN + len(self.sellers) + 1
        shop.scopes = tuple(scopes)
        self.issue_token(shop, oauth=oauth)
        return self.enter(shop, history)

    def issue_token(self, shop: YandexSeller, *, oauth: bool = False) -> str:
        """Another token of the account, which becomes the seller's."""
        letters = "".join(shop.rng.choices(_LETTERS, k=40))
        token = f"y0_{letters}" if oauth else f"ACMA:{letters}:{shop.rng.getrandbits(32):08x}"
        shop.token = self._keys.issue(shop.id, token)
        return shop.token

    def revoke(self, shop: YandexSeller) -> None:
        """The tokens issued so far open nothing any more; one issued later does."""
        self._keys.revoke(shop.id)

    def is_revoked(self, token: str) -> bool:
        """Whether the token was withdrawn."""
        return self._keys.is_revoked(token)

    def seller_of(self, token: str) -> YandexSeller | None:
        """The seller whose token it is, or was."""
        return self.sellers.get(self._keys.owner(token) or "")

    def options(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The token's rights and kind."""
        return {
            "scopes": [str(scope) for scope in body.get("scopes", TALKING)],
            "oauth": bool(body.get("oauth", False)),
        }

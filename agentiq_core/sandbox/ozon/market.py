"""The sandbox's Ozon: its sellers, their keys, the roles of its operations."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.buyers import GOODS, Good
from agentiq_core.sandbox.history import History
from agentiq_core.sandbox.keys import Keys
from agentiq_core.sandbox.market import Ground, Market, Roles
from agentiq_core.sandbox.ozon.records import Behaviour, Scheme
from agentiq_core.sandbox.ozon.seller import OzonSeller
from agentiq_core.sandbox.ozon.server import OzonServer

KEY_LIFE: Final = timedelta(days=182)
ADMIN: Final = (("Admin", ()),)
_FIRST_CLIENT: Final = 700_000


class OzonMarket(Market[OzonSeller]):
    """Sellers of the sandbox's Ozon. `behaviour` is what new sellers begin with."""

    id = "ozon"
    roles = MappingProxyType(
        {
            Channel.CHAT: Roles(
                send="send_message",
                read=("chat_list", "chat_history"),
                send_file="send_file",
                download="chat_file",
            ),
            Channel.REVIEW: Roles(send="comment_create", read=("review_list", "review_info", "comment_list")),
            Channel.QUESTION: Roles(
                send="answer_create", read=("question_list", "question_info", "answer_list")
            ),
        }
    )

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self.behaviour = Behaviour()
        self._keys = Keys()
        self._server = OzonServer(self)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Every operation below the prefix."""
        return self._server.routes(prefix)

    def add_seller(
        self,
        name: str,
        *,
        goods: Sequence[Good] = GOODS,
        history: History | None = None,
        roles: Sequence[tuple[str, Sequence[str]]] = ADMIN,
        expires_in: timedelta = KEY_LIFE,
        scheme: Scheme = Scheme.FBO,
    ) -> OzonSeller:
        """A new seller with its key. A negative expires_in gives a key that has expired already."""
        shop = OzonSeller(
            id=self.next_id(),
            name=name,
            token="",
            client_id=str(_FIRST_CLIENT + len(self.sellers) + 1),
            goods=goods,
            rng=random.Random(self.rng.getrandbits(64)),
            clock=self.clock,
            behaviour=replace(self.behaviour),
        )
        shop.roles = tuple((role, tuple(methods)) for role, methods in roles)
        shop.expires = self.clock() + expires_in.total_seconds()
        shop.scheme = Scheme(scheme)
        self.issue_key(shop)
        return self.enter(shop, history)

    def issue_key(self, shop: OzonSeller) -> str:
        """Another key of the account, which becomes the seller's."""
        shop.token = self._keys.issue(shop.id, shop.uuid())
        return shop.token

    def revoke(self, shop: OzonSeller) -> None:
        """The keys issued so far open nothing any more; one issued later does."""
        self._keys.revoke(shop.id)

    def is_issued(self, shop: OzonSeller, key: str) -> bool:
        """Whether it was ever a key of this account."""
        return self._keys.owner(key) == shop.id

    def is_revoked(self, key: str) -> bool:
        """Whether the key was withdrawn."""
        return self._keys.is_revoked(key)

    def seller_of(self, client_id: str) -> OzonSeller | None:
        """The seller with that Client-Id."""
        return next((shop for shop in self.sellers.values() if shop.client_id == client_id), None)

    def options(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The key's roles and life, and how orders are delivered."""
        return {
            "roles": [(str(role["name"]), role.get("methods", ())) for role in body["roles"]]
            if "roles" in body
            else ADMIN,
            "expires_in": timedelta(seconds=body.get("expires_in", KEY_LIFE.total_seconds())),
            "scheme": Scheme(body.get("scheme", Scheme.FBO)),
        }

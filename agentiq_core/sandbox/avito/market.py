"""The sandbox's Avito: its sellers, their keys and tokens, the roles of its operations."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.avito.records import Behaviour, Token
from agentiq_core.sandbox.avito.seller import AvitoSeller
from agentiq_core.sandbox.avito.server import AvitoServer
from agentiq_core.sandbox.buyers import GOODS, Good
from agentiq_core.sandbox.history import History
from agentiq_core.sandbox.market import Ground, Market, Roles

_FIRST_USER: Final = 94_000_000


class AvitoMarket(Market[AvitoSeller]):
    """Sellers of the sandbox's Avito. `behaviour` is what new sellers begin with, `tokens` are those issued so far."""

    id = "avito"
    roles = MappingProxyType(
        {
            Channel.CHAT: Roles(
                send="send_text",
                read=("chat_list", "chat_messages"),
                send_file="send_image",
                download="file",
            ),
            Channel.REVIEW: Roles(send="review_answer", read=("review_list",)),
        }
    )

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self.behaviour = Behaviour()
        self.tokens: dict[str, Token] = {}
        self._revoked: set[str] = set()
        self._server = AvitoServer(self)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Every operation below the prefix."""
        return self._server.routes(prefix)

    def add_seller(
        self, name: str, *, goods: Sequence[Good] = GOODS, history: History | None = None
    ) -> AvitoSeller:
        """A new seller with both parts of its key."""
        rng = random.Random(self.rng.getrandbits(64))
        shop = AvitoSeller(
            id=self.next_id(),
            name=name,
            token="",
            client_id=f"client-{rng.getrandbits(60):015x}",
            goods=goods,
            rng=rng,
            clock=self.clock,
            behaviour=replace(self.behaviour),
        )
        shop.user_id = _FIRST_USER + len(self.sellers) + 1
        self.issue_key(shop)
        return self.enter(shop, history)

    def issue_key(self, shop: AvitoSeller) -> str:
        """Another client_secret of the account, which becomes the seller's."""
        shop.token = f"secret-{shop.rng.getrandbits(120):030x}"
        return shop.token

    def revoke(self, shop: AvitoSeller) -> None:
        """The key and the tokens issued so far open nothing any more; a key issued later does."""
        self._revoked.add(shop.token)
        self.end_tokens(shop)

    def end_tokens(self, shop: AvitoSeller) -> None:
        """The tokens issued so far end now; the key gets new ones."""
        ended = {value: token for value, token in self.tokens.items() if token.seller == shop.id}
        self.tokens |= {value: replace(token, ends=self.clock()) for value, token in ended.items()}

    def issue_token(self, shop: AvitoSeller) -> str:
        """A token of this seller."""
        value = f"token-{shop.rng.getrandbits(120):030x}"
        self.tokens[value] = Token(shop.id, self.clock() + shop.behaviour.token_life)
        return value

    def seller_of(self, client_id: str, secret: str) -> AvitoSeller | None:
        """The seller with that key, unless it was withdrawn."""
        if secret in self._revoked:
            return None
        known = (
            shop for shop in self.sellers.values() if (shop.client_id, shop.token) == (client_id, secret)
        )
        return next(known, None)

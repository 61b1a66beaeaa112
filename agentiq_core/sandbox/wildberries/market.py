"""The Wildberries part of the sandbox, from inside the process: sellers, their tokens, what was counted."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.buyers import GOODS, Good
from agentiq_core.sandbox.history import History
from agentiq_core.sandbox.keys import Keys
from agentiq_core.sandbox.market import Ground, Market, Roles
from agentiq_core.sandbox.wildberries.historian import WildberriesHistorian
from agentiq_core.sandbox.wildberries.records import Behaviour
from agentiq_core.sandbox.wildberries.seller import SandboxSeller
from agentiq_core.sandbox.wildberries.server import WildberriesServer
from agentiq_core.sandbox.wildberries.tokens import Account, Scope, TokenOffice

EVERY_SCOPE = (Scope.CONTENT, Scope.FEEDBACKS, Scope.BUYERS_CHAT, Scope.BUYERS_RETURNS)
TOKEN_LIFE = timedelta(days=180)


class WildberriesMarket(Market[SandboxSeller]):
    """Sellers of the sandbox's Wildberries. `behaviour` is what new sellers begin with."""

    id = "wildberries"
    roles = MappingProxyType(
        {
            Channel.CHAT: Roles(send="message", read=("events",), prepare=("chats",), download="download"),
            Channel.REVIEW: Roles(
                send="review-answer", read=("reviews", "reviews-archive", "review"), prepare=("review",)
            ),
            Channel.QUESTION: Roles(
                send="question-change", read=("questions", "question"), prepare=("question",)
            ),
            Channel.CLAIM: Roles(read=("claims",)),
        }
    )
    historian = WildberriesHistorian

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self.behaviour = Behaviour()
        self.tokens = TokenOffice(self.rng)
        self._by_sid: dict[str, SandboxSeller] = {}
        self._keys = Keys()
        self._server = WildberriesServer(self)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Every operation below the prefix."""
        return self._server.routes(prefix)

    def add_seller(
        self,
        name: str,
        *,
        history: History | None = None,
        account: int | Account = Account.PERSONAL,
        scopes: Iterable[Scope] = EVERY_SCOPE,
        read_only: bool = False,
        expires_in: timedelta = TOKEN_LIFE,
        goods: Sequence[Good] = GOODS,
    ) -> SandboxSeller:
        """A new seller with its token. A negative expires_in gives a token that has expired already."""
        number = len(self.sellers) + 1
        sid = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        seller = SandboxSeller(
            id=self.next_id(),
            number=number,
            name=name,
            token=self._issue(sid, number, account, scopes, read_only, expires_in),
            sid=sid,
            goods=goods,
            rng=random.Random(self.rng.getrandbits(64)),
            clock=self.clock,
            behaviour=replace(self.behaviour),
        )
        self._by_sid[sid] = seller
        return self.enter(seller, history)

    def issue_token(
        self,
        seller: SandboxSeller,
        *,
        account: int | Account = Account.PERSONAL,
        scopes: Iterable[Scope] = EVERY_SCOPE,
        read_only: bool = False,
        expires_in: timedelta = TOKEN_LIFE,
    ) -> str:
        """Another token of the same account, for a replaced key or for one with fewer rights."""
        return self._issue(seller.sid, seller.number, account, scopes, read_only, expires_in)

    def revoke(self, shop: SandboxSeller) -> None:
        """The seller's tokens issued so far open nothing any more; one issued later does."""
        self._keys.revoke(shop.sid)

    def is_revoked(self, token_id: str) -> bool:
        """Whether the token of this id was withdrawn."""
        return self._keys.is_revoked(token_id)

    def seller_of(self, sid: str) -> SandboxSeller | None:
        """The seller whose account this is."""
        return self._by_sid.get(sid)

    def options(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The kind and the rights of the token."""
        return {
            "account": body.get("account", Account.PERSONAL),
            "scopes": [Scope(scope) for scope in body.get("scopes", EVERY_SCOPE)],
            "read_only": body.get("read_only", False),
            "expires_in": timedelta(seconds=body.get("expires_in", TOKEN_LIFE.total_seconds())),
        }

    def stats(self) -> dict[str, Any]:
        """Counts as the marketplace sees them, whatever the clients believe."""
        return super().stats() | {"events": sum(len(seller.feed) for seller in self.sellers.values())}

    def _issue(
        self,
        sid: str,
        number: int,
        account: int | Account,
        scopes: Iterable[Scope],
        read_only: bool,
        expires_in: timedelta,
    ) -> str:
        token_id = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        return self.tokens.issue(
            token_id=self._keys.issue(sid, token_id),
            sid=sid,
            account=Account(account),
            scopes=scopes,
            read_only=read_only,
            expires=int(self.clock() + expires_in.total_seconds()),
            oid=4_100_000 + number * 37,
        )

"""The Wildberries part of the sandbox, from inside the process: sellers, their tokens, what was counted."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agentiq_core.sandbox.buyers import GOODS, Good
from agentiq_core.sandbox.wildberries.history import write_history
from agentiq_core.sandbox.wildberries.records import Behaviour
from agentiq_core.sandbox.wildberries.seller import SandboxSeller
from agentiq_core.sandbox.wildberries.tokens import Account, Scope, TokenOffice

EVERY_SCOPE = (Scope.CONTENT, Scope.FEEDBACKS, Scope.BUYERS_CHAT, Scope.BUYERS_RETURNS)
TOKEN_LIFE = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class History:
    """What a seller's chats hold at the start: that many chats, so many of them waiting for an answer.

    until: time of the newest message, now by default. span: how far back conversations began.
    """

    chats: int
    waiting: int
    until: datetime | None = None
    span: timedelta = timedelta(days=6)


class WildberriesMarket:
    """Sellers of the sandbox's Wildberries. `behaviour` is what new sellers begin with."""

    def __init__(self, *, rng: random.Random, clock: Callable[[], float]) -> None:
        self.behaviour = Behaviour()
        self.tokens = TokenOffice(rng)
        self.sellers: dict[str, SandboxSeller] = {}
        self.requests: Counter[tuple[str, str]] = Counter()
        self._by_sid: dict[str, SandboxSeller] = {}
        self._issued: dict[str, set[str]] = {}
        self._revoked: set[str] = set()
        self._rng = rng
        self._clock = clock

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
        sid = str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
        seller = SandboxSeller(
            number=number,
            name=name,
            token=self._issue(sid, number, account, scopes, read_only, expires_in),
            sid=sid,
            goods=goods,
            rng=random.Random(self._rng.getrandbits(64)),
            clock=self._clock,
            behaviour=replace(self.behaviour),
        )
        self.sellers[seller.id] = seller
        self._by_sid[sid] = seller
        if history is not None:
            until = history.until or datetime.fromtimestamp(self._clock(), UTC)
            rng = random.Random(self._rng.getrandbits(64))
            write_history(
                seller, rng, chats=history.chats, waiting=history.waiting, until=until, span=history.span
            )
        return seller

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

    def revoke(self, seller: SandboxSeller) -> None:
        """The seller's tokens issued so far open nothing any more; one issued later does."""
        self._revoked |= self._issued[seller.sid]

    def is_revoked(self, token_id: str) -> bool:
        """Whether the token of this id was withdrawn."""
        return token_id in self._revoked

    def seller_of(self, sid: str) -> SandboxSeller | None:
        """The seller whose account this is."""
        return self._by_sid.get(sid)

    def stats(self) -> dict[str, Any]:
        """Counts as the marketplace sees them, whatever the clients believe."""
        sellers = list(self.sellers.values())
        requests: dict[str, dict[str, int]] = {}
        for (operation, outcome), count in sorted(self.requests.items()):
            requests.setdefault(operation, {})[outcome] = count
        return {
            "sellers": len(sellers),
            "chats": sum(len(seller.chats) for seller in sellers),
            "events": sum(len(seller.feed) for seller in sellers),
            "accepted": sum(len(seller.api_messages()) for seller in sellers),
            "duplicates": sum(seller.duplicates for seller in sellers),
            "buyers_waiting": sum(len(seller.waiting()) for seller in sellers),
            "requests": requests,
        }

    def _issue(
        self,
        sid: str,
        number: int,
        account: int | Account,
        scopes: Iterable[Scope],
        read_only: bool,
        expires_in: timedelta,
    ) -> str:
        token_id = str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
        self._issued.setdefault(sid, set()).add(token_id)
        return self.tokens.issue(
            token_id=token_id,
            sid=sid,
            account=Account(account),
            scopes=scopes,
            read_only=read_only,
            expires=int(self._clock() + expires_in.total_seconds()),
            oid=4_100_000 + number * 37,
        )

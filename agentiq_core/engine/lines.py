"""Open lines to the marketplaces: one connector a seller and purpose, made anew when its key is replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agentiq_core.connectors.base import Connector, Credentials, KeyReport, Marketplace, RateLimit
from agentiq_core.connectors.errors import KeyRefused
from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_core.domain.errors import NotFound
from agentiq_core.domain.messages import Channel
from agentiq_core.domain.views import FeedRef
from agentiq_core.engine.budget import gate
from agentiq_core.engine.memory import StoredMemory
from agentiq_core.identity.vault import Vault
from agentiq_core.store import sellers
from agentiq_core.store.database import Store

ASKING = 2
"""How many pulls ask for a place in their budgets at once: a reply finds a connection to the database meanwhile."""


@dataclass(frozen=True)
class Line:
    """A seller's line to its marketplace, a connector for each channel and purpose when it is first asked for."""

    seller_id: int
    marketplace: Marketplace
    report: KeyReport
    timezone: str
    limits: Mapping[str, RateLimit]
    replaced_at: datetime
    _credentials: Credentials = field(repr=False)
    _store: Store = field(repr=False)
    _asking: Store = field(repr=False)
    _open: dict[tuple[str, bool], Connector] = field(default_factory=dict, repr=False)

    def pulling(self, channel: str = Channel.CHAT) -> Connector:
        """The connector of a channel that keeps back a share of the budget for replies."""
        return self._connector(channel, sending=False)

    def sending(self, channel: str = Channel.CHAT) -> Connector:
        """The connector of a channel that may use all of the budget."""
        return self._connector(channel, sending=True)

    async def aclose(self) -> None:
        """Close every connection."""
        while self._open:
            await self._open.popitem()[1].aclose()

    def _connector(self, channel: str, *, sending: bool) -> Connector:
        known = self._open.get((channel, sending))
        if known is None:
            store = self._store if sending else self._asking
            known = self._open[channel, sending] = self.marketplace.connect(
                self._credentials,
                channel=channel,
                gate=gate(store, self.seller_id, self.limits, sending=sending),
                memory=StoredMemory(self._store, FeedRef(self.seller_id, channel)),
            )
        return known


class Lines:
    """The lines of one worker. `budgets=False` asks a marketplace without limits (a sandbox under load)."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        *,
        marketplaces: Mapping[str, Marketplace] = MARKETPLACES,
        budgets: bool = True,
    ) -> None:
        self._store = store
        self._vault = vault
        self._marketplaces = marketplaces
        self._budgets = budgets
        self._asking = store.lane(ASKING)
        self._open: dict[int, Line] = {}

    def shorts(self) -> dict[str, str]:
        """The marketplaces by their ids and, behind them, their short names in lower case, as one types them."""
        short = {"".join(known.short.lower().split()): name for name, known in self._marketplaces.items()}
        return {name: name for name in self._marketplaces if name not in short} | short

    async def to(self, seller_id: int, key_of: datetime | None = None) -> Line:
        """The line to this seller. Raises `NotFound`, `VaultLocked`, and `KeyRefused` for a key that cannot work.

        `key_of` is when the key of now was set, where the caller knows it from the database: an open line needs no look then.
        """
        known = self._open.get(seller_id)
        if known is not None and known.replaced_at == key_of:
            return known
        async with self._store.transaction() as session:
            seller = await sellers.get(session, seller_id)
            credential = await sellers.credential(session, seller_id)
        marketplace = self.marketplace(seller.marketplace)
        await asyncio.to_thread(marketplace.load)
        secret = await asyncio.to_thread(self._vault.open, credential.ciphertext)
        known = self._open.get(seller_id)
        if known is not None and known.replaced_at == credential.replaced_at:
            return known
        credentials = Credentials(
            secret=secret,
            client_id=credential.client_id,
            base_url=seller.base_url,
            account_id=seller.account_id,
        )
        report = marketplace.inspect_key(credentials, datetime.now(UTC))
        if not report.usable:
            problem = report.problems[0].value
            raise KeyRefused(f"the key cannot be used: {problem}", detail=problem)
        limits = marketplace.limits(report) if self._budgets else {}
        line = Line(
            seller_id=seller_id,
            marketplace=marketplace,
            report=report,
            timezone=seller.timezone,
            limits=limits,
            replaced_at=credential.replaced_at,
            _credentials=credentials,
            _store=self._store,
            _asking=self._asking,
        )
        # before anything is awaited, so that a second caller finds it instead of opening another
        self._open[seller_id] = line
        if known is not None:
            await known.aclose()
        return line

    def marketplace(self, marketplace_id: str) -> Marketplace:
        """What is known of a marketplace. Raises `NotFound`."""
        known = self._marketplaces.get(marketplace_id)
        if known is None:
            raise NotFound(f"there is no marketplace {marketplace_id}", marketplace=marketplace_id)
        return known

    @property
    def marketplaces(self) -> Mapping[str, Marketplace]:
        """Every marketplace this program speaks to."""
        return self._marketplaces

    async def aclose(self) -> None:
        """Close every connection."""
        while self._open:
            await self._open.popitem()[1].aclose()

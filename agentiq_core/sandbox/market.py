"""What a marketplace is in the sandbox: shops, routes, the roles of its operations, what the control can ask."""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar

from aiohttp import web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.buyers import GOODS, Good
from agentiq_core.sandbox.faults import Faults
from agentiq_core.sandbox.history import Historian, History
from agentiq_core.sandbox.shop import Shop

ShopT = TypeVar("ShopT", bound=Shop[Any])


@dataclass(frozen=True, slots=True)
class Ground:
    """What a sandbox gives each of its markets. closing ends requests that are left hanging."""

    seed: int
    clock: Callable[[], float]
    faults: Faults
    closing: asyncio.Event


@dataclass(frozen=True, slots=True)
class Roles:
    """Which operations do what in a channel, by the names that faults and counts know them by.

    send: writes a reply. read: those through which conversations and echoes are read, the first of a poll first.
    prepare: asked right before sending. send_file: writes a file, where that is not `send`. download: gives a file.
    """

    send: str | None = None
    read: tuple[str, ...] = ()
    prepare: tuple[str, ...] = ()
    send_file: str | None = None
    download: str | None = None

    @property
    def operations(self) -> frozenset[str]:
        """The names of all of them."""
        single = (self.send, self.send_file, self.download)
        return frozenset({*self.read, *self.prepare, *(each for each in single if each is not None)})


class Market(ABC, Generic[ShopT]):
    """A marketplace, mounted under `/<id>`. `roles` has an entry for every channel it offers.

    `requests` counts by operation and outcome: a status, "hung" or "dropped".
    """

    id: ClassVar[str]
    roles: ClassVar[Mapping[Channel, Roles]]
    historian: ClassVar[type[Historian]] = Historian

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.clock = ground.clock
        self.rng = random.Random(ground.seed)
        self.rate_limits = True
        self.sellers: dict[str, ShopT] = {}
        self.requests: Counter[tuple[str, str]] = Counter()

    @abstractmethod
    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Every operation below the prefix; a `Gateway` makes them."""

    @abstractmethod
    def add_seller(
        self, name: str, *, goods: Sequence[Good] = GOODS, history: History | None = None
    ) -> ShopT:
        """A new seller with its key: make the shop with `next_id`, then `enter` it."""

    @abstractmethod
    def revoke(self, shop: ShopT) -> None:
        """The seller's keys issued so far open nothing any more."""

    def options(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Keywords of this market's `add_seller` that a control request names."""
        return {}

    def next_id(self) -> str:
        """The id of the next seller."""
        return f"{self.id}-{len(self.sellers) + 1}"

    def enter(self, shop: ShopT, history: History | None) -> ShopT:
        """Take the shop in, with its past."""
        self.sellers[shop.id] = shop
        if history is not None:
            until = history.until or datetime.fromtimestamp(self.clock(), UTC)
            rng = random.Random(self.rng.getrandbits(64))
            self.historian(shop, rng, until=until, span=history.span).write(history, self.roles)
        return shop

    def stats(self) -> dict[str, Any]:
        """Counts as the marketplace sees them, whatever the clients believe."""
        shops = list(self.sellers.values())
        requests: dict[str, dict[str, int]] = {}
        for (operation, outcome), count in sorted(self.requests.items()):
            requests.setdefault(operation, {})[outcome] = count
        return {
            "sellers": len(shops),
            **{f"{each}s": sum(len(shop.of_channel(each)) for shop in shops) for each in self.roles},
            "messages": sum(len(each.messages) for shop in shops for each in shop.conversations()),
            "accepted": sum(len(shop.api_messages()) for shop in shops),
            "duplicates": sum(shop.duplicates for shop in shops),
            "buyers_waiting": sum(len(shop.waiting()) for shop in shops),
            "requests": requests,
        }


MarketFactory = Callable[[Ground], Market[Any]]


def seller_line(market: Market[Any], shop: Shop[Any], url: str) -> dict[str, str]:
    """What a client needs to connect the seller; `client_id` only where the marketplace has one."""
    line = {
        "marketplace": market.id,
        "id": shop.id,
        "name": shop.name,
        "token": shop.token,
        "base_url": f"{url}/{market.id}",
    }
    return line if shop.client_id is None else line | {"client_id": shop.client_id}


def seller_lines(markets: Sequence[Market[Any]], url: str) -> list[dict[str, str]]:
    """The lines of every seller of these markets."""
    return [seller_line(market, shop, url) for market in markets for shop in market.sellers.values()]

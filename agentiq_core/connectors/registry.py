"""The marketplaces AgentIQ speaks with. A new one is one folder and one line here.

Importing this is cheap: a marketplace's folder declares itself and loads its client when `connect` is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from agentiq_core.connectors.avito import AVITO
from agentiq_core.connectors.base import Capabilities, Marketplace
from agentiq_core.connectors.ozon import OZON
from agentiq_core.connectors.wildberries import WILDBERRIES
from agentiq_core.connectors.yandex_market import YANDEX_MARKET
from agentiq_core.domain.errors import NotFound

KNOWN: Final = {known.id: known for known in (WILDBERRIES, OZON, YANDEX_MARKET, AVITO)}
MARKETPLACES: Final = MappingProxyType(KNOWN)
"""By id, in the order they are offered."""


def marketplace(marketplace_id: str) -> Marketplace:
    """The marketplace of that id. Raises NotFound for one this version does not know."""
    try:
        return MARKETPLACES[marketplace_id]
    except KeyError:
        raise NotFound(f"no such marketplace: {marketplace_id}", marketplace=marketplace_id) from None


def shares() -> Mapping[tuple[str, str], timedelta]:
    """Within what marketplaces count a question as answered, by marketplace and channel; those that count none are missing."""
    return {
        (known.id, channel): able.share_within
        for known in MARKETPLACES.values()
        for channel, able in known.channels.items()
        if able.share_within is not None
    }


def capabilities(marketplace_id: str, channel: str) -> Capabilities:
    """What a channel offers. A seller of a marketplace that this version does not know can be read, and answered nowhere."""
    known = MARKETPLACES.get(marketplace_id)
    return Capabilities(text_limit=1_000, can_reply=False) if known is None else known.capabilities(channel)

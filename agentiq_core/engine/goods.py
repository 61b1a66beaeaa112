"""Product cards of what buyers write about, fetched behind the messages."""

from __future__ import annotations

import logging

from agentiq_core.connectors.errors import BudgetSpent
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.views import FeedRef
from agentiq_core.engine.context import Engine
from agentiq_core.engine.lines import Line
from agentiq_core.store import products

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Cards asked for behind one pull: some marketplaces give one a request."""


async def fetch_cards(engine: Engine, line: Line, feed: FeedRef) -> int:
    """Ask for the cards that conversations of this feed lack; how many came. A marketplace that gives none now is asked
    tomorrow: a reply does not wait for it."""
    async with engine.store.transaction() as session:
        asked = await products.lacking(session, feed.seller_id, feed.channel, AT_ONCE)
    if not asked:
        return 0
    try:
        cards = await line.pulling(feed.channel).products(asked)
    except BudgetSpent:
        return 0
    except MarketplaceError as error:
        log.info("seller %s: no product cards now: %s", feed.seller_id, error)
        cards = ()
    async with engine.store.transaction() as session:
        await products.store(session, feed.seller_id, asked, cards)
    return len(cards)

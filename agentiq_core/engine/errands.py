"""Telling a marketplace what is no reply: that a conversation was read, that none will be answered, that one is declined."""

from __future__ import annotations

import logging

from agentiq_core.connectors.errors import ChannelClosed, KeyRefused, Refused
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.views import FeedRef
from agentiq_core.engine.context import Engine
from agentiq_core.engine.lines import Line
from agentiq_core.store import errands
from agentiq_core.store.errands import DueErrand, Errand

log = logging.getLogger(__name__)


async def run_errands(engine: Engine, line: Line, feed: FeedRef) -> int:
    """Run what is due of a feed; how many were done. One that fails comes back later, one that is refused is dropped:
    nothing that a buyer gets depends on it."""
    async with engine.store.transaction() as session:
        due = await errands.due(session, feed)
    done = 0
    for errand in due:
        try:
            await _tell(line, errand, feed)
        except (Refused, ChannelClosed) as refused:
            log.info("seller %s: %s was refused: %s", feed.seller_id, errand.kind, refused)
        except KeyRefused:
            # the pull says it, and stops the seller
            return done
        except MarketplaceError as error:
            # the others would fail as this one did, and the feed's news wait for them
            log.info("seller %s: %s comes later: %s", feed.seller_id, errand.kind, error)
            return done
        async with engine.store.transaction() as session:
            await errands.done(session, errand)
        done += 1
    return done


async def _tell(line: Line, errand: DueErrand, feed: FeedRef) -> None:
    connector = line.sending(feed.channel)
    match errand.kind:
        case Errand.READ:
            await connector.mark_read(errand.external_id, errand.through)
        case Errand.DISMISS:
            await connector.dismiss(errand.external_id)
        case Errand.DECLINE:
            await connector.decline(errand.external_id)

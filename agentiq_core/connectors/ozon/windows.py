"""Until when a seller may write by an order, whatever the buyer does (Ozon API, send/message; posting/fbs/get)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from agentiq_core.connectors.errors import RateLimited
from agentiq_core.connectors.mapping import moment
from agentiq_core.connectors.ozon import wire
from agentiq_core.connectors.ozon.limits import AFTER_DELIVERY, POSTING
from agentiq_core.connectors.ozon.line import OzonLine
from agentiq_core.domain.errors import MarketplaceError

_POSTING_NUMBER: Final = re.compile(r"\d+-\d+-\d+")
_WITH: Final = {"with": {"analytics_data": True}}
_UNDER_WAY: Final = ("awaiting", "acceptance", "deliver", "driver", "sent_by_seller", "sent_by_carrier")


async def open_until(line: OzonLine, order: str) -> datetime | None:
    """The end of the 72 hours after delivery; None for FBO, a cancelled order, or one that cannot be asked about.

    Not exact: `fact_delivery_date` is all that Ozon tells of the delivery, an order under way counts as delivered when it is
    expected to be, and of an order with several postings only the first is asked about. Raises RateLimited.
    """
    number = order if _POSTING_NUMBER.fullmatch(order) else f"{order}-1"
    try:
        answer, _ = await line.ask(POSTING, wire.PostingAnswer, posting_number=number, **_WITH)
    except RateLimited:
        raise
    except MarketplaceError:
        # a decoration: no role for postings, an order of FBO, a failure
        return None
    status = answer.result.status or ""
    if status == "delivered":
        handed_over = moment(answer.result.fact_delivery_date)
        return handed_over + AFTER_DELIVERY if handed_over is not None else None
    if not status.startswith(_UNDER_WAY):
        return None
    planned = answer.result.analytics_data
    expected = moment(planned.delivery_date_end) if planned is not None else None
    now = line.clock()
    return max(expected or now, now) + AFTER_DELIVERY

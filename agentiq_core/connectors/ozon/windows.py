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
_UNDER_WAY: Final = ("awaiting", "acceptance", "deliver", "driver", "sent_by_seller", "sent_by_carrier")


async def open_until(line: OzonLine, order: str) -> datetime | None:
    """The end of the 72 hours after delivery; None for FBO, a cancelled order, or one that cannot be asked about.

    A lower bound: Ozon tells when a posting was handed over, never when it reached the buyer, and of an order with several
    postings only the first is asked about. Under way, the 72 hours have not begun. Raises RateLimited.
    """
    number = order if _POSTING_NUMBER.fullmatch(order) else f"{order}-1"
    try:
        answer, _ = await line.ask(POSTING, wire.PostingAnswer, posting_number=number)
    except RateLimited:
        raise
    except MarketplaceError:
        # a decoration: no role for postings, an order of FBO, a failure
        return None
    status = answer.result.status or ""
    if status == "delivered":
        handed_over = moment(answer.result.fact_delivery_date)
        return handed_over + AFTER_DELIVERY if handed_over is not None else None
    return line.clock() + AFTER_DELIVERY if status.startswith(_UNDER_WAY) else None

"""Rate limits of the buyer chat API: per seller account and per method (WB API, limits of each method)."""

from __future__ import annotations

from typing import Final

from agentiq_core.sandbox.rate_limit import Limit
from agentiq_core.sandbox.wildberries.tokens import Account

_USUAL: Final = Limit(burst=10, interval=1.0)
_BASE: Final = Limit(burst=1, interval=3600.0)
_BASE_DOWNLOAD: Final = Limit(burst=1, interval=360.0)


def limit_of(account: Account, operation: str) -> Limit:
    """The row of the table that holds for this kind of token and operation."""
    if account is not Account.BASE:
        return _USUAL
    return _BASE_DOWNLOAD if operation == "download" else _BASE

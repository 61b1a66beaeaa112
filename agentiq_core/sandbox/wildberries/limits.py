"""Rate limits: per seller account and method, or for all methods of a category (WB API, limits of each method)."""

from __future__ import annotations

from typing import Final

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.gateway import Operation
from agentiq_core.sandbox.rate_limit import Limit
from agentiq_core.sandbox.wildberries.seller import SandboxSeller
from agentiq_core.sandbox.wildberries.tokens import Account

_USUAL: Final = Limit(burst=10, interval=1.0)
_BASE: Final = Limit(burst=1, interval=3600.0)
_BASE_DOWNLOAD: Final = Limit(burst=1, interval=360.0)
_FEEDBACKS: Final = Limit(burst=6, interval=0.333)
_BASE_FEEDBACKS: Final = Limit(burst=1, interval=720.0)
_CLAIMS: Final = Limit(burst=10, interval=3.0)
_CARDS: Final = Limit(burst=5, interval=0.6)


def bucket_of(operation: Operation[SandboxSeller]) -> str:
    """What the operation is counted under: reviews and questions are one category."""
    return "feedbacks" if operation.channel in (Channel.REVIEW, Channel.QUESTION) else operation.name


def limit_of(account: Account, bucket: str) -> Limit:
    """The row of the table that holds for this kind of token and bucket."""
    base = account is Account.BASE
    match bucket:
        case "feedbacks":
            return _BASE_FEEDBACKS if base else _FEEDBACKS
        case "claims":
            return _BASE if base else _CLAIMS
        case "cards":
            return _CARDS
        case "download" if base:
            return _BASE_DOWNLOAD
    return _BASE if base else _USUAL

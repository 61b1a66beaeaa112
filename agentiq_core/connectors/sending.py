"""Sending where it takes several requests: what the outcome of each says of the whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from agentiq_core.connectors.base import Receipt
from agentiq_core.connectors.errors import ChannelClosed, KeyRefused, NotDelivered, Refused, Unreachable
from agentiq_core.domain.errors import MarketplaceError

_NOT_SENT: Final = (Refused, NotDelivered, KeyRefused, ChannelClosed)


@contextmanager
def nothing_sent(what: str, *telling: type[MarketplaceError]) -> Iterator[None]:
    """Whatever fails in here failed before the request that sends: it is Unreachable, whatever became of the request that
    prepares. NotDelivered, KeyRefused and the errors `telling` say more and pass."""
    passing: tuple[type[MarketplaceError], ...] = (NotDelivered, KeyRefused, *telling)
    try:
        yield
    except passing:
        raise
    except MarketplaceError as error:
        raise Unreachable(f"{what}: {error}") from error


async def one_by_one(sendings: Iterable[Callable[[], Awaitable[Receipt]]]) -> Receipt:
    """Send a text and files where a marketplace takes one thing a request; the receipt is that of the first.

    Once something was taken, a file that surely was not is named in the receipt, so that nobody sends the rest again.
    """
    receipt: Receipt | None = None
    refused: list[str] = []
    for send in sendings:
        try:
            told = await send()
        except _NOT_SENT as error:
            if receipt is None:
                raise
            refused.append(getattr(error, "detail", "") or str(error))
        else:
            receipt = receipt or told
    return replace(receipt or Receipt(), file_errors=tuple(refused))

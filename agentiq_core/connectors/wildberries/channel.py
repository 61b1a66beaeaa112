"""What the lines to all channels of Wildberries have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from agentiq_core.connectors.base import Credentials, Gate, KeyReport
from agentiq_core.connectors.connector import MinimalConnector
from agentiq_core.connectors.http import Sleep, Timeouts
from agentiq_core.connectors.wildberries.cards import Cards
from agentiq_core.connectors.wildberries.limits import FEEDBACKS
from agentiq_core.connectors.wildberries.line import Host, open_line
from agentiq_core.connectors.wildberries.token import inspect_key
from agentiq_core.domain.messages import ProductCard

Clock = Callable[[], datetime]


def now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


class WildberriesChannel(MinimalConnector):
    """A line to one host with the seller's key, and the cards of goods beside it. Pictures are at public addresses.

    `sleep` is what pauses between repeated reads. Raises Misconfigured for an unusable `base_url`.
    """

    def __init__(
        self,
        credentials: Credentials,
        host: Host,
        *,
        scope: str,
        bucket: str | None = FEEDBACKS,
        gate: Gate | None = None,
        timeouts: Timeouts | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = now,
    ) -> None:
        self._credentials = credentials
        self._caller = open_line(
            credentials, host, scope=scope, bucket=bucket, gate=gate, timeouts=timeouts, sleep=sleep
        )
        self._cards = Cards(credentials, gate=gate, timeouts=timeouts, sleep=sleep)
        self._clock = clock

    async def account(self) -> KeyReport:
        """The key says it all (WB API, tokens); a request proves that it works."""
        await self._try_key()
        return inspect_key(self._credentials, self._clock())

    async def _try_key(self) -> None:
        """The cheapest request of the channel."""

    async def products(self, external_ids: Sequence[str]) -> tuple[ProductCard, ...]:
        """The cards of these goods; none when the key lacks the category of cards."""
        return await self._cards.of(external_ids)

    async def aclose(self) -> None:
        """Close connections."""
        await self._caller.aclose()
        await self._cards.aclose()

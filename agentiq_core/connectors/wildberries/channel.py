"""What the lines to all channels of Wildberries have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from agentiq_core.connectors.base import Credentials, Download, Gate, KeyReport
from agentiq_core.connectors.errors import Refused
from agentiq_core.connectors.http import Sleep, Timeouts
from agentiq_core.connectors.wildberries.cards import Cards
from agentiq_core.connectors.wildberries.limits import FEEDBACKS
from agentiq_core.connectors.wildberries.line import Host, open_line
from agentiq_core.connectors.wildberries.token import inspect_key
from agentiq_core.domain.messages import IncomingChat, ProductCard

Clock = Callable[[], datetime]


def now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


class WildberriesChannel:
    """The part of `Connector` that no channel does in a way of its own; each overrides what it has methods for.

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

    def since(self, moment: datetime) -> str | None:
        """Lists have no such cursor."""
        return None

    def rewind(self, cursor: str, by: timedelta) -> str:
        """Every poll compares lists with what is known: there is nothing to go back to."""
        return cursor

    async def chats(self) -> tuple[IncomingChat, ...]:
        """The feed tells everything."""
        return ()

    async def download(self, download_id: str) -> Download:
        """Pictures are at public addresses here: there is no method to fetch one."""
        raise Refused("wildberries: this channel has no downloads")

    async def mark_read(self, chat_external_id: str, through: str) -> None:
        """Wildberries has no such method here."""

    async def dismiss(self, chat_external_id: str) -> None:
        """Wildberries has no such method here."""

    async def decline(self, chat_external_id: str) -> None:
        """Only a question can be declined."""

    async def products(self, external_ids: Sequence[str]) -> tuple[ProductCard, ...]:
        """The cards of these goods; none when the key lacks the category of cards."""
        return await self._cards.of(external_ids)

    async def aclose(self) -> None:
        """Close connections."""
        await self._caller.aclose()
        await self._cards.aclose()

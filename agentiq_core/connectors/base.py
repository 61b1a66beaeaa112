"""What every marketplace must be able to do, and what it declares of itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from agentiq_core.domain.files import FileRules, OutgoingFile
from agentiq_core.domain.messages import FeedPage, IncomingChat, IncomingMessage, Unreadable


@dataclass(frozen=True, slots=True)
class Credentials:
    """A seller's key to a marketplace. `base_url` overrides the live host (sandbox, proxy)."""

    secret: str = field(repr=False)
    client_id: str | None = None
    base_url: str | None = None


class KeyProblem(StrEnum):
    """What is wrong with a key, seen before the first call."""

    MALFORMED = "malformed"
    EXPIRED = "expired"
    NO_CHAT_SCOPE = "no_chat_scope"
    TEST_KEY = "test_key"


@dataclass(frozen=True, slots=True)
class KeyReport:
    """What a key can and cannot do. `slow` means about one request an hour (WB API, base token)."""

    account_id: str | None = None
    expires_at: datetime | None = None
    kind: str = "unknown"
    read_only: bool = False
    slow: bool = False
    scopes: frozenset[str] = frozenset()
    problems: tuple[KeyProblem, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether conversations can be read with it."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A token bucket of the marketplace: one request every `interval` seconds, `burst` at once."""

    interval: float
    burst: int


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a marketplace offers, so that the screen offers only what works."""

    text_limit: int
    files: FileRules = field(default_factory=FileRules)
    can_mark_read: bool = False
    has_receipts: bool = False
    echo_reads_back: bool = True
    """Sent messages appear in the feed, so an unknown outcome can be settled by reading."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a marketplace answers to a reply it accepted.

    `accepted_at` is its own time of the message (WB `addTime`), `message_id` its id where it tells one,
    `file_errors` the files it refused although the text went.
    """

    accepted_at: datetime | None = None
    message_id: str | None = None
    file_errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Download:
    """A file of a buyer. Without `content`, `retry_after` seconds say when moderation may be over."""

    content: bytes | None = field(default=None, repr=False)
    content_type: str | None = None
    retry_after: float | None = None
    refused: bool = False
    """Moderation refused it for good."""


Gate = Callable[[str], Awaitable[None]]
"""Awaited with a method's name before each request; it waits for, or refuses, a place in the seller's budget."""


GoAhead = Callable[[], Awaitable[None]]
"""Awaited when nothing but the request itself is left to do; what it raises holds the request back."""


class Connector(Protocol):
    """One seller's line to one marketplace. Raises `connectors.errors` only."""

    async def page(self, cursor: str | None) -> FeedPage:
        """The feed behind `cursor` (None: from the oldest message there is), one request's worth."""
        ...

    def since(self, moment: datetime) -> str | None:
        """The cursor behind which everything after `moment` is read; None where a feed has no such thing."""
        ...

    def rewind(self, cursor: str, by: timedelta) -> str:
        """An earlier cursor, behind which the last `by` are read again; the same one where a feed cannot go back."""
        ...

    async def chats(self) -> tuple[IncomingChat, ...]:
        """What the list of conversations knows beyond the feed: buyers' names, goods, orders."""
        ...

    async def send(
        self,
        chat_external_id: str,
        text: str,
        files: tuple[OutgoingFile, ...] = (),
        *,
        go_ahead: GoAhead | None = None,
    ) -> Receipt:
        """Send once. Never repeats a request that may have arrived. `go_ahead` is the last thing before the first byte."""
        ...

    async def download(self, download_id: str) -> Download:
        """Fetch a file that a buyer attached."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


Reread = Callable[[Unreadable], tuple[IncomingMessage, ...] | Unreadable]
"""Reads an item that was kept raw once more, without asking the marketplace: its messages (none where there is nothing
to show), or the item with the reason why it still cannot be read. Raises nothing."""


class ConnectorFactory(Protocol):
    """Makes a connector of one marketplace."""

    def __call__(self, credentials: Credentials, *, gate: Gate | None = None) -> Connector: ...


@dataclass(frozen=True, slots=True)
class Marketplace:
    """A marketplace as the registry knows it: its names, what it can do, how to reach it.

    `limits` maps a method's name to its token bucket for a key's report.
    """

    id: str
    title: str
    short: str
    capabilities: Capabilities
    connect: ConnectorFactory
    inspect_key: Callable[[Credentials, datetime], KeyReport]
    limits: Callable[[KeyReport], Mapping[str, RateLimit]]
    reread: Reread

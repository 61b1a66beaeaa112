"""What every marketplace must be able to do, and what it declares of itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from importlib import import_module
from typing import Protocol

from agentiq_core.domain.files import FileRules, OutgoingFile
from agentiq_core.domain.messages import (
    Channel,
    FeedPage,
    IncomingChat,
    IncomingMessage,
    ProductCard,
    Unreadable,
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A seller's key to a marketplace. `client_id` goes with the key where a marketplace has two parts of it, `account_id`
    says which of the accounts behind it is meant, once that is known. `base_url` overrides the live host (sandbox, proxy)."""

    secret: str = field(repr=False)
    client_id: str | None = None
    base_url: str | None = None
    account_id: str | None = None


class KeyProblem(StrEnum):
    """What is wrong with a key, seen before the first call."""

    MALFORMED = "malformed"
    EXPIRED = "expired"
    NO_CHAT_SCOPE = "no_chat_scope"
    """It opens no channel of conversations at all."""
    TEST_KEY = "test_key"
    NO_CLIENT_ID = "no_client_id"
    """The second part of the key is missing or malformed."""


@dataclass(frozen=True, slots=True)
class KeyReport:
    """What a key can and cannot do. `slow` means about one request an hour (WB API, base token).

    `channels` are those it opens; None: every one that the marketplace has.
    """

    account_id: str | None = None
    expires_at: datetime | None = None
    kind: str = "unknown"
    read_only: bool = False
    slow: bool = False
    scopes: frozenset[str] = frozenset()
    problems: tuple[KeyProblem, ...] = ()
    channels: frozenset[str] | None = None

    @property
    def usable(self) -> bool:
        """Whether conversations can be read with it."""
        return not self.problems

    def opens(self, channel: str) -> bool:
        """Whether the key may be used for a channel of its marketplace."""
        return self.channels is None or channel in self.channels


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A token bucket of the marketplace: one request every `interval` seconds, `burst` at once."""

    interval: float
    burst: int


@dataclass(frozen=True, slots=True)
class ReplyWindow:
    """How long a marketplace lets a reply be written, counted from the buyer's last message.

    After a `hard` window it refuses; the others are what it recommends.
    """

    length: timedelta
    hard: bool = False


class Starter(StrEnum):
    """Who may begin a conversation."""

    BUYER = "buyer"
    SELLER_BY_ORDER = "seller_by_order"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel of a marketplace offers, so that the screen offers only what works. Texts in characters."""

    text_limit: int
    files: FileRules = field(default_factory=FileRules)
    text_least: int = 1
    can_reply: bool = True
    can_mark_read: bool = False
    can_dismiss: bool = False
    """The marketplace may be told that no reply will come (`Connector.dismiss`)."""
    can_decline: bool = False
    """A question may be rejected: nobody will see it (`Connector.decline`)."""
    one_answer: bool = False
    """There is one answer: a later one takes its place where it may be edited, or is refused."""
    has_receipts: bool = False
    messages_change: bool = False
    """A message that was read may be edited or deleted later, or seen by the buyer."""
    whole_conversations: bool = False
    """A page holds the newest of a conversation, not whatever happened next anywhere: it can be answered at once."""
    window: ReplyWindow | None = None
    share_within: timedelta | None = None
    """The marketplace judges a shop by the share of questions that are answered within this, by the clock."""
    starters: frozenset[Starter] = frozenset({Starter.BUYER})


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


class Memory(Protocol):
    """What is stored of a channel's conversations, for a marketplace that lists conversations instead of events."""

    async def marks(self, chats: Sequence[str]) -> Mapping[str, str]:
        """How far these conversations were read (`FeedPage.marks`); those never read are missing."""
        ...

    async def awaited(self) -> Sequence[str]:
        """Conversations whose news somebody waits for: a reply's echo, or an open screen."""
        ...

    async def unanswered(self) -> Sequence[str]:
        """Conversations that want a reply as far as is known here."""
        ...


class NoMemory:
    """Nothing is stored yet: a `Memory` for whoever only tries a key."""

    async def marks(self, chats: Sequence[str]) -> Mapping[str, str]:
        """None of them was read."""
        return {}

    async def awaited(self) -> Sequence[str]:
        """Nobody waits."""
        return ()

    async def unanswered(self) -> Sequence[str]:
        """None is known."""
        return ()


class Connector(Protocol):
    """One seller's line to one channel of a marketplace. Raises `connectors.errors` only."""

    async def account(self) -> KeyReport:
        """Whose account it is and what the key may do, as the marketplace says; at most a request or two."""
        ...

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

    async def mark_read(self, chat_external_id: str, through: str) -> None:
        """Tell the marketplace that the conversation was seen up to the message `through`."""
        ...

    async def dismiss(self, chat_external_id: str) -> None:
        """Tell the marketplace that no reply will come."""
        ...

    async def decline(self, chat_external_id: str) -> None:
        """Reject a question, which hides it for good."""
        ...

    async def products(self, external_ids: Sequence[str]) -> tuple[ProductCard, ...]:
        """The cards of these goods, as far as the marketplace gives them."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


Reread = Callable[[Unreadable], tuple[IncomingMessage, ...] | Unreadable]
"""Reads an item that was kept raw once more, without asking the marketplace: its messages (none where there is nothing
to show), or the item with the reason why it still cannot be read. Raises nothing."""


class ConnectorFactory(Protocol):
    """Makes a connector of one channel of a marketplace."""

    def __call__(
        self,
        credentials: Credentials,
        *,
        channel: str = Channel.CHAT,
        gate: Gate | None = None,
        memory: Memory | None = None,
    ) -> Connector: ...


@dataclass(frozen=True, slots=True)
class Marketplace:
    """A marketplace as the registry knows it: its names, what its channels can do, how to reach it.

    `channels` in the order they are offered, the first is what a key is tried with. `limits` maps a method's name to its
    token bucket for a key's report; channels share a bucket by sharing the name. `needs_client_id`: the key has two parts.
    `manual` is the page of docs/sellers that tells where the key is to be found. `parts` are the modules that `connect` needs.
    """

    id: str
    title: str
    short: str
    channels: Mapping[str, Capabilities]
    connect: ConnectorFactory
    inspect_key: Callable[[Credentials, datetime], KeyReport]
    limits: Callable[[KeyReport], Mapping[str, RateLimit]]
    reread: Reread
    needs_client_id: bool = False
    manual: str = ""
    parts: tuple[str, ...] = ()

    def load(self) -> None:
        """Import what `connect` needs: a quarter of a second, once, that no event loop should be held for. Blocking."""
        for part in self.parts:
            import_module(part)
        if self.parts:
            from agentiq_core.connectors import http

            http.load()

    def capabilities(self, channel: str) -> Capabilities:
        """What a channel offers; one that this version does not know offers what the first one does."""
        found = self.channels.get(channel)
        return next(iter(self.channels.values())) if found is None else found

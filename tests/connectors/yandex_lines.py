"""Lines to Yandex Market for tests: short time-outs, no pause is slept, and a memory that keeps what pages tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agentiq_core.connectors.base import Connector, Credentials, Gate, Memory
from agentiq_core.connectors.http import Timeouts
from agentiq_core.connectors.yandex_market.chats import YandexChats
from agentiq_core.connectors.yandex_market.line import YandexLine
from agentiq_core.connectors.yandex_market.questions import YandexQuestions
from agentiq_core.connectors.yandex_market.reviews import YandexReviews
from agentiq_core.domain.messages import FeedPage, IncomingChat, Message, Unreadable
from tests.connectors.yandex_answers import BUSINESS, KEY, NOW


@dataclass
class Kept:
    """A memory, and everything that was read, as a store would keep it: the first time of a message stays."""

    marked: dict[str, str] = field(default_factory=dict)
    wanted: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    messages: dict[tuple[str, str], Message] = field(default_factory=dict)
    chats: dict[str, IncomingChat] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)
    settled: dict[str, datetime] = field(default_factory=dict)

    async def marks(self, chats: Sequence[str]) -> Mapping[str, str]:
        return {chat: self.marked[chat] for chat in chats if chat in self.marked}

    async def awaited(self) -> Sequence[str]:
        return self.wanted

    async def unanswered(self) -> Sequence[str]:
        return self.waiting

    def keep(self, page: FeedPage) -> None:
        """Store a page."""
        for item in page.messages:
            self.messages.setdefault((item.chat_external_id, item.message.external_id), item.message)
        self.marked |= {mark.chat_external_id: mark.mark for mark in page.marks}
        self.chats |= {chat.external_id: chat for chat in page.chats}
        for chat in page.chats:
            if chat.settled_through is not None:
                self.settled[chat.external_id] = chat.settled_through
        self.unreadable += page.unreadable

    def texts(self, chat: str) -> list[str]:
        """The texts of a conversation in the order of their times."""
        mine = [message for (of, _), message in self.messages.items() if of == chat]
        return [message.text for message in sorted(mine, key=lambda message: message.order)]


@dataclass
class YandexLines:
    """Opens lines to one host; `naps` are the pauses they asked for, none of which was slept."""

    url: str
    now: datetime = NOW
    naps: list[float] = field(default_factory=list)
    opened: list[YandexChats | YandexReviews | YandexQuestions] = field(default_factory=list)

    def line(
        self,
        *,
        url: str | None = None,
        key: str = KEY,
        business: str | None = BUSINESS,
        gate: Gate | None = None,
        memory: Memory | None = None,
        **timeouts: float,
    ) -> YandexLine:
        async def nap(seconds: float) -> None:
            self.naps.append(seconds)

        return YandexLine(
            Credentials(secret=key, account_id=business, base_url=url or self.url),
            gate=gate,
            memory=memory,
            timeouts=Timeouts(**{"connect": 2.0, "read": 2.0, "total": 10.0, **timeouts}),
            sleep=nap,
            clock=lambda: self.now,
        )

    def chats(self, *, history_limit: int = 100, **named: object) -> YandexChats:
        """A line to the chats."""
        connector = YandexChats(self.line(**named), history_limit=history_limit)  # type: ignore[arg-type]
        self.opened.append(connector)
        return connector

    def reviews(self, **named: object) -> YandexReviews:
        """A line to the reviews."""
        connector = YandexReviews(self.line(**named))  # type: ignore[arg-type]
        self.opened.append(connector)
        return connector

    def questions(self, **named: object) -> YandexQuestions:
        """A line to the questions."""
        connector = YandexQuestions(self.line(**named))  # type: ignore[arg-type]
        self.opened.append(connector)
        return connector


async def poll(connector: Connector, kept: Kept, cursor: str | None = None, *, most: int = 50) -> str | None:
    """Read pages until the poll is complete, storing each; the cursor of the last one."""
    for _ in range(most):
        page = await connector.page(cursor)
        kept.keep(page)
        cursor = page.cursor
        if page.complete:
            return cursor
    raise AssertionError("the poll does not end")

"""A memory for tests that keeps what pages tell, as a store would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agentiq_core.connectors.base import Connector
from agentiq_core.domain.messages import FeedPage, IncomingChat, IncomingMessage, Message, Unreadable


@dataclass
class Kept:
    """A memory, and everything that was read: of a message what was read last."""

    marked: dict[str, str] = field(default_factory=dict)
    wanted: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    messages: dict[tuple[str, str], Message] = field(default_factory=dict)
    chats: dict[str, IncomingChat] = field(default_factory=dict)
    settled: dict[str, datetime] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)

    async def marks(self, chats: Sequence[str]) -> Mapping[str, str]:
        return {chat: self.marked[chat] for chat in chats if chat in self.marked}

    async def awaited(self) -> Sequence[str]:
        return self.wanted

    async def unanswered(self) -> Sequence[str]:
        return self.waiting

    def keep(self, page: FeedPage) -> None:
        """Store a page."""
        for item in page.messages:
            self.keep_message(item)
        self.marked |= {mark.chat_external_id: mark.mark for mark in page.marks}
        for chat in page.chats:
            self.chats[chat.external_id] = chat
            if chat.settled_through is not None:
                self.settled[chat.external_id] = chat.settled_through
        self.unreadable += page.unreadable

    def keep_message(self, item: IncomingMessage) -> None:
        """Store a message."""
        self.messages[item.chat_external_id, item.message.external_id] = item.message

    def texts(self, chat: str) -> list[str]:
        """The texts of a conversation in the order of their times."""
        mine = [message for (of, _), message in self.messages.items() if of == chat]
        return [message.text for message in sorted(mine, key=lambda message: message.order)]


@dataclass
class KeptFirst(Kept):
    """A message keeps what was read first, for a marketplace that does not tell all times."""

    def keep_message(self, item: IncomingMessage) -> None:
        self.messages.setdefault((item.chat_external_id, item.message.external_id), item.message)


async def poll(connector: Connector, kept: Kept, cursor: str | None = None, *, most: int = 50) -> str | None:
    """Read pages until the poll is complete, storing each; the cursor of the last one."""
    for _ in range(most):
        page = await connector.page(cursor)
        kept.keep(page)
        cursor = page.cursor
        if page.complete:
            return cursor
    raise AssertionError("the poll does not end")

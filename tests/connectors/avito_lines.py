"""Lines to Avito for tests: short time-outs, no pause is slept, and a memory that keeps what pages tell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agentiq_core.connectors.avito.chats import AvitoChats
from agentiq_core.connectors.avito.line import AvitoLine
from agentiq_core.connectors.avito.reviews import AvitoReviews
from agentiq_core.connectors.base import Connector, Credentials, Gate, Memory
from agentiq_core.connectors.http import Timeouts
from agentiq_core.domain.messages import FeedPage, IncomingChat, IncomingMessage, Unreadable
from tests.connectors.avito_answers import CLIENT_ID, NOW, OWN, SECRET


@dataclass
class Desk:
    """Keeps what pages tell as the store does: a memory for the next page."""

    told: dict[str, str] = field(default_factory=dict)
    messages: dict[tuple[str, str], IncomingMessage] = field(default_factory=dict)
    chats: dict[str, IncomingChat] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    cursor: str | None = None
    pages: int = 0

    async def marks(self, chats: Sequence[str]) -> Mapping[str, str]:
        return {chat: self.told[chat] for chat in chats if chat in self.told}

    async def awaited(self) -> Sequence[str]:
        return tuple(self.waits)

    async def unanswered(self) -> Sequence[str]:
        return ()

    def keep(self, page: FeedPage) -> None:
        """A page and the cursor behind it, in one go."""
        self.pages += 1
        for item in page.messages:
            self.messages[item.chat_external_id, item.message.external_id] = item
        self.chats |= {chat.external_id: chat for chat in page.chats}
        self.unreadable += page.unreadable
        self.told |= {mark.chat_external_id: mark.mark for mark in page.marks}
        self.cursor = page.cursor or self.cursor

    async def poll(self, line: Connector, most: float = math.inf) -> bool:
        """Read to the end of a walk, or at most so many pages; whether it ended."""
        while most > 0:
            page = await line.page(self.cursor)
            self.keep(page)
            most -= 1
            if page.complete:
                return True
        return False

    def texts(self, chat: str) -> list[str]:
        """The words of a conversation in order of time."""
        found = [item.message for (id, _), item in self.messages.items() if id == chat]
        return [message.words for message in sorted(found, key=lambda message: message.order)]


@dataclass
class AvitoLines:
    """Opens lines to Avito's channels at one host; `naps` are the pauses they asked for, none of which was slept."""

    url: str
    naps: list[float] = field(default_factory=list)
    opened: list[Connector] = field(default_factory=list)
    now: datetime = NOW

    def chats(self, **options: object) -> AvitoChats:
        return self._kept(AvitoChats(self._line(**options)))

    def reviews(self, **options: object) -> AvitoReviews:
        return self._kept(AvitoReviews(self._line(**options)))

    def _kept(self, connector):
        self.opened.append(connector)
        return connector

    def _line(
        self,
        *,
        secret: str = SECRET,
        client_id: str | None = CLIENT_ID,
        account_id: str | None = OWN,
        url: str | None = None,
        gate: Gate | None = None,
        memory: Memory | None = None,
        **timeouts: float,
    ) -> AvitoLine:
        async def nap(seconds: float) -> None:
            self.naps.append(seconds)

        return AvitoLine(
            Credentials(secret, client_id=client_id, base_url=url or self.url, account_id=account_id),
            gate=gate,
            memory=memory,
            timeouts=Timeouts(**{"connect": 2.0, "read": 2.0, "total": 10.0, **timeouts}),
            sleep=nap,
            clock=lambda: self.now,
        )

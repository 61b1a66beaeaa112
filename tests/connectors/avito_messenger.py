"""A messenger and its reviews that change while they are read, behind a scripted host."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.connectors.avito_answers import BUYER, CHAT, CHATS, MESSAGES, OWN, REVIEWS, SENT_AT, make_chat
from tests.connectors.scripted_host import ScriptedHost

ENOUGH = 400


@dataclass
class Messenger:
    """Conversations as lists of messages. `before` is called with the query ahead of every answer; `hidden` messages are in
    the list and not yet in their history."""

    host: ScriptedHost
    newest_first: bool = True
    wrapped: bool = False
    chats: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[str, dict[str, list[str]]], None] = lambda path, query: None
    clock: int = SENT_AT

    def __post_init__(self) -> None:
        self.host.script(CHATS, *[self._step(self._list)] * ENOUGH)
        self.host.script(REVIEWS, *[self._step(self._reviews)] * ENOUGH)

    def says(self, text: str, chat: str = CHAT, *, direction: str = "in", **fields: Any) -> dict[str, Any]:
        """A message at the next second; a buyer's makes the conversation unread."""
        if chat not in self.chats:
            self.chats[chat] = []
            path = MESSAGES.replace(CHAT, chat)
            self.host.script(path, *[self._step(lambda query: self._history(chat, query))] * ENOUGH)
        self.clock += 1
        message = {
            "id": f"m{self.clock}",
            "author_id": BUYER if direction == "in" else int(OWN),
            "content": {"text": text},
            "created": self.clock,
            "direction": direction,
            "type": "text",
            **fields,
        }
        self.chats[chat].append(message)
        (self.unread.add if direction == "in" else self.unread.discard)(chat)
        return message

    def asked(self) -> list[str]:
        """What was asked so far, in short."""
        names = {CHATS: "list", REVIEWS: "reviews"}
        return [
            names.get(one.path, one.path.split("/")[-3] if "/messages/" in one.path else one.path)
            for one in self.host.received
            if one.path != "/token"
        ]

    def _list(self, query: dict[str, list[str]]) -> Any:
        shown = sorted(self.chats.items(), key=lambda chat: -chat[1][-1]["created"])
        if query.get("unread_only") == ["true"]:
            shown = [chat for chat in shown if chat[0] in self.unread]
        lines = [make_chat(id, messages[-1]) for id, messages in shown]
        return {"chats": _page(lines, query)}

    def _history(self, chat: str, query: dict[str, list[str]]) -> Any:
        told = [one for one in self.chats[chat] if one["id"] not in self.hidden]
        page = _page(told[::-1] if self.newest_first else told, query)
        return {"messages": page} if self.wrapped else page

    def _reviews(self, query: dict[str, list[str]]) -> Any:
        return {"reviews": _page(self.reviews, query), "total": len(self.reviews)}

    def _step(self, answer: Callable[[dict[str, list[str]]], Any]):
        async def step(writer: asyncio.StreamWriter) -> None:
            request = self.host.received[-1]
            self.before(request.path, request.query)
            await self.host.json(answer(request.query))(writer)

        return step


def _page(entries: list[Any], query: dict[str, list[str]]) -> list[Any]:
    offset, limit = int(query["offset"][0]), int(query["limit"][0])
    assert offset >= 0
    assert 1 <= limit <= 100
    return entries[offset : offset + limit]

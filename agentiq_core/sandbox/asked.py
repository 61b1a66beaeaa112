"""What a request asks for: its body, and what faults are matched with."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web


class BadBody(Exception):
    """The body cannot be read; the text is what the marketplace answers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The body as the operation wants it; chat: the conversation it is about, whatever its channel; text: what it writes."""

    body: Any = None
    chat: str = ""
    text: str = ""


Reader = Callable[[web.Request], Awaitable[Asked]]


async def read_nothing(request: web.Request) -> Asked:
    """For requests without a body."""
    return Asked()


def json_reader(*, chat: str = "", text: str = "") -> Reader:
    """Reads a JSON object ({} where there is no body). chat, text: where they are named, "message.text" inside objects.

    The conversation is looked for in the path and the query too.
    """

    async def read(request: web.Request) -> Asked:
        raw = await request.read()
        try:
            body = json.loads(raw) if raw else {}
        except ValueError as error:
            raise BadBody("the body is not JSON") from error
        if not isinstance(body, dict):
            raise BadBody("the body is not a JSON object")
        named = request.match_info.get(chat) or request.query.get(chat) or _at(body, chat)
        return Asked(body=body, chat=_text(named), text=_text(_at(body, text)))

    return read


def query_reader(chat: str) -> Reader:
    """For requests without a body whose path or query names the conversation."""

    async def read(request: web.Request) -> Asked:
        return Asked(chat=request.match_info.get(chat) or request.query.get(chat, ""))

    return read


def _at(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def _text(value: Any) -> str:
    return "" if value is None else str(value)

"""Builders: a key, an event, a page, a list of chats as Wildberries has them."""

from __future__ import annotations

from typing import Any

import jwt

CHATS = "/api/v1/seller/chats"
EVENTS = "/api/v1/seller/events"
MESSAGE = "/api/v1/seller/message"
DOWNLOAD = "/api/v1/seller/download/"
CHAT = "1:1e265a58-a120-b178-008c-60af2460207c"
SIGN = f"{CHAT}:54828159:bc3a4c04079f5956cff170b25e73523a"


def make_key(**claims: Any) -> str:
    """A Wildberries key with these claims; a personal one for chats unless told otherwise."""
    usual: dict[str, Any] = {
        "acc": 3,
        "exp": 1_900_000_000,
        "oid": 4711,
        "s": 1 << 9,
        "sid": "9d5c1b0e-53a1-4a3f-9d7e-2f1f5d0b7c11",
        "t": False,
        "uid": 17,
    }
    return jwt.encode(
        {**usual, **claims}, "a secret that only the marketplace has, long enough", algorithm="HS256"
    )


def make_event(number: int = 0, **fields: Any) -> dict[str, Any]:
    """One event of a buyer, `number` seconds after the first."""
    return {
        "chatID": CHAT,
        "eventID": f"cef95d3c-0345-4dc9-b6df-{number:012d}",
        "eventType": "message",
        "message": {"text": f"Здравствуйте, вопрос {number}"},
        "source": "rusite",
        "addTimestamp": 1_698_037_340_000 + number * 1000,
        "addTime": "2023-10-23T05:02:20Z",
        "sender": "client",
        "clientName": "Алёна",
        **fields,
    }


def make_page(*events: object, **fields: Any) -> dict[str, Any]:
    """A page of the feed as Wildberries answers it."""
    result = {"next": 1_698_045_576_000, "totalEvents": len(events), "events": list(events), **fields}
    return {"result": result, "errors": None}


def make_chats(*chats: object, sign: str = SIGN, **fields: Any) -> dict[str, Any]:
    """The list of chats: the usual chat with this sign, or these."""
    listed = list(chats) or [{"chatID": CHAT, "replySign": sign, "clientName": "Алёна"}]
    return {"result": listed, "errors": None, **fields}


def make_problem(detail: str, **fields: Any) -> dict[str, Any]:
    """A problem of the chat service."""
    return {
        "title": "Bad Request",
        "detail": detail,
        "requestId": "1b21cad4833a0c92",
        "error": detail,
        **fields,
    }

"""The buyer chat's operations, without HTTP's mishaps (Ozon API, ChatAPI and Premium methods)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from agentiq_core.domain.messages import Author
from agentiq_core.sandbox.asked import json_reader, query_reader
from agentiq_core.sandbox.conversation import Message, Upload
from agentiq_core.sandbox.drawings import content_of, recognise
from agentiq_core.sandbox.faults import FaultKind
from agentiq_core.sandbox.gateway import Call, Operation
from agentiq_core.sandbox.ozon import problems, wire
from agentiq_core.sandbox.ozon.records import OzonConversation
from agentiq_core.sandbox.ozon.seller import OzonSeller

MAX_TEXT: Final = 1000
MAX_FILE: Final = 20 * 1024 * 1024
TAKEN: Final = ("image/jpeg", "image/png", "application/pdf")
"""Invented: Ozon documents neither sizes nor kinds of files."""
LISTED: Final = 100
HISTORY: Final = 1000
_REPEATED: Final = 3


def chat_list(call: Call[OzonSeller]) -> web.Response:
    """A page of the conversations, whose order nobody documents: here the oldest first."""
    shop, body = call.shop, call.body
    limit = body.get("limit")
    if not _within(limit, 1, LISTED):
        return problems.bad_request("limit: value must be inside range [1, 100]")
    filters = body.get("filter") or {}
    status, unread_only = str(filters.get("chat_status") or "All").lower(), bool(filters.get("unread_only"))
    chats = [] if call.meets(FaultKind.EMPTY_CHATS) else list(shop.chats.values())
    chosen = [
        chat
        for chat in chats
        if (status == "all" or (status == "closed") == chat.closed)
        and (not unread_only or _unread(chat, call.now))
    ]
    start = _after(chosen, str(body.get("cursor") or ""))
    page = chosen[start : start + min(limit, shop.behaviour.chats_on_page)]
    quirks = shop.behaviour.quirks
    items = [
        wire.chat_json(chat, chat.last_shown(call.now), _unread(chat, call.now), quirks=quirks)
        for chat in page
    ]
    if quirks and start == 0 and not unread_only:
        items = [
            {"chat": dict(each), "last_message_id": 1, "unread_count": 0} for each in wire.SUPPORT
        ] + items
    if call.meets(FaultKind.MALFORMED_EVENT) and items:
        items[len(items) // 2] = {"chat": {"chat_type": "BUYER_SELLER"}, "last_message_id": "?"}
    more = start + len(page) < len(chosen)
    answer = {
        "chats": items,
        "total_unread_count": sum(_unread(chat, call.now) for chat in chats),
        "cursor": page[-1].id if more else "",
        "has_next": wire.flag(more, quirks),
    }
    return web.json_response(answer)


def chat_history(call: Call[OzonSeller]) -> web.Response:
    """A page of a conversation in either direction."""
    shop, body = call.shop, call.body
    chat = shop.chats.get(str(body.get("chat_id")))
    if chat is None:
        return problems.not_found("chat")
    limit, forward = body.get("limit", 50), str(body.get("direction") or "Backward") == "Forward"
    start = body.get("from_message_id")
    if not _within(limit, 1, HISTORY):
        return problems.bad_request("limit: value must be inside range [1, 1000]")
    if forward and not start:
        return problems.bad_request("from_message_id: required for direction Forward")
    delay = shop.behaviour.history_delay
    shown = [each for each in chat.shown(call.now) if not delay or each.time / 1000 + delay <= call.now]
    wanted = (body.get("filter") or {}).get("message_ids")
    if wanted:
        shown = [each for each in shown if each.id in {str(one) for one in wanted}]
    shown.sort(key=lambda each: int(each.id), reverse=not forward)
    behind = [each for each in shown if _is_behind(each, start, forward, shop.behaviour.inclusive)]
    page = behind[: min(limit, shop.behaviour.messages_on_page)]
    more = len(behind) > len(page)
    if call.meets(FaultKind.DUPLICATES):
        page = [each for each in shown if each not in behind][-_REPEATED:] + page
    items = [_message(call, chat, each) for each in page]
    if call.meets(FaultKind.MALFORMED_EVENT) and items:
        middle = len(items) // 2
        items[middle] = wire.break_message(items[middle], call.rng)
    return web.json_response({"messages": items, "has_next": wire.flag(more, shop.behaviour.quirks)})


def send_message(call: Call[OzonSeller]) -> web.Response:
    """Plain text of 1 to 1000 characters; the answer tells no id."""
    text = call.body.get("text")
    if not isinstance(text, str) or not 1 <= len(text) <= MAX_TEXT or not text.strip():
        return problems.bad_request("text: value length must be between 1 and 1000 symbols")
    return _accepted(call, text, ())


def send_file(call: Call[OzonSeller]) -> web.Response:
    """A file as base64."""
    name = str(call.body.get("name") or "")
    try:
        content = base64.b64decode(str(call.body.get("base64_content") or ""), validate=True)
    except (binascii.Error, ValueError):
        return problems.bad_request("base64_content: not base64")
    kind = recognise(content)
    if call.meets(FaultKind.FILE_REFUSED) or kind not in TAKEN or "." not in name:
        return problems.bad_request("unsupported file format")
    if len(content) > MAX_FILE:
        return problems.bad_request("file is too large")
    return _accepted(call, None, (Upload(name=name, content_type=kind or "", content=content),))


def chat_read(call: Call[OzonSeller]) -> web.Response:
    """That message and all before it are read."""
    chat = call.shop.chats.get(str(call.body.get("chat_id")))
    if not call.shop.behaviour.chats_paid:
        return problems.denied(problems.NO_SUBSCRIPTION)
    if chat is None:
        return problems.not_found("chat")
    through = call.body.get("from_message_id")
    newest = max((int(each.id) for each in chat.messages), default=0)
    chat.seen = max(chat.seen, int(through) if isinstance(through, int) else newest)
    return web.json_response({"unread_count": _unread(chat, call.now)})


def chat_file(call: Call[OzonSeller]) -> web.Response:
    """A file by the link that its message tells."""
    file = call.shop.attachment(call.request.match_info["id"])
    if file is None:
        return problems.not_found("file")
    return web.Response(body=content_of(file), content_type=file.content_type)


def _accepted(call: Call[OzonSeller], text: str | None, files: Sequence[Upload]) -> web.Response:
    shop = call.shop
    chat = shop.chats.get(str(call.body.get("chat_id")))
    if not shop.behaviour.chats_paid:
        return problems.denied(problems.NO_SUBSCRIPTION)
    if chat is None:
        return problems.not_found("chat")
    if chat.closed or call.meets(FaultKind.CLOSED) or not shop.may_write(chat, call.now):
        return problems.denied(problems.TOO_LATE)
    call.accept(chat.id, text, files)
    return web.json_response({"result": "success"})


def _message(call: Call[OzonSeller], chat: OzonConversation, message: Message) -> dict[str, Any]:
    behaviour = call.shop.behaviour
    origin = call.request.url.origin()
    prefix = call.request.path.partition("/v3/")[0]
    return wire.message_json(
        message,
        chat,
        f"{origin}{prefix}/v2/chat/file",
        call.now,
        seen=_seen(chat, message),
        escapes=behaviour.escapes,
        quirks=behaviour.quirks,
    )


def _seen(chat: OzonConversation, message: Message) -> bool:
    """Ours are read once the buyer wrote later, the buyer's once the seller saw them."""
    if message.author is Author.BUYER:
        return int(message.id) <= chat.seen
    return any(each.author is Author.BUYER and each.time > message.time for each in chat.messages)


def _unread(chat: OzonConversation, now: float) -> int:
    return sum(each.author is Author.BUYER and int(each.id) > chat.seen for each in chat.shown(now))


def _is_behind(message: Message, start: Any, forward: bool, inclusive: bool) -> bool:
    if not start:
        return True
    distance = int(message.id) - int(start) if forward else int(start) - int(message.id)
    return distance >= 0 if inclusive else distance > 0


def _after(chats: Sequence[OzonConversation], cursor: str) -> int:
    return next((place + 1 for place, chat in enumerate(chats) if chat.id == cursor), 0)


def _within(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


_OF_CHAT: Final = json_reader(chat="chat_id", text="text")

OPERATIONS: Final = (
    Operation("chat_list", "POST", "/v3/chat/list", chat_list, read=json_reader()),
    Operation("chat_history", "POST", "/v3/chat/history", chat_history, read=_OF_CHAT),
    Operation("send_message", "POST", "/v1/chat/send/message", send_message, read=_OF_CHAT),
    Operation("send_file", "POST", "/v1/chat/send/file", send_file, read=_OF_CHAT),
    Operation("chat_read", "POST", "/v2/chat/read", chat_read, read=_OF_CHAT),
    Operation("chat_file", "GET", "/v2/chat/file/{id}/{name}", chat_file, read=query_reader("id")),
)

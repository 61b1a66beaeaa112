"""The buyer chat's operations, without HTTP's mishaps (Yandex Market API, chats)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import BodyPartReader, web

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox.asked import Asked, BadBody, json_reader
from agentiq_core.sandbox.conversation import Upload
from agentiq_core.sandbox.drawings import content_of, recognise
from agentiq_core.sandbox.faults import FaultKind
from agentiq_core.sandbox.gateway import Call, Operation
from agentiq_core.sandbox.yandex_market import problems, wire
from agentiq_core.sandbox.yandex_market.paging import Unusable, checked, listed, number, page_of, words
from agentiq_core.sandbox.yandex_market.records import YandexConversation
from agentiq_core.sandbox.yandex_market.seller import YandexSeller

MAX_TEXT: Final = 4096
MAX_FILE: Final = 5 * 1024 * 1024
TAKEN: Final = ("image/jpeg", "image/png", "application/pdf", "image/gif")
"""Invented: the Market documents no kinds of files."""
_ACCEPTED: Final = {"status": "OK"}
_REPEATED: Final = 3


def chat_list(call: Call[YandexSeller]) -> web.Response:
    """A page of the conversations, whose order nobody documents: here the oldest first."""
    shop, body = call.shop, call.body
    chats = [] if call.meets(FaultKind.EMPTY_CHATS) else list(shop.chats.values())
    statuses, types = body.get("statuses"), body.get("types")
    chosen = [
        chat
        for chat in chats
        if (not statuses or wire.status_of(chat, call.now) in statuses)
        and (not types or ("ARBITRAGE" if chat.arbitrage else "CHAT") in types)
    ]
    page, token = page_of(
        call, chosen, lambda chat: chat.id, usual=10, most=20, on_page=shop.behaviour.chats_on_page
    )
    items = [wire.chat_json(shop, chat, call.now) for chat in page]
    if call.meets(FaultKind.MALFORMED_EVENT) and items:
        items[len(items) // 2] = {"chatId": None, "context": "?"}
    return listed("chats", items, token)


def chat_history(call: Call[YandexSeller]) -> web.Response:
    """A page of a conversation, from a message on where one is named: that message is among them."""
    shop = call.shop
    chat = _chat(call)
    if chat is None:
        return problems.not_found("Chat")
    delay = shop.behaviour.history_delay
    shown = [each for each in chat.shown(call.now) if not delay or each.time / 1000 + delay <= call.now]
    start = call.body.get("messageIdFrom")
    wanted = shown
    if start is not None:
        first = number(start, "messageIdFrom")
        wanted = [each for each in shown if int(each.id) >= int(first)]
    ordered = wanted[::-1] if shop.behaviour.newest_first else wanted
    page, token = page_of(
        call, ordered, lambda each: each.id, usual=50, most=100, on_page=shop.behaviour.messages_on_page
    )
    if call.meets(FaultKind.DUPLICATES):
        page = [each for each in shown if each not in wanted][-_REPEATED:] + page
    items = [wire.message_json(shop, each, files_at(call)) for each in page]
    if call.meets(FaultKind.MALFORMED_EVENT) and items:
        items[len(items) // 2] |= {"createdAt": "0001-01-01T00:00:00Z"}
    more: dict[str, Any] = {"context": wire.context_json(shop, chat)}
    if shop.behaviour.old_fields:
        more["orderId"] = int(chat.order_id)
    return listed("messages", items, token, **more)


def send_message(call: Call[YandexSeller]) -> web.Response:
    """Text of 1 to 4096 characters; the answer tells no id."""
    return _accepted(call, words(call.body.get("message"), "message", MAX_TEXT), ())


def send_file(call: Call[YandexSeller]) -> web.Response:
    """One file."""
    name, content = call.body
    kind = recognise(content)
    if call.meets(FaultKind.FILE_REFUSED) or kind not in TAKEN:
        raise Unusable("Unsupported file type")
    if len(content) > MAX_FILE:
        raise Unusable("File is too large")
    return _accepted(call, None, (Upload(name=name, content_type=kind or "", content=content),))


def chat_file(call: Call[YandexSeller]) -> web.Response:
    """A file by the link that its message tells; not every token opens it."""
    file = call.shop.attachments.get(call.request.match_info["id"])
    if file is None:
        return problems.not_found("File")
    if not call.shop.behaviour.files_open:
        return problems.problem(403, problems.DENIED)
    return web.Response(body=content_of(file), content_type=file.content_type)


async def read_file(request: web.Request) -> Asked:
    """The multipart body of a file, cut a little above the limit."""
    if request.content_type != "multipart/form-data":
        raise BadBody(f"Content type '{request.content_type}' not supported")
    name, content = "", bytearray()
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, BodyPartReader) and part.name == "file":
                name = part.filename or "file"
                while chunk := await part.read_chunk(65536):
                    if len(content) <= MAX_FILE:
                        content += chunk
    except ValueError as error:
        raise BadBody("Unexpected end of content") from error
    return Asked((name, bytes(content)), chat=request.query.get("chatId", ""))


def files_at(call: Call[YandexSeller]) -> str:
    """Where this market's files are."""
    prefix = call.request.path.partition("/v")[0]
    return f"{call.request.url.origin()}{prefix}/files"


def _chat(call: Call[YandexSeller]) -> YandexConversation | None:
    return call.shop.chats.get(number(call.request.query.get("chatId"), "chatId"))


def _accepted(call: Call[YandexSeller], text: str | None, files: Sequence[Upload]) -> web.Response:
    chat = _chat(call)
    if chat is None:
        return problems.not_found("Chat")
    if chat.finished or call.meets(FaultKind.CLOSED):
        return problems.bad_request(problems.FINISHED)
    call.accept(chat.id, text, files)
    return web.json_response(_ACCEPTED)


_BASE: Final = "/v2/businesses/{business}/chats"

OPERATIONS: Final = (
    Operation("chats", "POST", _BASE, checked(chat_list), Channel.CHAT, json_reader()),
    Operation(
        "history", "POST", f"{_BASE}/history", checked(chat_history), Channel.CHAT, json_reader(chat="chatId")
    ),
    Operation(
        "message",
        "POST",
        f"{_BASE}/message",
        checked(send_message),
        Channel.CHAT,
        json_reader(chat="chatId", text="message"),
    ),
    Operation("file_send", "POST", f"{_BASE}/file/send", checked(send_file), Channel.CHAT, read_file),
    Operation("file", "GET", "/files/{id}/{name}", chat_file, Channel.CHAT),
)

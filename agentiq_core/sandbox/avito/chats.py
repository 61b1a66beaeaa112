"""The messenger's operations, without HTTP's mishaps (Avito API, messenger)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import BodyPartReader, web

from agentiq_core.domain.messages import Author
from agentiq_core.sandbox.asked import Asked, BadBody, json_reader, query_reader
from agentiq_core.sandbox.avito import wire
from agentiq_core.sandbox.avito.problems import problem
from agentiq_core.sandbox.avito.records import AvitoConversation, AvitoMessage
from agentiq_core.sandbox.avito.seller import AvitoSeller
from agentiq_core.sandbox.conversation import Message, Upload
from agentiq_core.sandbox.drawings import draw_photo, recognise
from agentiq_core.sandbox.faults import FaultKind
from agentiq_core.sandbox.gateway import Call, Operation

MAX_TEXT: Final = 1000
MAX_FILE: Final = 24 * 1024 * 1024
PAGE: Final = 100
FURTHEST: Final = 1000
DELETABLE: Final = 3600.0
"""Seconds (Avito API, deleteMessage)."""
SLOW_ECHO: Final = 5.0
TAKEN: Final = ("image/jpeg", "image/png", "image/gif", "image/bmp")
_REPEATED: Final = 3

AvitoCall = Call[AvitoSeller]


def chat_list(call: AvitoCall) -> web.Response:
    """A page of the conversations, the one that changed last first."""
    place = place_of(call, PAGE, FURTHEST)
    if place is None:
        return refused(call, 400, "limit or offset is out of range")
    shop, query = call.shop, call.request.query
    types = query.get("chat_types", "u2i").split(",")
    chats = [] if call.meets(FaultKind.EMPTY_CHATS) or "u2i" not in types else list(shop.chats.values())
    if shop.behaviour.employee:
        chats = chats[::2]
    if query.get("unread_only") == "true":
        chats = [chat for chat in chats if _unread(chat, call.now)]
    shown = [(chat, last) for chat in chats if (last := chat.last_shown(call.now)) is not None]
    shown.sort(key=lambda one: -one[1].time)
    lines = [_line(call, chat, last) for chat, last in cut(call, shown, place)]
    if call.meets(FaultKind.MALFORMED_EVENT) and lines:
        lines[len(lines) // 2] |= {"id": ["spoilt"]}
    return web.json_response({"chats": lines})


def chat_info(call: AvitoCall) -> web.Response:
    """One conversation as the list has it."""
    chat = _chat(call)
    if chat is None:
        return refused(call, 404, "chat not found")
    return web.json_response(_line(call, chat, chat.last_shown(call.now)))


def chat_messages(call: AvitoCall) -> web.Response:
    """A page of a history."""
    place, chat = place_of(call, PAGE, FURTHEST), _chat(call)
    if place is None:
        return refused(call, 400, "limit or offset is out of range")
    if chat is None:
        return refused(call, 404, "chat not found")
    behaviour = call.shop.behaviour
    until = call.now - behaviour.history_delay
    told = [each for each in chat.shown(call.now) if not behaviour.history_delay or each.time / 1000 <= until]
    page = cut(call, told[::-1] if behaviour.newest_first else told, place)
    items = [
        wire.message_json(each, chat, call.shop.user_id, files_at(call), quirks=behaviour.quirks)
        for each in page
    ]
    if call.meets(FaultKind.MALFORMED_EVENT) and items:
        items[len(items) // 2] |= {"created": "вчера"}
    return web.json_response({"messages": items} if behaviour.wrapped else items)


def send_text(call: AvitoCall) -> web.Response:
    """Up to 1000 characters; the answer is the message."""
    held = call.body.get("message")
    text = held.get("text") if isinstance(held, dict) else None
    if call.body.get("type") != "text" or not isinstance(text, str) or not text.strip():
        return refused(call, 400, "message.text is required")
    if len(text) > MAX_TEXT:
        return refused(call, 400, f"message.text is longer than {MAX_TEXT} symbols")
    return _accepted(call, text, ())


def send_image(call: AvitoCall) -> web.Response:
    """A picture that was uploaded before."""
    upload = call.shop.uploads.get(str(call.body.get("image_id")))
    if upload is None or call.meets(FaultKind.FILE_REFUSED):
        return refused(call, 400, "image is not accepted")
    return _accepted(call, None, (upload,))


def upload_image(call: AvitoCall) -> web.Response:
    """Keeps one picture; its id and its links by size."""
    name, content = call.body
    kind = recognise(content)
    if call.meets(FaultKind.FILE_REFUSED) or kind not in TAKEN or len(content) > MAX_FILE:
        return refused(call, 400, "image is not accepted")
    image_id = f"{call.shop.user_id}.{call.shop.uuid().replace('-', '')}"
    call.shop.uploads[image_id] = Upload(name=name, content_type=kind or "", content=content)
    return web.json_response({image_id: {size: f"{files_at(call)}/{size}/{image_id}" for size in wire.SIZES}})


def delete_message(call: AvitoCall) -> web.Response:
    """Within an hour; the message stays with another type."""
    chat = _chat(call)
    told = chat.messages if chat is not None else []
    message = next((each for each in told if each.id == call.request.match_info["message_id"]), None)
    if chat is None or message is None:
        return refused(call, 404, "message not found")
    if message.author is not Author.SELLER or call.now > message.time / 1000 + DELETABLE:
        return refused(call, 400, "message can not be deleted")
    call.shop.deletes(chat.id, message.id)
    return web.json_response({})


def chat_read(call: AvitoCall) -> web.Response:
    """The whole conversation is read."""
    chat = _chat(call)
    if chat is None:
        return refused(call, 404, "chat not found")
    call.shop.sees_in_cabinet(chat.id)
    return web.json_response({"ok": True})


def voice_files(call: AvitoCall) -> web.Response:
    """Links to voice messages."""
    ids = [id for id in call.request.query.get("voice_ids", "").split(",") if id]
    known = [id for id in ids if id in call.shop.attachments]
    return web.json_response({"voices_urls": {id: f"{files_at(call)}/voice/{id}" for id in known}})


def file(call: AvitoCall) -> web.Response:
    """A file by its link, which needs no token."""
    found = call.shop.attachments[call.request.match_info["id"]]
    if found.content is None:
        found.content = draw_photo(found.download_id) if found.is_image else b"\0\0\0\x18ftypmp42opus"
    return web.Response(body=found.content, content_type=found.content_type)


def place_of(call: AvitoCall, most: int, furthest: int) -> tuple[int, int] | None:
    """The offset and the limit of a request; None where one is out of range."""
    told = [call.request.query.get(name, usual) for name, usual in (("offset", "0"), ("limit", str(most)))]
    if not all(each.isascii() and each.isdigit() for each in told):
        return None
    offset, limit = (int(each) for each in told)
    return (offset, limit) if offset <= furthest and 1 <= limit <= most else None


def cut(call: AvitoCall, entries: Sequence[Any], place: tuple[int, int]) -> list[Any]:
    """The page of that place; a fault begins it with what was there before."""
    offset, limit = place
    page = list(entries[offset : offset + limit])
    if call.meets(FaultKind.DUPLICATES):
        page = [*entries[max(0, offset - _REPEATED) : offset], *page, *page[:_REPEATED]]
    return page


def echo_delay(call: AvitoCall) -> float | None:
    """By how much a fault delays what is accepted; None: by what the shop's switches say."""
    if call.fault is None or not call.meets(FaultKind.SLOW_ECHO):
        return None
    return SLOW_ECHO if call.fault.delay is None else call.fault.delay


def refused(call: AvitoCall, status: int, message: str) -> web.Response:
    """A problem in the shape that the shop's switches say."""
    return problem(status, message, call.shop.behaviour.problems)


def files_at(call: AvitoCall) -> str:
    """The address below which files are."""
    path = call.request.path
    prefix = next(path.partition(part)[0] for part in ("/messenger/", "/ratings/") if part in path)
    return f"{call.request.url.origin()}{prefix}/files"


def _accepted(call: AvitoCall, text: str | None, files: Sequence[Upload]) -> web.Response:
    chat = _chat(call)
    if chat is None:
        return refused(call, 404, "chat not found")
    if call.meets(FaultKind.CLOSED):
        return refused(call, 400, "user is blocked")
    message = call.shop.accept(chat.id, text, files, echo_delay=echo_delay(call))
    told = wire.message_json(message, chat, call.shop.user_id, files_at(call), quirks=False)
    shown = ("id", "created", "direction", "type", "content", *(("author_id",) if files else ()))
    return web.json_response({name: told[name] for name in shown})


def _chat(call: AvitoCall) -> AvitoConversation | None:
    return call.shop.chats.get(call.request.match_info["chat_id"])


def _line(call: AvitoCall, chat: AvitoConversation, last: Message | None) -> dict[str, Any]:
    shop = call.shop
    return wire.chat_json(chat, last, shop.user_id, shop.name, files_at(call), quirks=shop.behaviour.quirks)


def _unread(chat: AvitoConversation, now: float) -> bool:
    return any(
        each.author is Author.BUYER and each.time > chat.seen and not _deleted(each)
        for each in chat.shown(now)
    )


def _deleted(message: Message) -> bool:
    return isinstance(message, AvitoMessage) and message.kind == "deleted"


async def _read_upload(request: web.Request) -> Asked:
    if not request.content_type.startswith("multipart/"):
        raise BadBody("not a form")
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name == "uploadfile[]":
            return Asked(body=(part.filename or "", bytes(await part.read())))
    raise BadBody("uploadfile[] is required")


_V1: Final = "/messenger/v1/accounts/{user_id}"
_OF_CHAT: Final = query_reader("chat_id")

OPERATIONS: Final = (
    Operation("chat_list", "GET", "/messenger/v2/accounts/{user_id}/chats", chat_list),
    Operation("chat_info", "GET", "/messenger/v2/accounts/{user_id}/chats/{chat_id}", chat_info, read=_OF_CHAT),
    Operation("chat_messages", "GET", "/messenger/v3/accounts/{user_id}/chats/{chat_id}/messages/", chat_messages, read=_OF_CHAT),
    Operation("send_text", "POST", f"{_V1}/chats/{{chat_id}}/messages", send_text, read=json_reader(chat="chat_id", text="message.text")),
    Operation("send_image", "POST", f"{_V1}/chats/{{chat_id}}/messages/image", send_image, read=json_reader(chat="chat_id")),
    Operation("delete_message", "POST", f"{_V1}/chats/{{chat_id}}/messages/{{message_id}}", delete_message, read=_OF_CHAT),
    Operation("chat_read", "POST", f"{_V1}/chats/{{chat_id}}/read", chat_read, read=_OF_CHAT),
    Operation("upload_image", "POST", f"{_V1}/uploadImages", upload_image, read=_read_upload),
    Operation("voice_files", "GET", f"{_V1}/getVoiceFiles", voice_files),
    Operation("file", "GET", "/files/{size}/{id}", file),
)  # fmt: skip

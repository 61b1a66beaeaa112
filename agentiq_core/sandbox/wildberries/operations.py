"""The four operations of the buyer chat API, without HTTP's mishaps (those are in `gateway`)."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from aiohttp import web

from agentiq_core.sandbox.conversation import Moderation, Upload
from agentiq_core.sandbox.drawings import content_of, recognise
from agentiq_core.sandbox.faults import FaultKind
from agentiq_core.sandbox.gateway import Call, Operation
from agentiq_core.sandbox.wildberries import problems
from agentiq_core.sandbox.wildberries.form import MAX_FILE, MessageForm, read_form
from agentiq_core.sandbox.wildberries.seller import SandboxSeller
from agentiq_core.sandbox.wildberries.signs import MAX_LENGTH
from agentiq_core.sandbox.wildberries.wire import break_event, chat_json, event_json, page_json

MAX_TEXT: Final = 1000
MAX_TOTAL: Final = 30 * 1024 * 1024
PICTURES_AND_PDF: Final = ("image/jpeg", "image/png", "application/pdf")
_REPEATED: Final = 5


def _ok(body: dict[str, Any]) -> web.Response:
    return web.Response(text=json.dumps(body, ensure_ascii=False), content_type="application/json")


def chats(call: Call[SandboxSeller]) -> web.Response:
    """GET /api/v1/seller/chats: all chats, the last written first; those without messages at the end."""
    if call.meets(FaultKind.EMPTY_CHATS):
        return _ok({"result": [], "errors": None})
    seller, quirks = call.shop, call.shop.behaviour.quirks
    newest = {chat.chat_id: chat.last_shown(call.now) for chat in seller.chats.values()}

    def last_time(chat_id: str) -> int:
        message = newest[chat_id]
        return message.time if message else 0

    order = sorted(newest, key=last_time, reverse=True)
    result = [
        chat_json(seller.chats[chat_id], seller.sign_of(seller.chats[chat_id]), call.now, quirks=quirks)
        for chat_id in order
    ]
    return _ok({"result": result, "errors": None})


def events(call: Call[SandboxSeller]) -> web.Response:
    """GET /api/v1/seller/events: the page after `next`, from the oldest event without it."""
    cursor: int | None = None
    if "next" in call.request.query:
        raw = call.request.query["next"]
        if not raw.isascii() or not raw.lstrip("-").isdigit():
            return problems.bad_request("Invalid number")
        cursor = int(raw)
        if cursor <= 0:
            return problems.bad_request('Invalid value for "next"')
    seller = call.shop
    behaviour = seller.behaviour
    page = seller.feed.page(cursor, call.now, behaviour.page_size, behaviour.boundary)
    if call.meets(FaultKind.DUPLICATES):
        given = page[:_REPEATED] if cursor is None else seller.feed.before(cursor, call.now, _REPEATED)
        page = given + page
    bodies = [event_json(message, seller.chats[message.chat_id], quirks=behaviour.quirks) for message in page]
    if call.meets(FaultKind.MALFORMED_EVENT) and bodies:
        middle = len(bodies) // 2
        bodies[middle] = break_event(bodies[middle], call.rng)
    return _ok(page_json(bodies, [message.time for message in page]))


def message(call: Call[SandboxSeller]) -> web.Response:
    """POST /api/v1/seller/message: checks in the order sign, text, files; then accepts."""
    form: MessageForm = call.body
    seller = call.shop
    chat = seller.chat_by_sign(form.sign) if 0 < len(form.sign) <= MAX_LENGTH else None
    if chat is None or call.meets(FaultKind.INVALID_SIGNATURE):
        return _refused("Invalid signature")
    if len(form.text) > MAX_TEXT or (not form.text.strip() and not form.files):
        return _refused('Invalid value for "message"')
    refused = call.meets(FaultKind.FILE_REFUSED)
    uploads: list[Upload] = []
    errors: list[str] = []
    for file in form.files:
        flaw, kind = "", recognise(file.content)
        if refused or kind not in PICTURES_AND_PDF:
            flaw = f'"{file.name}" has unsupported mime type'
        elif file.size > MAX_FILE:
            flaw = "attachment too big. Max size: 5MiB"
        if flaw:
            errors.append(f"{problems.refused_file_code(call.rng)}: {flaw}")
        else:
            uploads.append(Upload(name=file.name, content_type=kind or "", content=file.content))
    if not errors and sum(file.size for file in form.files) > MAX_TOTAL:
        errors.append(f"{problems.refused_file_code(call.rng)}: attachments too big. Max total size: 30MiB")
    if errors and not (refused and form.text.strip()):
        return _refused(errors[0])
    accepted = call.accept(chat.chat_id, form.text or None, uploads)
    result: dict[str, Any] = {"addTime": accepted.added, "chatID": chat.chat_id}
    if seller.behaviour.sign_in_answer:
        result["sign"] = seller.sign_of(chat)
    return _ok({"result": result, "errors": errors})


def _refused(detail: str) -> web.Response:
    return problems.bad_request(detail, content_type=problems.PROBLEM)


def download(call: Call[SandboxSeller]) -> web.Response:
    """GET /api/v1/seller/download/{id}: the file, or 202 while it is moderated, or 451."""
    file = call.shop.attachments.get(call.request.match_info["id"])
    if file is None:
        return problems.bad_request("invalid fileID", title="invalid fileID")
    if file.moderation is Moderation.REFUSED:
        return problems.failed_moderation()
    if file.moderation is Moderation.PENDING and call.now < file.ready_at:
        left = math.ceil(file.ready_at - call.now)
        state = {"moderationState": "pending", "retrySeconds": left}
        return web.json_response(state, status=202)
    return web.Response(body=content_of(file), content_type=file.content_type)


OPERATIONS: Final = (
    Operation("chats", "GET", "/api/v1/seller/chats", chats),
    Operation("events", "GET", "/api/v1/seller/events", events),
    Operation("message", "POST", "/api/v1/seller/message", message, read=read_form),
    Operation("download", "GET", "/api/v1/seller/download/{id}", download),
)

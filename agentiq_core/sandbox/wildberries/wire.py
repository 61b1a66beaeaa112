"""Chats and events as the API prints them, with the irregularities seen in its real answers.

Which irregularity an event shows follows from its id, so that it looks the same whenever it is read.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from agentiq_core.sandbox.conversation import Attachment
from agentiq_core.sandbox.wildberries.records import Card, Chat, Message, Sender

_MOSCOW: Final = timezone(timedelta(hours=3))
_NO_TIME: Final = "0001-01-01T00:00:00Z"


def _dice(identity: str, sides: int) -> int:
    return int(identity[-6:], 16) % sides


def utc_time(milliseconds: int) -> str:
    """RFC 3339 in UTC, whole seconds, as `addTime` and the page's bounds have it."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _card(card: Card, *, zeroed: bool = False) -> dict[str, Any]:
    if zeroed:
        return {
            "date": _NO_TIME,
            "nmID": card.nm_id,
            "price": 0,
            "priceCurrency": "",
            "rid": card.rid,
            "size": "",
            "statusID": 0,
        }
    return {
        "nmID": card.nm_id,
        "price": card.price,
        "priceCurrency": card.currency,
        "rid": card.rid,
        "size": card.size,
    }


def chat_json(chat: Chat, sign: str, now: float, *, quirks: bool) -> dict[str, Any]:
    """An element of GET /api/v1/seller/chats. A chat without messages has no lastMessage."""
    zeroed = quirks and _dice(chat.chat_id, 5) == 0
    body: dict[str, Any] = {
        "chatID": chat.chat_id,
        "replySign": sign,
        "clientName": chat.client_name,
        "goodCard": _card(chat.card, zeroed=zeroed),
    }
    last = chat.last_shown(now)
    if last is not None:
        body["lastMessage"] = {"text": last.text or "", "addTimestamp": last.time}
    return body


def _image(image: Attachment, *, quirks: bool) -> dict[str, Any]:
    style = _dice(image.download_id, 4) if quirks else 0
    moment = datetime.fromtimestamp(image.added / 1000, UTC)
    place = f"vol0/part{image.added % 9000}/{image.download_id}"
    url = f"https://chat-basket-01.wbbasket.ru/{place}/{image.content_type.removeprefix('image/')}/1.jpg"
    date = {
        0: moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z",
        1: moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond:06d}417Z",
        2: moment.astimezone(_MOSCOW).isoformat(timespec="seconds"),
    }.get(style, _NO_TIME)
    return {"date": date, "downloadID": image.download_id, "url": url if date != _NO_TIME else ""}


def _file(file: Attachment) -> dict[str, Any]:
    moment = datetime.fromtimestamp(file.added / 1000, UTC)
    return {
        "contentType": file.content_type,
        "date": moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z",
        "downloadID": file.download_id,
        "name": file.name,
        "url": f"https://chat-basket-01.wbbasket.ru/vol0/part{file.added % 9000}/{file.download_id}/pdf/1.pdf",
        "size": file.size,
    }


def event_json(message: Message, chat: Chat, *, quirks: bool) -> dict[str, Any]:
    """An element of `events`.

    isNewChat is printed where true, rarely where false. replySign belongs to new chats (the spec), in real
    answers it is missing there at times and present elsewhere.
    """
    style = _dice(message.event_id, 24) if quirks else 1
    body: dict[str, Any] = {"chatID": message.chat_id, "eventID": message.event_id, "eventType": "message"}
    if message.opens_chat or style in (0, 7):
        body["isNewChat"] = message.opens_chat
    content = _content(message, chat, quirks=quirks)
    if content:
        body["message"] = content
    if message.source is not None:
        body["source"] = message.source.value
    body["addTimestamp"] = message.time
    body["addTime"] = utc_time(message.time)
    if message.sign and ((message.opens_chat and style not in (3, 4, 5)) or style == 2):
        body["replySign"] = message.sign
    body["sender"] = message.sender.value
    if message.sender is Sender.CLIENT:
        body["clientName"] = chat.client_name
    return body


def _content(message: Message, chat: Chat, *, quirks: bool) -> dict[str, Any]:
    attachments: dict[str, Any] = {}
    if message.opens_chat:
        attachments["goodCard"] = _card(chat.card)
    files = [_file(file) for file in message.attachments if not file.is_image]
    if files:
        attachments["files"] = files
    images = [_image(image, quirks=quirks) for image in message.attachments if image.is_image]
    if images:
        attachments["images"] = images
    content: dict[str, Any] = {}
    if attachments:
        content["attachments"] = attachments
    if message.text is not None:
        content["text"] = message.text
    return content


def page_json(events: Sequence[dict[str, Any]], times: Sequence[int]) -> dict[str, Any]:
    """The answer of GET /api/v1/seller/events; an empty page answers `next` 0 (seen live)."""
    return {
        "result": {
            "next": max(times, default=0),
            "newestEventTime": utc_time(max(times)) if times else _NO_TIME,
            "oldestEventTime": utc_time(min(times)) if times else _NO_TIME,
            "totalEvents": len(events),
            "events": list(events),
        },
        "errors": None,
    }


def break_event(event: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """The event with a flaw that no lenient reader can heal: an id or a body of a wrong type, no id, no time."""
    broken = dict(event)
    flaw = rng.choice(("chatID", "eventID", "addTimestamp", "message"))
    if flaw == "chatID":
        broken["chatID"] = [1]
    elif flaw == "eventID":
        del broken["eventID"]
    elif flaw == "addTimestamp":
        broken |= {"addTimestamp": "вчера", "addTime": "вчера"}
    else:
        broken["message"] = "текст без конверта"
    return broken

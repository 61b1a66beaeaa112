"""The buyer chat API's answers as they come (WB API, chats, events, message)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, WrapValidator

from agentiq_core.connectors.wire import Id, OptionalBool, OptionalInt, OptionalText, Wire, or_none


class GoodCard(Wire):
    """`nmID` is the article, `rid` the order; often zeroed (live answers)."""

    nm_id: OptionalInt = Field(None, alias="nmID")
    price: OptionalInt = None
    currency: OptionalText = Field(None, alias="priceCurrency")
    rid: OptionalText = None
    size: OptionalText = None


class File(Wire):
    """A file or an image; images carry only `downloadID` and `url`, either of which may be empty."""

    download_id: str | None = Field(None, alias="downloadID")
    name: OptionalText = None
    content_type: OptionalText = Field(None, alias="contentType")
    size: OptionalInt = None
    url: OptionalText = None


class Attachments(Wire):
    """What hangs on a message; each part may be missing."""

    good_card: Annotated[GoodCard | None, WrapValidator(or_none)] = Field(None, alias="goodCard")
    files: list[File] | None = None
    images: list[File] | None = None


class Body(Wire):
    """An event's message; the live feed leaves out either half."""

    text: str | None = None
    attachments: Attachments | None = None


class Event(Wire):
    """One event of the feed. `message` may be missing altogether (WB API, events, sample 4)."""

    chat_id: Id = Field(alias="chatID")
    event_id: Id = Field(alias="eventID")
    event_type: str | None = Field(None, alias="eventType")
    is_new_chat: OptionalBool = Field(None, alias="isNewChat")
    message: Body | None = None
    sender: str | None = None
    source: OptionalText = None
    add_timestamp: OptionalInt = Field(None, alias="addTimestamp")
    add_time: OptionalText = Field(None, alias="addTime")
    client_name: OptionalText = Field(None, alias="clientName")


class EventsResult(Wire):
    """A page of the feed; each event is parsed on its own, so that one cannot spoil the others."""

    next: OptionalInt = None
    total_events: OptionalInt = Field(None, alias="totalEvents")
    events: list[Any] | None = None


class EventsAnswer(Wire):
    """GET events."""

    result: EventsResult | None
    errors: Any = None


class Chat(Wire):
    """One conversation of the list. The sign's shape changes; it is never looked into."""

    chat_id: Id = Field(alias="chatID")
    reply_sign: OptionalText = Field(None, alias="replySign", repr=False)
    client_name: OptionalText = Field(None, alias="clientName")
    good_card: Annotated[GoodCard | None, WrapValidator(or_none)] = Field(None, alias="goodCard")


class ChatsAnswer(Wire):
    """GET chats; the items are read one by one."""

    result: list[Any] | None
    errors: Any = None


class MessageResult(Wire):
    """What POST message tells of a message it took."""

    add_time: OptionalInt = Field(None, alias="addTime")


class MessageAnswer(Wire):
    """A reply that was accepted; `errors` names files that were not."""

    result: MessageResult
    errors: Any = None


class Moderation(Wire):
    """202 of a download."""

    retry_seconds: OptionalInt = Field(None, alias="retrySeconds")


class Problem(Wire):
    """An error answer, of the gateway or of the service."""

    title: OptionalText = None
    detail: OptionalText = None
    error: OptionalText = None
    error_text: OptionalText = Field(None, alias="errorText")
    request_id: OptionalText = Field(None, alias="requestId")

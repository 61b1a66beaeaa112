"""The buyer chat API's answers as they come: the documented fields, typed no tighter than the live service keeps them.

Ids may be numbers, numbers may be strings, anything may be null or missing, and more may come (WB API, chats, events,
message). What a conversation cannot do without is checked; what merely decorates it falls back to None.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError, from_json, to_json

from agentiq_core.connectors.errors import Unintelligible


def _or_none(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    try:
        return validate(value)
    except ValidationError:
        return None


def _indexable(value: str) -> str:
    # an index of Postgres takes no key above 2,704 bytes, and a page that cannot be stored would hold its seller up
    if len(value.encode("utf-8", "surrogatepass")) > _LONGEST_ID:
        raise PydanticCustomError("too_long_for_an_id", "too long for an id")
    return value


_LONGEST_ID = 2_000
Id = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_indexable)]
OptionalInt = Annotated[Annotated[int, Field(ge=0, lt=2**63)] | None, WrapValidator(_or_none)]
OptionalText = Annotated[str | None, WrapValidator(_or_none)]
OptionalBool = Annotated[bool | None, WrapValidator(_or_none)]


class Wire(BaseModel):
    """The manner of all of them: unknown fields are ignored, errors never repeat what a buyer wrote."""

    model_config = ConfigDict(
        extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True, populate_by_name=False
    )


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

    good_card: Annotated[GoodCard | None, WrapValidator(_or_none)] = Field(None, alias="goodCard")
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
    good_card: Annotated[GoodCard | None, WrapValidator(_or_none)] = Field(None, alias="goodCard")


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
    request_id: OptionalText = Field(None, alias="requestId")


Model = TypeVar("Model", bound=Wire)


def read(model: type[Model], body: bytes | None) -> Model:
    """An answer's body as `model`. Raises Unintelligible, which names fields and never their values."""
    if body is None:
        raise Unintelligible("the answer is larger than any real one")
    try:
        return model.model_validate(parsed(body))
    except ValidationError as error:
        raise Unintelligible(f"not the documented shape: {flaws(error)}") from None
    except (ValueError, RecursionError) as error:
        raise Unintelligible(f"not JSON: {len(body)} bytes, {type(error).__name__}") from None


def parsed(body: bytes) -> Any:
    """JSON as Python objects. Broken characters (half a surrogate pair, bytes that are no UTF-8) become
    replacement signs rather than costing a page its other events. Raises ValueError or RecursionError."""
    try:
        return from_json(body)
    except ValueError:
        lenient = json.loads(body.decode("utf-8", "replace"))
        return from_json(json.dumps(lenient, ensure_ascii=False).encode("utf-8", "replace"))


def raw(item: object) -> str:
    """An item of an answer as JSON, for quarantine; without the chat's sign, which is a secret."""
    if isinstance(item, dict):
        item = {name: value for name, value in item.items() if name != "replySign"}
    return to_json(item).decode()


def flaws(error: ValidationError) -> str:
    """Where and how an item breaks the shape ("message.text: string_type"), without its content."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, flaw['loc']))}: {flaw['type']}" for flaw in found[:3])

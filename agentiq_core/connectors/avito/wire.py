"""The messenger's answers as they come, and those of the account (Avito API, auth, core, messenger, items)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, WrapValidator

from agentiq_core.connectors.wire import Id, OptionalInt, OptionalText, Wire, or_none


class Token(Wire):
    """POST token. A refusal may come as a success with `error` (third-party clients)."""

    access_token: OptionalText = Field(None, repr=False)
    expires_in: OptionalInt = None
    scope: OptionalText = None
    error: OptionalText = None


class Account(Wire):
    """GET core/v1/accounts/self."""

    id: Id


class Preview(Wire):
    """What a link leads to."""

    title: OptionalText = None
    description: OptionalText = None


class Link(Wire):
    """A link; `text` is how it was written."""

    text: OptionalText = None
    url: OptionalText = None
    preview: Annotated[Preview | None, WrapValidator(or_none)] = None


class Item(Wire):
    """A listing that was sent as a message."""

    title: OptionalText = None
    price_string: OptionalText = None
    item_url: OptionalText = None


class Location(Wire):
    """A place on the map."""

    text: OptionalText = None
    title: OptionalText = None
    lat: Annotated[float | None, WrapValidator(or_none)] = None
    lon: Annotated[float | None, WrapValidator(or_none)] = None


class Image(Wire):
    """Links by size, "1280x960"."""

    sizes: Annotated[dict[str, OptionalText] | None, WrapValidator(or_none)] = None


class Call(Wire):
    """A call; only those that were missed are told."""

    status: OptionalText = None


class Voice(Wire):
    """A voice message; its link is asked for by the id."""

    voice_id: OptionalText = None


class Content(Wire):
    """What a message holds by its type; all other parts are null or missing."""

    text: str | None = None
    flow_id: OptionalText = None
    link: Annotated[Link | None, WrapValidator(or_none)] = None
    item: Annotated[Item | None, WrapValidator(or_none)] = None
    location: Annotated[Location | None, WrapValidator(or_none)] = None
    image: Annotated[Image | None, WrapValidator(or_none)] = None
    call: Annotated[Call | None, WrapValidator(or_none)] = None
    voice: Annotated[Voice | None, WrapValidator(or_none)] = None


class Message(Wire):
    """A message of a history, and the last one of a conversation's line. Both enums are open.

    Times are Unix seconds; `read` is when the other side saw it.
    """

    id: Id
    author_id: OptionalText = None
    created: Any = None
    direction: OptionalText = None
    type: OptionalText = None
    content: Content | None = None
    read: Any = None


class Messages(Wire):
    """GET messages where it comes as an object; the specification has the bare list (a running client met both)."""

    messages: list[Any]


class Listing(Wire):
    """The listing that a conversation is about."""

    id: OptionalText = None
    title: OptionalText = None
    price_string: OptionalText = None


class Context(Wire):
    """What surrounds a conversation; `type` says what `value` is."""

    type: OptionalText = None
    value: Annotated[Listing | None, WrapValidator(or_none)] = None


class User(Wire):
    """Somebody in a conversation: the two parties, perhaps a bot."""

    id: OptionalText = None
    name: OptionalText = None


class Chat(Wire):
    """A line of the list; the last message is read by itself."""

    id: Id
    context: Annotated[Context | None, WrapValidator(or_none)] = None
    users: Annotated[list[Annotated[User | None, WrapValidator(or_none)]] | None, WrapValidator(or_none)] = (
        None
    )
    last_message: Any = None
    updated: Any = None


class Chats(Wire):
    """GET chats; the lines are read one by one."""

    chats: list[Any] | None


class Sent(Wire):
    """What was accepted; `error` in place of an id leaves open what became of the message."""

    id: OptionalText = None
    created: Any = None
    error: Any = None


class VoiceFiles(Wire):
    """GET getVoiceFiles; the links live an hour."""

    voices_urls: Annotated[dict[str, OptionalText] | None, WrapValidator(or_none)] = None


class Category(Wire):
    """Where a listing stands."""

    name: OptionalText = None


class OwnItem(Wire):
    """A listing of the seller's list."""

    id: Id
    title: OptionalText = None
    price: OptionalInt = None
    status: OptionalText = None
    url: OptionalText = None
    address: OptionalText = None
    category: Annotated[Category | None, WrapValidator(or_none)] = None


class OwnItems(Wire):
    """GET core/v1/items."""

    resources: list[Any] | None = None


class ItemInfo(Wire):
    """GET core/v1/accounts/…/items/…: the status and the address, no title."""

    status: OptionalText = None
    url: OptionalText = None

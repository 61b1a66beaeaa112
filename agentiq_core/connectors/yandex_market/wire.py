"""The Partner API's answers as they come: accounts, goods, chats (Yandex Market API)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, WrapValidator

from agentiq_core.connectors.wire import Id, OptionalInt, OptionalText, Wire, or_none

Items = list[Any]
"""Each is read on its own, so that one cannot spoil the others."""
OptionalItems = Annotated[list[Any] | None, WrapValidator(or_none)]
OptionalId = Annotated[Id | None, WrapValidator(or_none)]


class Paging(Wire):
    """Where the next page begins; missing or empty at the end."""

    next_page_token: OptionalText = Field(None, alias="nextPageToken")


OptionalPaging = Annotated[Paging | None, WrapValidator(or_none)]


class Paged(Wire):
    """A result that comes in pages."""

    paging: OptionalPaging = None

    @property
    def more(self) -> str | None:
        """The token of the next page."""
        return (self.paging.next_page_token or None) if self.paging is not None else None


class Flaw(Wire):
    """One of the errors of an answer."""

    code: OptionalText = None
    message: OptionalText = None


class Problem(Wire):
    """An error answer; a gateway may put one error in place of the list."""

    errors: Annotated[list[Annotated[Flaw | None, WrapValidator(or_none)]] | None, WrapValidator(or_none)] = (
        None
    )
    code: OptionalText = None
    message: OptionalText = None


class Accepted(Wire):
    """What a method that changes something answers: `OK`, and mostly nothing else."""

    status: OptionalText = None


class Business(Wire):
    """An account with shops in it."""

    id: OptionalId = None
    name: OptionalText = None


class Campaign(Wire):
    """A shop."""

    business: Annotated[Business | None, WrapValidator(or_none)] = None


class CampaignsAnswer(Paged):
    """GET campaigns."""

    campaigns: Items


class ApiKey(Wire):
    """What a token may do."""

    scopes: OptionalItems = Field(None, alias="authScopes")


class TokenResult(Wire):
    """The token in use."""

    api_key: ApiKey = Field(alias="apiKey")


class TokenAnswer(Wire):
    """POST auth/token."""

    result: TokenResult


class Param(Wire):
    """A characteristic of a good."""

    name: OptionalText = None
    value: OptionalText = None


class Offer(Wire):
    """A good in the catalogue."""

    offer_id: Id = Field(alias="offerId")
    name: OptionalText = None
    pictures: OptionalItems = None
    vendor: OptionalText = None
    vendor_code: OptionalText = Field(None, alias="vendorCode")
    description: OptionalText = None
    params: OptionalItems = None


class Mapped(Wire):
    """A good with its card on the Market."""

    offer: Offer


class OffersResult(Paged):
    """Goods, each to be read on its own."""

    offer_mappings: Items = Field(alias="offerMappings")


class OffersAnswer(Wire):
    """POST offer-mappings."""

    result: OffersResult


class Customer(Wire):
    """The buyer, as the Market names them in public."""

    name: OptionalText = None


class Context(Wire):
    """What a chat is about: an order, a return, or nothing (DIRECT)."""

    type: OptionalText = None
    customer: Annotated[Customer | None, WrapValidator(or_none)] = None
    order_id: OptionalId = Field(None, alias="orderId")


class Chat(Wire):
    """One conversation of the list. `orderId` beside `context` was to be switched off in October 2026 and is not read."""

    chat_id: Id = Field(alias="chatId")
    context: Annotated[Context | None, WrapValidator(or_none)] = None
    status: OptionalText = None
    updated_at: OptionalText = Field(None, alias="updatedAt")


class ChatsResult(Paged):
    """A page of the list."""

    chats: Items


class ChatsAnswer(Wire):
    """POST chats."""

    result: ChatsResult


class Payload(Wire):
    """A file of a message."""

    name: OptionalText = None
    url: OptionalText = None
    size: OptionalInt = None


class ChatMessage(Wire):
    """One message of a chat; either of text and files may be missing."""

    message_id: Id = Field(alias="messageId")
    created_at: OptionalText = Field(None, alias="createdAt")
    sender: OptionalText = None
    message: str | None = None
    payload: Items | None = None


class HistoryResult(Paged):
    """A page of a history."""

    messages: Items


class HistoryAnswer(Wire):
    """POST chats/history."""

    result: HistoryResult

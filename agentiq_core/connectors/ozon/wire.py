"""The Seller API's answers as they come: every item is read on its own, so lists hold anything."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WrapValidator

from agentiq_core.connectors.mapping import present
from agentiq_core.connectors.wire import Id, OptionalBool, OptionalInt, OptionalText, Wire, or_none

_LOOKALIKES = str.maketrans("АВЕКМНОРСТУХаеорсух", "ABEKMHOPCTYXaeopcyx")


def _word(value: object) -> object:
    # the documentation itself writes "Сustomer" with a Cyrillic letter
    return value.translate(_LOOKALIKES).strip().lower() if isinstance(value, str) else value


OpenWord = Annotated[OptionalText, BeforeValidator(_word)]
"""A word of an open enum, in lower case and Latin letters: chat_type comes as BUYER_SELLER and as Buyer_Seller."""
Items = Annotated[list[Any] | None, WrapValidator(or_none)]


class ChatDetails(Wire):
    """The conversation itself; `chat_status` is opened or closed."""

    chat_id: Id
    chat_type: OpenWord = None
    chat_status: OpenWord = None


class ListedChat(Wire):
    """A line of chat/list: no text and no time, only the id of the newest message."""

    chat: ChatDetails
    last_message_id: OptionalText = None


def following(place: str | None, has_next: bool | None, items: list[Any] | None) -> str | None:
    """Where the next page of a list begins; None at its end. One that does not tell ends with an empty page."""
    goes_on = bool(items) if has_next is None else has_next
    return present(place) if goes_on else None


class ChatListAnswer(Wire):
    """POST chat/list."""

    chats: list[Any] | None = None
    cursor: OptionalText = None
    has_next: OptionalBool = None


class MessageContext(Wire):
    """What a message is about."""

    order_number: OptionalText = None
    sku: OptionalText = None


class User(Wire):
    """Who wrote; the id of a buyer says nothing elsewhere."""

    type: OpenWord = None


class Message(Wire):
    """A message of a history; `data` are Markdown strings."""

    message_id: Id
    created_at: OptionalText = None
    user: User
    data: list[str | None] | None = None
    is_image: OptionalBool = None
    is_read: OptionalBool = None
    moderate_image_status: OpenWord = None
    context: Annotated[MessageContext | None, WrapValidator(or_none)] = None


class HistoryAnswer(Wire):
    """POST chat/history."""

    messages: list[Any] | None = None
    has_next: OptionalBool = None


class SendAnswer(Wire):
    """A message or a file that was taken says "success" and nothing else."""

    result: OpenWord = None


class Published(Wire):
    """What somebody wrote about a good, and when."""

    id: Id
    text: str | None = None
    published_at: OptionalText = None


class Review(Published):
    """A review; `sku` is a number or a string, `status` new, viewed or processed (v1 and the samples: unprocessed)."""

    sku: OptionalText = None
    rating: OptionalInt = None
    status: OpenWord = None
    comments_amount: OptionalInt = None
    photos_amount: OptionalInt = None
    videos_amount: OptionalInt = None


class Picture(Wire):
    """A picture or a film of a review."""

    url: OptionalText = None


class ReviewInfo(Review):
    """POST review/info: the same with what was pictured."""

    photos: Annotated[list[Picture] | None, WrapValidator(or_none)] = None
    videos: Annotated[list[Picture] | None, WrapValidator(or_none)] = None


class ReviewListAnswer(Wire):
    """POST review/list."""

    reviews: list[Any] | None = None
    last_id: OptionalText = None
    has_next: OptionalBool = None

    @property
    def more(self) -> str | None:
        """Where the next page begins."""
        return following(self.last_id, self.has_next, self.reviews)


class Comment(Published):
    """A comment under a review; `is_owner` is the seller, `is_official` without it a person of Ozon."""

    is_owner: bool | None = None
    is_official: OptionalBool = None
    is_rejected: OptionalBool = None
    deviation_reason: OptionalText = None


class CommentListAnswer(Wire):
    """POST review/comment/list; it has no has_next."""

    comments: list[Any] | None = None


class CommentCreated(Wire):
    """POST review/comment/create."""

    comment_id: OptionalText = None


class Question(Published):
    """A question about a good."""

    sku: OptionalText = None
    author_name: OptionalText = None
    status: OpenWord = None
    answers_count: OptionalInt = None


class QuestionListAnswer(Wire):
    """POST question/list."""

    questions: list[Any] | None = None
    last_id: OptionalText = None
    has_next: OptionalBool = None

    @property
    def more(self) -> str | None:
        """Where the next page begins."""
        return following(self.last_id, self.has_next, self.questions)


class QuestionAnswer(Published):
    """An answer to a question; nothing says whether the seller or another buyer gave it, but the name."""

    author_name: OptionalText = None
    status_publication: OpenWord = None


class AnswerListAnswer(Wire):
    """POST question/answer/list; it has no has_next."""

    answers: list[Any] | None = None
    last_id: OptionalText = None


class AnswerCreated(Wire):
    """POST question/answer/create."""

    answer_id: OptionalText = None


class Card(Wire):
    """A good of product/info/list."""

    sku: OptionalText = None
    name: OptionalText = None
    offer_id: OptionalText = None
    primary_image: Items = None
    images: Items = None


class CardsAnswer(Wire):
    """POST product/info/list."""

    items: list[Any] | None = None


class Plan(Wire):
    """When a posting is to arrive at the latest."""

    delivery_date_end: OptionalText = None


class Posting(Wire):
    """A posting as far as the time to write goes."""

    status: OpenWord = None
    fact_delivery_date: OptionalText = None
    analytics_data: Annotated[Plan | None, WrapValidator(or_none)] = None


class PostingAnswer(Wire):
    """POST posting/fbs/get."""

    result: Posting


class Role(Wire):
    """A role of a key and the methods it may call."""

    name: OptionalText = None
    methods: Annotated[list[OptionalText] | None, WrapValidator(or_none)] = None


class RolesAnswer(Wire):
    """POST roles."""

    expires_at: OptionalText = None
    roles: Annotated[list[Annotated[Role | None, WrapValidator(or_none)]] | None, WrapValidator(or_none)] = (
        None
    )


class Subscription(Wire):
    """PREMIUM, PREMIUM_LITE, PREMIUM_PLUS, PREMIUM_PRO and more."""

    type: OptionalText = None


class SellerAnswer(Wire):
    """POST seller/info."""

    subscription: Annotated[Subscription | None, WrapValidator(or_none)] = None


class Problem(Wire):
    """rpcStatus, and whatever a gateway answers in its place."""

    code: Annotated[int | None, WrapValidator(or_none)] = None
    message: OptionalText = None
    error: Annotated[str | None, WrapValidator(or_none)] = Field(None)

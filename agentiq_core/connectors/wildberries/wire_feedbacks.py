"""Reviews and questions as they come (WB API, feedbacks and questions). What a buyer wrote is never dropped for its shape."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, WrapValidator

from agentiq_core.connectors.wire import Id, OptionalBool, OptionalInt, OptionalText, Wire, or_none


class ProductDetails(Wire):
    """The good; a size of `0` means that it has none."""

    nm_id: OptionalInt = Field(None, alias="nmId")
    name: OptionalText = Field(None, alias="productName")
    size: OptionalText = None


class Answer(Wire):
    """The seller's answer. Only questions tell its time."""

    text: str | None = None
    state: OptionalText = None
    editable: OptionalBool = None
    created_date: OptionalText = Field(None, alias="createDate")


class PhotoLink(Wire):
    """A picture of a review."""

    full_size: OptionalText = Field(None, alias="fullSize")
    mini_size: OptionalText = Field(None, alias="miniSize")


class Video(Wire):
    """The video of a review: a playlist (HLS)."""

    link: OptionalText = None


Details = Annotated[ProductDetails | None, WrapValidator(or_none)]
Listed = Annotated[list[Any] | None, WrapValidator(or_none)]


class Item(Wire):
    """What reviews and questions share."""

    id: Id
    text: str | None = None
    created_date: OptionalText = Field(None, alias="createdDate")
    state: OptionalText = None
    answer: Answer | None = None
    product: Details = Field(None, alias="productDetails")


class Feedback(Item):
    """A review: its words come in three fields."""

    pros: str | None = None
    cons: str | None = None
    valuation: OptionalInt = Field(None, alias="productValuation")
    user_name: OptionalText = Field(None, alias="userName")
    photos: Listed = Field(None, alias="photoLinks")
    video: Annotated[Video | None, WrapValidator(or_none)] = None
    tags: Listed = Field(None, alias="bables")
    parent_id: OptionalText = Field(None, alias="parentFeedbackId")


class Question(Item):
    """A question."""


class Lists(Wire):
    """A page of reviews or of questions; each item is read on its own."""

    feedbacks: list[Any] | None = None
    questions: list[Any] | None = None


class ListAnswer(Wire):
    """GET feedbacks, feedbacks/archive, questions."""

    data: Lists | None
    error: OptionalBool = None


class OneAnswer(Wire):
    """GET feedback, GET question: the item, read by itself."""

    data: Any


class Standing(Wire):
    """As much of an item as answering it needs."""

    state: OptionalText = None
    answer: Annotated[Answer | None, WrapValidator(or_none)] = None


class StandingAnswer(Wire):
    """GET feedback, GET question, before and after an answer."""

    data: Standing | None


class ChangeAnswer(Wire):
    """PATCH questions: `error` inside a success is a refusal."""

    error: OptionalBool = None
    error_text: OptionalText = Field(None, alias="errorText")

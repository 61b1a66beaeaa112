"""The ratings' answers as they come (Avito API, ratings)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, WrapValidator

from agentiq_core.connectors.wire import Id, OptionalBool, OptionalInt, OptionalText, Wire, or_none


class Sender(Wire):
    """Who wrote the review."""

    name: OptionalText = None


class Item(Wire):
    """What it is about."""

    id: OptionalText = None
    title: OptionalText = None


class ImageSize(Wire):
    """A picture in one size, "100x100"."""

    size: OptionalText = None
    url: OptionalText = None


class Image(Wire):
    """A picture of the review."""

    sizes: Annotated[
        list[Annotated[ImageSize | None, WrapValidator(or_none)]] | None, WrapValidator(or_none)
    ] = None


class RejectReason(Wire):
    """Why an answer was rejected."""

    title: OptionalText = None


class Answer(Wire):
    """The seller's answer: `moderation`, `published` or `rejected`."""

    id: Id
    text: str | None = None
    status: OptionalText = None
    created_at: Any = Field(None, alias="createdAt")
    reject_reasons: Annotated[
        list[Annotated[RejectReason | None, WrapValidator(or_none)]] | None, WrapValidator(or_none)
    ] = None


class Review(Wire):
    """A review with its answer, which is read by itself."""

    id: Id
    text: str | None = None
    score: OptionalInt = None
    stage: OptionalText = None
    created_at: Any = Field(None, alias="createdAt")
    can_answer: OptionalBool = Field(None, alias="canAnswer")
    sender: Annotated[Sender | None, WrapValidator(or_none)] = None
    item: Annotated[Item | None, WrapValidator(or_none)] = None
    images: Annotated[
        list[Annotated[Image | None, WrapValidator(or_none)]] | None, WrapValidator(or_none)
    ] = None
    answer: Any = None


class Reviews(Wire):
    """GET ratings/v1/reviews; the reviews are read one by one."""

    reviews: list[Any] | None
    total: OptionalInt = None


class Created(Wire):
    """POST ratings/v1/answers."""

    id: Id
    created_at: Any = Field(None, alias="createdAt")

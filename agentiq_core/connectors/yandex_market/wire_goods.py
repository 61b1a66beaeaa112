"""Reviews and questions of goods as they come (Yandex Market API, goods-feedback, goods-questions)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, WrapValidator

from agentiq_core.connectors.wire import Id, OptionalBool, OptionalInt, OptionalText, Wire, or_none
from agentiq_core.connectors.yandex_market.wire import Accepted, Items, OptionalId, OptionalItems, Paged


class Identifiers(Wire):
    """The order and the good of a review."""

    order_id: OptionalId = Field(None, alias="orderId")
    offer_id: OptionalId = Field(None, alias="offerId")


class Description(Wire):
    """A review's words."""

    advantages: str | None = None
    disadvantages: str | None = None
    comment: str | None = None


class Media(Wire):
    """Links to pictures and films."""

    photos: OptionalItems = None
    videos: OptionalItems = None


class Statistics(Wire):
    """Stars, and how many comments answer the review itself."""

    rating: OptionalInt = None
    comments_count: OptionalInt = Field(None, alias="commentsCount")


class Review(Wire):
    """A review of a good."""

    feedback_id: Id = Field(alias="feedbackId")
    created_at: OptionalText = Field(None, alias="createdAt")
    need_reaction: OptionalBool = Field(None, alias="needReaction")
    identifiers: Annotated[Identifiers | None, WrapValidator(or_none)] = None
    author: OptionalText = None
    description: Description | None = None
    media: Annotated[Media | None, WrapValidator(or_none)] = None
    statistics: Annotated[Statistics | None, WrapValidator(or_none)] = None


class ReviewsResult(Paged):
    """A page of reviews."""

    feedbacks: Items


class ReviewsAnswer(Wire):
    """POST goods-feedback."""

    result: ReviewsResult


class Writer(Wire):
    """USER, BUSINESS, BRAND, VENDOR, or whatever comes next."""

    type: OptionalText = None
    name: OptionalText = None


class Comment(Wire):
    """Words below a review or a question. Those below a review carry no time (Yandex Market API, comments)."""

    id: Id
    text: str | None = None
    status: OptionalText = None
    author: Annotated[Writer | None, WrapValidator(or_none)] = None
    created_at: OptionalText = Field(None, alias="createdAt")
    can_modify: OptionalBool = Field(None, alias="canModify")


class CommentsResult(Paged):
    """A page of comments."""

    comments: Items


class CommentsAnswer(Wire):
    """POST goods-feedback/comments."""

    result: CommentsResult


class Written(Wire):
    """A comment that was taken."""

    id: OptionalId = None
    status: OptionalText = None


class CommentAccepted(Accepted):
    """POST goods-feedback/comments/update."""

    result: Annotated[Written | None, WrapValidator(or_none)] = None


class QuestionIdentifiers(Wire):
    """The question and its good."""

    id: Id
    offer_id: OptionalId = Field(None, alias="offerId")


class Question(Wire):
    """A question about a good. Nothing tells whether it was answered."""

    identifiers: QuestionIdentifiers = Field(alias="questionIdentifiers")
    text: str | None = None
    created_at: OptionalText = Field(None, alias="createdAt")
    author: Annotated[Writer | None, WrapValidator(or_none)] = None


class QuestionsResult(Paged):
    """A page of questions."""

    questions: Items


class QuestionsAnswer(Wire):
    """POST goods-questions."""

    result: QuestionsResult


class Answer(Comment):
    """An answer with the comments below it."""

    comments: Items | None = None


class AnswersResult(Paged):
    """A page of answers."""

    answers: Items


class AnswersAnswer(Wire):
    """POST goods-questions/answers."""

    result: AnswersResult


class Entity(Wire):
    """What an answer became: ANSWER or COMMENT with its id."""

    id: OptionalId = None
    type: OptionalText = None


class Created(Wire):
    """The entity of an answer."""

    entity: Annotated[Entity | None, WrapValidator(or_none)] = None


class AnswerAccepted(Accepted):
    """POST goods-questions/update."""

    result: Annotated[Created | None, WrapValidator(or_none)] = None

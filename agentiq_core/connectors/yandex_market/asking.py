"""From questions about goods to conversations (Yandex Market API, goods-questions)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pydantic import ValidationError

from agentiq_core.connectors.mapping import Outcome, known_id, moment, present
from agentiq_core.connectors.wire import flaws, raw
from agentiq_core.connectors.yandex_market import wire_goods as wire
from agentiq_core.connectors.yandex_market.feedback import COMMENT_ID, messages_of
from agentiq_core.connectors.yandex_market.mapping import product_of
from agentiq_core.domain.messages import (
    Author,
    Channel,
    IncomingChat,
    IncomingMessage,
    Message,
    Origin,
    Unreadable,
)

ANSWER_ID: Final = "answer:"


def question_of(item: object) -> tuple[wire.Question, datetime] | Unreadable:
    """A question with its time, or why it cannot be read."""
    try:
        question = wire.Question.model_validate(item)
    except ValidationError as error:
        identifiers = _field(item, "questionIdentifiers")
        own = known_id(_field(identifiers, "id"))
        return _unreadable(item, flaws(error), own, own)
    created_at = moment(question.created_at)
    if created_at is None:
        own = question.identifiers.id
        return _unreadable(item, "no usable createdAt", own, own)
    return question, created_at


def question_chat(question: wire.Question) -> IncomingChat:
    """What a question is about, and who asked."""
    return IncomingChat(
        question.identifiers.id,
        Channel.QUESTION,
        buyer_name=_name(question),
        product=product_of(question.identifiers.offer_id, None),
    )


def question_message(question: wire.Question, created_at: datetime) -> IncomingMessage:
    """The question itself."""
    id = question.identifiers.id
    return IncomingMessage(
        id,
        Message(id, Author.BUYER, Origin.BUYER, created_at, question.text or ""),
        channel=Channel.QUESTION,
        buyer_name=_name(question),
        product=product_of(question.identifiers.offer_id, None),
    )


def answer_of(item: object, question: str) -> tuple[list[IncomingMessage], list[Unreadable]]:
    """An answer and the comments below it. Other buyers answer too: theirs neither asks nor answers, and neither does
    what is said below theirs; a buyer below the seller's answer asks again."""
    try:
        answer = wire.Answer.model_validate(item)
    except ValidationError as error:
        return [], [_unreadable(item, flaws(error), question, _answer_id(item, ANSWER_ID))]
    at = moment(answer.created_at)
    if at is None:
        return [], [_unreadable(item, "no usable createdAt", question, f"{ANSWER_ID}{answer.id}")]
    messages = messages_of(answer, ANSWER_ID, at, user_asks=False)
    ours = any(message.author is Author.SELLER for message in messages)
    unreadable: list[Unreadable] = []
    for below in answer.comments or ():
        outcome = _comment_of(below, question, user_asks=ours)
        if isinstance(outcome, Unreadable):
            unreadable.append(outcome)
        else:
            messages += outcome
    return [IncomingMessage(question, each, channel=Channel.QUESTION) for each in messages], unreadable


def reread(item: object, kept: Unreadable) -> Outcome:
    """A question, an answer or a comment that was kept raw."""
    chat, own = kept.chat_external_id or "", kept.message_external_id or ""
    if own.startswith(COMMENT_ID):
        outcome = _comment_of(item, chat, user_asks=True)
        if isinstance(outcome, Unreadable):
            return outcome
        return tuple(IncomingMessage(chat, each, channel=Channel.QUESTION) for each in outcome)
    if own.startswith(ANSWER_ID):
        messages, unreadable = answer_of(item, chat)
        return tuple(messages) if messages or not unreadable else unreadable[0]
    question = question_of(item)
    return question if isinstance(question, Unreadable) else (question_message(*question),)


def _comment_of(item: object, question: str, *, user_asks: bool) -> list[Message] | Unreadable:
    try:
        comment = wire.Comment.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, flaws(error), question, _answer_id(item, COMMENT_ID))
    at = moment(comment.created_at)
    if at is None:
        return _unreadable(item, "no usable createdAt", question, f"{COMMENT_ID}{comment.id}")
    return messages_of(comment, COMMENT_ID, at, user_asks=user_asks)


def _name(question: wire.Question) -> str | None:
    return present(question.author.name) if question.author is not None else None


def _answer_id(item: object, prefix: str) -> str:
    return f"{prefix}{known_id(_field(item, 'id')) or 'unknown'}"


def _field(item: object, name: str) -> object:
    return item.get(name) if isinstance(item, dict) else None


def _unreadable(item: object, reason: str, question: str | None, message: str | None) -> Unreadable:
    return Unreadable(
        raw=raw(item),
        reason=reason,
        chat_external_id=question,
        message_external_id=message,
        channel=Channel.QUESTION,
    )

"""Every payload that is printed for Yandex Market and belongs to a method in use is understood as what it says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agentiq_core.connectors.errors import KeyRefused, RateLimited, Refused, ServerFailed
from agentiq_core.connectors.http import Answer
from agentiq_core.connectors.wire import read
from agentiq_core.connectors.yandex_market import feedback, mapping, wire, wire_goods
from agentiq_core.connectors.yandex_market.answers import failure
from agentiq_core.domain.messages import AttachmentKind, Author, IncomingMessage, Origin, Unreadable

NOW = datetime(2026, 11, 20, tzinfo=UTC)
THEN = datetime(2017, 11, 20, 21, tzinfo=UTC)
NOT_IN_USE = {
    "docs_createChat_1_request",
    "docs_createChat_2_200",
    "docs_createChat_3_error",
    "docs_getChatMessage_1_200",
    "docs_getChatMessage_2_error",
    "docs_getChatMessage_3_error",
    "docs_getChat_1_200",
    "docs_getChat_2_error",
    "docs_getChat_3_error",
    "docs_push_ping",
    "docs_push_response",
}
"""A seller begins no chat here yet, single chats and messages are not asked for, and nobody is pushed to."""
ERRORS = {
    "docs_getChats_3_error": "chats",
    "docs_getChatHistory_3_error": "chats/history",
    "docs_sendMessageToChat_3_error": "chats/message",
    "docs_getGoodsFeedbackComments_3_error": "goods-feedback/comments",
    "docs_updateGoodsFeedbackComment_3_error": "goods-feedback/comments/update",
}
UNDERSTOOD = {
    "docs_420_parallel",
    "docs_getChats_1_request",
    "docs_getChats_2_200",
    "docs_getChatHistory_1_request",
    "docs_getChatHistory_2_200",
    "docs_sendMessageToChat_1_request",
    "docs_sendMessageToChat_2_200",
    "docs_getGoodsFeedbackComments_1_request",
    "docs_getGoodsFeedbackComments_2_200",
    "docs_updateGoodsFeedbackComment_1_request",
    "docs_updateGoodsFeedbackComment_2_200",
}


@pytest.fixture
def examples(specs_dir: Path) -> Path:
    """The printed payloads."""
    return specs_dir / "examples" / "yandex-market"


def printed(examples: Path, name: str) -> bytes:
    """One of them."""
    return (examples / f"{name}.json").read_bytes()


def test_the_printed_list_of_chats(examples: Path) -> None:
    page = read(wire.ChatsAnswer, printed(examples, "docs_getChats_2_200")).result
    assert page.more == "string"
    (told,) = (mapping.chat_of(item) for item in page.chats)
    assert not isinstance(told, Unreadable)
    chat, updated_at = told
    assert (chat.external_id, chat.closed, chat.product) == ("0", False, None)
    assert updated_at == THEN


def test_the_printed_history(examples: Path) -> None:
    page = read(wire.HistoryAnswer, printed(examples, "docs_getChatHistory_2_200")).result
    assert page.more == "string"
    (told,) = (mapping.message_of(item, "7") for item in page.messages)
    assert isinstance(told, IncomingMessage)
    message = told.message
    assert (message.external_id, message.sent_at, message.text) == ("0", THEN, "string")
    assert (message.author, message.origin) == (Author.SELLER, Origin.UNTOLD)
    (file,) = message.attachments
    assert (file.kind, file.name, file.size, file.url) == (AttachmentKind.FILE, "string", 0, None)


def test_the_printed_comments(examples: Path) -> None:
    page = read(wire_goods.CommentsAnswer, printed(examples, "docs_getGoodsFeedbackComments_2_200")).result
    assert page.more == "string"
    messages, unreadable = feedback.comments_of(page.comments, "7", NOW)
    assert unreadable == []
    (item,) = messages
    assert (item.message.external_id, item.message.author) == ("comment:0", Author.BUYER)


def test_the_printed_acceptances(examples: Path) -> None:
    sent = read(wire.Accepted, printed(examples, "docs_sendMessageToChat_2_200"))
    assert sent.status == "OK"
    comment = read(wire_goods.CommentAccepted, printed(examples, "docs_updateGoodsFeedbackComment_2_200"))
    assert comment.result is not None
    assert (comment.status, comment.result.id, comment.result.status) == ("OK", "0", "PUBLISHED")


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("docs_getChats_1_request", {"statuses"}),
        ("docs_getChatHistory_1_request", {"messageIdFrom"}),
        ("docs_sendMessageToChat_1_request", {"message"}),
        ("docs_getGoodsFeedbackComments_1_request", {"feedbackId"}),
        ("docs_updateGoodsFeedbackComment_1_request", {"feedbackId", "comment"}),
    ],
)
def test_the_printed_requests_have_the_fields_that_are_sent(
    examples: Path, name: str, keys: set[str]
) -> None:
    body: dict[str, Any] = json.loads(printed(examples, name))
    assert keys <= set(body)


def test_the_printed_limit(examples: Path) -> None:
    limited = failure("chats", Answer(420, {}, printed(examples, "docs_420_parallel")), secrets=())
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == 1.0


@pytest.mark.parametrize("name", ERRORS)
def test_the_printed_errors(examples: Path, name: str) -> None:
    kinds = {400: Refused, 401: KeyRefused, 404: Refused, 420: RateLimited, 500: ServerFailed}
    for status, kind in kinds.items():
        error = failure(ERRORS[name], Answer(status, {}, printed(examples, name)), secrets=())
        assert isinstance(error, kind)
        assert getattr(error, "detail", "string") == "string"


def test_every_printed_payload_of_a_method_in_use_is_covered_here(examples: Path) -> None:
    names = {path.stem for path in examples.glob("*.json")}
    assert names == NOT_IN_USE | set(ERRORS) | UNDERSTOOD

"""Every payload that Ozon's specifications print for the operations in use is understood as what it says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agentiq_core.connectors.ozon import feedback, mapping, wire
from agentiq_core.connectors.wire import read
from agentiq_core.domain.messages import Author, IncomingMessage, Origin, Product, Unreadable
from tests.contract.ozon_documents import DOCUMENTS, document

NOT_IN_USE = {
    "v1_chat_start",
    "v1_question_answer_delete",
    "v1_question_count",
    "v1_question_top_sku",
    "v2_review_count",
}


@pytest.fixture
def examples(specs_dir: Path) -> Path:
    """The printed payloads."""
    return specs_dir / "examples" / "ozon"


def payload(examples: Path, name: str) -> Any:
    return json.loads((examples / f"spec_post_{name}.json").read_text(encoding="utf-8"))


def test_the_printed_list_of_chats(examples: Path) -> None:
    answer = read(wire.ChatListAnswer, (examples / "spec_post_v3_chat_list_200.json").read_bytes())
    assert (answer.cursor, answer.has_next) == ("30000002342123123", True)
    assert [mapping.chat_of(item) for item in answer.chats or ()] == [None]
    (item,) = answer.chats or ()
    item["chat"]["chat_type"] = "BUYER_SELLER"
    read_now = mapping.chat_of(item)
    assert isinstance(read_now, tuple)
    assert (read_now[0].closed, read_now[1]) == (False, "30000000001280042740")


def test_the_printed_history(examples: Path) -> None:
    answer = read(wire.HistoryAnswer, (examples / "spec_post_v3_chat_history_200.json").read_bytes())
    assert answer.has_next is True
    (item,) = answer.messages or ()
    told = mapping.message_of(item, "chat")
    assert isinstance(told, IncomingMessage)
    message = told.message
    assert (message.external_id, message.author) == ("3000000000817031942", Author.BUYER)
    assert message.sent_at == datetime(2019, 8, 24, 14, 15, 22, tzinfo=UTC)
    assert told.product == Product("987654321", order_id="123456789")
    assert "данную модель (https://www.ozon.ru/product/smartfon-" in message.text
    assert len(message.attachments) == 1


@pytest.mark.parametrize("name", ["new_message", "update_message"])
def test_a_pushed_message_reads_as_one_of_the_history(examples: Path, name: str) -> None:
    pushed = json.loads((examples / f"push_type_{name}.json").read_text(encoding="utf-8"))
    told = mapping.message_of(pushed, str(pushed["chat_id"]))
    assert isinstance(told, IncomingMessage)
    assert told.message.author is Author.BUYER


@pytest.mark.parametrize("name", ["v1_chat_send_message_200", "v1_chat_send_file_200"])
def test_the_printed_acceptance(examples: Path, name: str) -> None:
    answer = read(wire.SendAnswer, (examples / f"spec_post_{name}.json").read_bytes())
    assert answer.result == "success"


def test_the_printed_reviews(examples: Path) -> None:
    answer = read(wire.ReviewListAnswer, (examples / "spec_post_v2_review_list_200.json").read_bytes())
    assert (answer.has_next, answer.last_id) == (True, "017c0d53-a7c8-81ef-53de-7d32fcbd7421")
    (item,) = answer.reviews or ()
    told = feedback.review_of(item)
    assert not isinstance(told, Unreadable)
    chat = feedback.review_chat(*told)
    assert (chat.stars, chat.product, chat.settled_through) == (2, Product("148591503"), None)
    assert feedback.review_message(*told).message.text.startswith("Не лучший товар")


def test_the_printed_comments(examples: Path) -> None:
    answer = read(
        wire.CommentListAnswer, (examples / "spec_post_v1_review_comment_list_200.json").read_bytes()
    )
    (item,) = answer.comments or ()
    told = feedback.comment_of(item, "review")
    assert isinstance(told, IncomingMessage)
    # the sample is both published and refused
    assert (told.message.external_id, told.message.origin) == ("refused:1234-5678", Origin.AUTOMATIC)


@pytest.mark.parametrize("name", ["v1_question_list_200", "v1_question_info_200"])
def test_the_printed_questions(examples: Path, name: str) -> None:
    printed = payload(examples, name)
    for item in printed.get("questions", [printed]):
        told = feedback.question_of(item)
        assert not isinstance(told, Unreadable)
        chat = feedback.question_chat(*told)
        assert (chat.buyer_name, chat.product) == ("Пользователь OZON", Product("646399170"))
        assert chat.settled_through == told[1]


def test_the_printed_answers(examples: Path) -> None:
    answer = read(
        wire.AnswerListAnswer, (examples / "spec_post_v1_question_answer_list_200.json").read_bytes()
    )
    (item,) = answer.answers or ()
    told = feedback.answer_of(item, "question")
    assert isinstance(told, IncomingMessage)
    assert told.message.is_answer
    created = read(
        wire.AnswerCreated, (examples / "spec_post_v1_question_answer_create_200.json").read_bytes()
    )
    assert created.answer_id == "0192e7ce-e12c-7a74-afc7-26e877799204"


def test_the_samples_inside_the_specifications(specs_dir: Path) -> None:
    def sample(name: str, path: str) -> bytes:
        success = document(specs_dir, name)["paths"][path]["post"]["responses"]["200"]
        return json.dumps(success["content"]["application/json"]["example"], default=str).encode()

    roles = read(wire.RolesAnswer, sample("ozon-product-info", "/v1/roles"))
    assert [role.name for role in roles.roles or () if role] == ["Admin", "Posting FBS"]
    seller = read(wire.SellerAnswer, sample("ozon-product-info", "/v1/seller/info"))
    assert seller.subscription is not None
    cards = read(wire.CardsAnswer, sample("ozon-product-info", "/v3/product/info/list"))
    assert wire.Card.model_validate((cards.items or [])[0]).sku == "123456789"
    posting = read(wire.PostingAnswer, sample("ozon-postings", "/v3/posting/fbs/get"))
    assert posting.result.status == "awaiting_packaging"


def test_every_printed_answer_of_an_operation_in_use_is_covered_here(examples: Path) -> None:
    printed = {path.stem.removeprefix("spec_post_") for path in examples.glob("spec_post_*_200.json")}
    assert {name for name in printed if name.removesuffix("_200") not in NOT_IN_USE} == {
        "v1_chat_send_file_200",
        "v1_chat_send_message_200",
        "v1_question_answer_create_200",
        "v1_question_answer_list_200",
        "v1_question_info_200",
        "v1_question_list_200",
        "v1_review_comment_list_200",
        "v2_review_list_200",
        "v3_chat_history_200",
        "v3_chat_list_200",
    }


def test_every_document_is_there(specs_dir: Path) -> None:
    for name in DOCUMENTS:
        assert document(specs_dir, name)["paths"]

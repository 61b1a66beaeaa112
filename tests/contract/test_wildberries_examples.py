"""Every payload that the buyer chat API's specification prints is understood as what it says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agentiq_core.connectors.errors import KeyRefused, RateLimited, Refused
from agentiq_core.connectors.http import Answer
from agentiq_core.connectors.wildberries import wire
from agentiq_core.connectors.wildberries.answers import failure
from agentiq_core.connectors.wildberries.mapping import messages_of, time_of
from agentiq_core.connectors.wire import read
from agentiq_core.domain.messages import Attachment, AttachmentKind, Author, Origin, Product
from agentiq_core.domain.outbox import Undelivered

CHAT = "1:1e265a58-a120-b178-008c-60af2460207c"


@pytest.fixture
def examples(specs_dir: Path) -> Path:
    """The printed payloads."""
    return specs_dir / "examples" / "wildberries"


def test_the_printed_page_of_events(examples: Path) -> None:
    page = read(wire.EventsAnswer, (examples / "spec_get_v1_seller_events_200.json").read_bytes())
    assert page.result is not None
    assert (page.result.next, page.result.total_events) == (1698045576000, 4)
    messages, unreadable = messages_of(page.result.events or [])
    assert unreadable == ()
    assert [(item.message.author, item.message.origin) for item in messages] == [
        (Author.BUYER, Origin.BUYER),
        (Author.BUYER, Origin.BUYER),
        (Author.SELLER, Origin.API),
        (Author.SELLER, Origin.CABINET),
    ]
    assert {item.chat_external_id for item in messages} == {CHAT}
    assert [item.message.external_id for item in messages] == [
        "55adee45-11f0-33b6-a847-6ccc7c78b2ec",
        "cef95d3c-0345-4dc9-b6df-4c8c57a176a9",
        "fd22e5bf-64fd-43f7-b3a0-ad29uu027f97",
        "cef95d3c-0345-4dc9-b6df-4c8c75a176a7",
    ]
    assert [item.message.text[:24] for item in messages] == [
        "Здравствуйте! У меня воп",
        "Здравствуйте! Пришёл не ",
        "Здравствуйте. Да, сейчас",
        "",
    ]
    assert [item.buyer_name for item in messages] == ["Алёна", "Алёна", None, None]
    assert [item.message.sent_at for item in messages] == [
        datetime(2023, 10, 23, 5, 2, 20, tzinfo=UTC),
        datetime(2023, 10, 23, 5, 3, 7, tzinfo=UTC),
        datetime(2023, 10, 23, 5, 15, 24, tzinfo=UTC),
        datetime(2023, 10, 23, 7, 19, 36, tzinfo=UTC),
    ]


def test_the_printed_attachments(examples: Path) -> None:
    page = read(wire.EventsAnswer, (examples / "spec_get_v1_seller_events_200.json").read_bytes())
    assert page.result is not None
    messages, _ = messages_of((page.result.events or [])[:1])
    (first,) = messages
    assert first.product == Product("12345678", None, "2fb52cd9e25e52538a5f05994e688ae5", 500, "RUB", "0")
    image, file = first.message.attachments
    assert (image.kind, image.download_id) == (AttachmentKind.IMAGE, "fd6be4e3-5447-41d7-a1e6-b2d3e06c3b05")
    assert image.url is not None
    assert image.url.endswith("0823ff24-821e-40e9-8cdf-0a2b5fd86a32.jpg")
    assert file == Attachment(
        AttachmentKind.FILE,
        "ecaeb056-a4ee-45b4-ae45-666811755d38",
        "Чек.pdf",
        "application/pdf",
        1046143,
        file.url,
    )


def test_the_printed_acceptance(examples: Path) -> None:
    accepted = read(wire.MessageAnswer, (examples / "spec_post_v1_seller_message_200.json").read_bytes())
    assert accepted.errors == []
    assert time_of(accepted.result.add_time) == datetime(2024, 4, 11, 15, 11, 10, 18000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "method", "reason", "detail"),
    [
        (
            "message_400_InvalidFileSize",
            "message",
            Undelivered.FILE_REFUSED,
            "A24FA09844E: attachment too big",
        ),
        ("message_400_UnsupportedFilesType", "message", Undelivered.FILE_REFUSED, '4A9F2544E29: "video_2023'),
        ("message_400_InvalidMessage", "message", Undelivered.TEXT_REFUSED, 'Invalid value for "message"'),
        ("message_400_InvalidSignature", "message", Undelivered.SIGNATURE_REFUSED, "Invalid signature"),
        ("events_400_IncorrectNextParameter", "events", Undelivered.REFUSED, "Invalid number"),
        ("events_400_IncorrectNextParameter1", "events", Undelivered.REFUSED, 'Invalid value for "next"'),
        ("download_id_400_IncorrectNextParameter", "download", Undelivered.REFUSED, "invalid fileID"),
    ],
)
def test_a_printed_refusal(examples: Path, name: str, method: str, reason: Undelivered, detail: str) -> None:
    (path,) = examples.glob(f"spec_*_v1_seller_{name}.json")
    error = failure(method, Answer(400, {}, path.read_bytes()), secrets=())
    assert isinstance(error, Refused)
    assert error.reason is reason
    assert error.detail.startswith(detail)
    assert error.params["request_id"]


@pytest.mark.parametrize("method", ["chats", "events", "message", "download"])
def test_the_printed_answers_of_the_gateway(examples: Path, method: str) -> None:
    def answered(status: int) -> Exception:
        body = (examples / f"spec_common_{status}.json").read_bytes()
        return failure(method, Answer(status, {"X-Ratelimit-Retry": "2"}, body), secrets=())

    unauthorised, unpaid, limited = answered(401), answered(402), answered(429)
    assert isinstance(unauthorised, KeyRefused)
    assert unauthorised.reason is Undelivered.KEY_REFUSED
    assert unauthorised.params["request_id"] == "7b80742415072fe8b6b7f7761f1d1211"
    assert isinstance(unpaid, KeyRefused)
    assert unpaid.reason is Undelivered.PAYMENT_REQUIRED
    assert "insufficient funds" in unpaid.detail
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == 2.0


def test_every_printed_payload_of_the_chats_is_covered_here(examples: Path) -> None:
    printed = {path.stem for path in examples.glob("spec_*_v1_seller_*.json")}
    assert printed == {
        "spec_get_v1_seller_download_id_400_IncorrectNextParameter",
        "spec_get_v1_seller_events_200",
        "spec_get_v1_seller_events_400_IncorrectNextParameter",
        "spec_get_v1_seller_events_400_IncorrectNextParameter1",
        "spec_post_v1_seller_message_200",
        "spec_post_v1_seller_message_400_InvalidFileSize",
        "spec_post_v1_seller_message_400_InvalidMessage",
        "spec_post_v1_seller_message_400_InvalidSignature",
        "spec_post_v1_seller_message_400_UnsupportedFilesType",
    }

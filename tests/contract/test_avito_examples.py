"""Every payload printed for an operation in use is understood as what it says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agentiq_core.connectors.avito import wire
from agentiq_core.connectors.avito.histories import lines_of, messages_in
from agentiq_core.connectors.avito.mapping import message_of, time_of
from agentiq_core.connectors.avito.pictures import id_in
from agentiq_core.connectors.wire import read
from agentiq_core.domain.messages import (
    Attachment,
    AttachmentKind,
    Author,
    IncomingMessage,
    Message,
    Origin,
    Product,
    Unreadable,
)

OWN = "141906442"
NOT_IN_USE = {
    "spec_assembled_webhook_v3",
    "spec_post_messenger_v1_subscriptions_200_x",
    "spec_post_messenger_v1_webhook_unsubscribe_200_x",
    "spec_post_messenger_v3_webhook_200_x",
    "spec_post_messenger_v3_webhook_201_x",
}
SEND = "spec_post_messenger_v1_accounts_user_id_chats_chat_id_messages"
UPLOAD = "spec_post_messenger_v1_accounts_user_id_uploadimages"


@pytest.fixture
def printed(specs_dir: Path):
    def load(name: str) -> bytes:
        return (specs_dir / "examples" / "avito" / f"{name}.json").read_bytes()

    return load


def message(body: bytes) -> Message:
    (item,) = messages_in(b"[" + body + b"]")
    outcome = message_of(item, "chat", OWN)
    assert isinstance(outcome, IncomingMessage), outcome
    return outcome.message


@pytest.mark.parametrize(
    ("kind", "text", "author"),
    [
        ("text", "привет!", Author.BUYER),
        ("system", "привет!", Author.MARKETPLACE),
        ("deleted", "Сообщение удалено", Author.MARKETPLACE),
        ("call", "Пропущенный звонок", Author.BUYER),
        ("link", "habr.com\nЛучшие публикации за сутки / Хабр", Author.BUYER),
        ("item", "Объявление: Объявление, 1 232 323 ₽\nhttps://avito.ru/item_url", Author.BUYER),
        ("location", "Место на карте: Москва, Варшавское шоссе\n55.599799, 37.603954", Author.BUYER),
        ("voice", "Голосовое сообщение", Author.BUYER),
        ("image", "", Author.BUYER),
    ],
)
def test_a_printed_message(printed, kind: str, text: str, author: Author):
    read = message(printed(f"spec_assembled_message_{kind}"))
    assert (read.external_id, read.text, read.author) == ("bdcc5bac2d00345f1cc66fa657813958", text, author)
    assert read.sent_at == datetime(2019, 10, 21, 10, 34, tzinfo=UTC)
    if author is Author.MARKETPLACE:
        assert read.origin is Origin.AUTOMATIC


def test_the_printed_picture(printed):
    (picture,) = message(printed("spec_assembled_message_image")).attachments
    assert isinstance(picture, Attachment)
    assert picture.kind is AttachmentKind.IMAGE
    assert "/1280x960/" in (picture.url or "")


def named(chat: dict[str, Any]) -> dict[str, Any]:
    """The printed chat with the ids that its example leaves empty."""
    return {**chat, "id": "c1", "last_message": {**chat["last_message"], "id": "m1"}}


@pytest.mark.parametrize("name", ["spec_assembled_chats_200", "spec_assembled_chat_200"])
def test_the_printed_list(printed, name: str):
    told = json.loads(printed(name))
    chats = read(wire.Chats, printed(name)).chats if "chats" in told else [told]
    empty, _, unreadable = lines_of(chats, OWN)
    assert empty == ()
    assert [one.reason for one in unreadable] == ["id: string_too_short"]
    (listed,), (last,), _ = lines_of([named(chat) for chat in chats], OWN)
    assert listed.newest == "1571654040 - m1"
    assert listed.chat.buyer_name == "Guldan"
    assert listed.chat.product == Product("1768287444", "Mazda 3 2008", price=30_000_000, currency="RUB")
    # the assembled message has everything at once, a bot's flow_id too
    assert (last.message.author, last.message.text) == (
        Author.MARKETPLACE,
        "habr.com\nЛучшие публикации за сутки / Хабр",
    )
    assert not isinstance(last, Unreadable)


@pytest.mark.parametrize("name", [f"{SEND}_200_x", f"{SEND}_image_200_x"])
def test_the_printed_acceptances(printed, name: str):
    sent = read(wire.Sent, printed(name))
    assert sent.id == "bdcc5bac2d00345f1cc66fa657813958"
    assert time_of(sent.created) == datetime(2019, 7, 15, 14, 51, 53, tzinfo=UTC)
    # the sample of an image has its author as "9623532,"
    assert message(printed(name)).external_id == sent.id


@pytest.mark.parametrize("name", [f"{UPLOAD}_200_x", f"{UPLOAD}_200_schema"])
def test_the_printed_uploads(printed, name: str):
    assert id_in(printed(name)) == "12345.12345abcdefghijklm"


def test_every_printed_payload_is_covered_or_not_in_use(specs_dir: Path):
    kinds = ("call", "deleted", "image", "item", "link", "location", "system", "text", "voice")
    covered = {f"spec_assembled_message_{kind}" for kind in kinds}
    covered |= {"spec_assembled_chats_200", "spec_assembled_chat_200", f"{SEND}_200_x", f"{SEND}_image_200_x"}
    covered |= {f"{UPLOAD}_200_x", f"{UPLOAD}_200_schema"}
    assert {path.stem for path in (specs_dir / "examples" / "avito").glob("*.json")} == covered | NOT_IN_USE

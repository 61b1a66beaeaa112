"""Avito's messages as the desk understands them: every type, and whatever else may come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agentiq_core.connectors.avito import AVITO
from agentiq_core.connectors.avito.histories import Ordered
from agentiq_core.connectors.avito.mapping import chat_of, message_of, price_of, time_of
from agentiq_core.connectors.avito.places import Mark, Newest, Page
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
from tests.connectors.avito_answers import BUYER, CHAT, OWN, make_chat, make_message


def read(**fields: Any) -> Message:
    outcome = message_of(make_message(**fields), CHAT, OWN)
    assert isinstance(outcome, IncomingMessage), outcome
    return outcome.message


def unread(**fields: Any) -> Unreadable:
    outcome = message_of(make_message(**fields), CHAT, OWN)
    assert isinstance(outcome, Unreadable), outcome
    return outcome


@pytest.mark.parametrize(
    ("fields", "author", "origin"),
    [
        ({"direction": "in"}, Author.BUYER, Origin.BUYER),
        ({"direction": "out"}, Author.SELLER, Origin.UNTOLD),
        ({"direction": "out", "content": {"text": "да", "flow_id": "flower_161071"}}, Author.MARKETPLACE, Origin.AUTOMATIC),
        ({"direction": "in", "content": {"text": "да", "flow_id": "discount"}}, Author.MARKETPLACE, Origin.AUTOMATIC),
        ({"direction": "in", "type": "system"}, Author.MARKETPLACE, Origin.AUTOMATIC),
        ({"direction": "out", "type": "system"}, Author.MARKETPLACE, Origin.AUTOMATIC),
        ({"direction": "in", "type": "deleted", "content": {}}, Author.MARKETPLACE, Origin.AUTOMATIC),
        ({"direction": None, "author_id": int(OWN)}, Author.SELLER, Origin.UNTOLD),
        ({"direction": "sideways", "author_id": str(BUYER)}, Author.BUYER, Origin.BUYER),
        ({"direction": "in", "type": "call", "content": {}}, Author.BUYER, Origin.BUYER),
        ({"direction": "out", "type": "call", "content": {}}, Author.SELLER, Origin.AUTOMATIC),
        ({"direction": "out", "type": "appCall", "content": {}}, Author.SELLER, Origin.AUTOMATIC),
        ({"direction": "out", "content": {"text": "да", "flow_id": ""}}, Author.SELLER, Origin.UNTOLD),
    ],
)  # fmt: skip
def test_who_speaks(fields, author, origin):
    message = read(**fields)
    assert (message.author, message.origin) == (author, origin)


def test_a_message_of_nobody_is_kept_raw():
    assert unread(direction=None, author_id=None).reason == "neither direction nor author_id"


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ("text", {"text": "  Здравствуйте\n"}, "  Здравствуйте\n"),
        ("text", {"text": None}, ""),
        ("text", None, ""),
        ("system", {"text": "Скидка"}, "Скидка"),
        ("link", {"link": {"text": "пример.рф", "url": "https://xn--e1afmkfd.xn--p1ai/", "preview": {"title": "Пример"}}}, "пример.рф\nhttps://xn--e1afmkfd.xn--p1ai/\nПример"),
        ("link", {"link": {"text": "habr.com", "url": "habr.com", "preview": None}}, "habr.com"),
        ("link", {"link": {"url": "habr.com"}}, "habr.com"),
        ("item", {"item": {"title": "Чайник", "price_string": "1 250 ₽", "item_url": "https://avito.ru/1"}}, "Объявление: Чайник, 1 250 ₽\nhttps://avito.ru/1"),
        ("item", {"item": {"title": "Чайник", "price_string": None}}, "Объявление: Чайник"),
        ("location", {"location": {"text": "Тверь, Советская", "lat": 56.85, "lon": 35.9}}, "Место на карте: Тверь, Советская\n56.850000, 35.900000"),
        ("location", {"location": {"lat": 56.85, "lon": 35.9}}, "Место на карте: 56.850000, 35.900000"),
        ("location", {"location": {}}, "Место на карте"),
        ("call", {"call": {"status": "missed"}}, "Пропущенный звонок"),
        ("call", {"call": None}, "Звонок"),
        ("appCall", {}, "Звонок через Авито"),
        ("deleted", {}, "Сообщение удалено"),
        ("file", {}, "Файл: Авито не передаёт его через API, он есть в кабинете"),
        ("video", {}, "Видео: Авито не передаёт его через API, оно есть в кабинете"),
        ("voice", {"voice": {"voice_id": ""}}, "Голосовое сообщение"),
        ("image", {"image": {"sizes": {}}}, "Изображение"),
        ("image", {"image": 7}, "Изображение"),
        ("sticker", {}, "Сообщение вида sticker: AgentIQ его не показывает, оно есть в кабинете"),
        ("sticker", {"text": "привет"}, "привет"),
        ("<b>x</b>", {}, "Сообщение вида (not a word): AgentIQ его не показывает, оно есть в кабинете"),
        (None, {"text": "привет"}, "привет"),
    ],
)  # fmt: skip
def test_every_type_has_words(kind, content, text):
    message = read(type=kind, content=content)
    assert (message.text, message.attachments) == (text, ())


def test_a_picture_is_the_largest_of_its_sizes():
    sizes = {
        "32x32": "https://a/32.jpg",
        "1280x960": "https://a/1280.jpg",
        "640x480": "https://a/640.jpg",
        "9x9": None,
    }
    (picture,) = read(type="image", content={"image": {"sizes": sizes}}).attachments
    assert picture == Attachment(
        AttachmentKind.IMAGE, "https://a/1280.jpg", name="1280.jpg", url="https://a/1280.jpg"
    )


def test_a_voice_message_is_a_file_to_be_asked_for():
    (voice,) = read(type="voice", content={"voice": {"voice_id": "v-1"}}).attachments
    assert (voice.kind, voice.download_id, voice.content_type) == (
        AttachmentKind.FILE,
        "voice:v-1",
        "audio/mp4",
    )


@pytest.mark.parametrize(
    ("value", "seen"), [(1_790_000_000, True), ("1790000000", True), (123, True), (None, False), (0, False)]
)
def test_a_receipt_belongs_to_our_own_messages(value, seen):
    assert read(direction="out", read=value).read is seen
    assert read(direction="in", read=value).read is False


@pytest.mark.parametrize(
    "value",
    [1_698_037_340, "1698037340", 1_698_037_340.0, 1_698_037_340_000, 1_698_037_340_000_000_000, "2023-10-23T05:02:20Z", "2023-10-23T08:02:20.000000001+03:00"],
)  # fmt: skip
def test_a_time_is_seconds_or_what_else_it_may_be(value):
    assert time_of(value) == datetime(2023, 10, 23, 5, 2, 20, tzinfo=UTC)


@pytest.mark.parametrize("value", [0, "0", -62135596800, None, True, "", "вчера", "0001-01-01T00:00:00Z", 10**30, float("nan"), float("inf"), [], {}])  # fmt: skip
def test_a_zero_time_is_no_time(value):
    assert time_of(value) is None
    assert unread(created=value).reason == "no usable created"


@pytest.mark.parametrize(
    ("told", "kopecks"),
    [
        ("300 000 ₽", 30_000_000),
        ("1\u00a0250\u202f₽", 125_000),
        ("5 руб.", 500),
        ("от 300 ₽", None),
        ("300 ₽ за час", None),
        ("Бесплатно", None),
        ("12,50 ₽", None),
        ("", None),
        (None, None),
        ("9" * 60 + " ₽", None),
    ],
)
def test_a_price_is_kopecks_only_where_it_is_sure(told, kopecks):
    assert price_of(told) == kopecks


def test_ids_may_be_numbers_and_messages_may_lack_everything_else():
    message = read(id=9_007_199_254_740_993, content=None, type=None, is_read="true", quote={"id": 1})
    assert message.external_id == "9007199254740993"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "Алёна"),
        ({"users": None}, None),
        ({"users": "nobody"}, None),
        ({"users": [{"id": int(OWN), "name": "Лавка"}]}, None),
        ({"users": [7, {"id": OWN, "name": "Лавка"}, {"id": 5, "name": "Бот"}, {"id": BUYER, "name": "Алёна"}]}, "Алёна"),
        ({"users": [{"id": 5, "name": " "}, {"id": 6, "name": "Иван"}]}, "Иван"),
    ],
)  # fmt: skip
def test_the_buyer_is_whoever_is_not_the_seller(fields, name):
    chat, _, _ = chat_of(make_chat(**fields), OWN)
    assert chat.buyer_name == name


@pytest.mark.parametrize("context", [None, {}, {"type": "item"}, {"type": "item", "value": None}, {"type": "item", "value": {"id": 0}}, {"type": "profile", "value": {"id": 5}}, "x"])  # fmt: skip
def test_a_conversation_may_be_about_no_listing(context):
    chat, _, _ = chat_of(make_chat(context=context), OWN)
    assert chat.product is None


def test_a_listing_without_a_sure_price_has_none():
    chat, _, _ = chat_of(
        make_chat(context={"value": {"id": "7", "title": "", "price_string": "Договорная"}}), OWN
    )
    assert chat.product == Product("7")


@pytest.mark.parametrize(
    ("last", "newest"),
    [
        ({"id": "a b", "created": 1_790_000_000, "type": "text"}, "1790000000 - a b"),
        ({"id": "a", "created": 1_790_000_000, "type": "deleted"}, "1790000000 deleted a"),
        ({"id": "", "created": 1_790_000_000}, "1795608000 - "),
        ({"id": "a"}, "1795608000 - "),
        (None, "1795608000 - "),
        (7, "1795608000 - "),
    ],
)
def test_the_newest_message_is_told_by_its_id_else_by_the_conversations_time(last, newest):
    item = make_chat(updated=1_795_608_000)
    item["last_message"] = last
    _, found, _ = chat_of(item, OWN)
    assert str(found) == newest
    assert Newest.of(str(found)) == found


@pytest.mark.parametrize("item", [None, 7, [], {}, {"id": ""}, {"id": ["x"]}, {"id": "я" * 1001}])
def test_a_line_without_an_id_is_kept_raw(item):
    kept = chat_of(item, OWN)
    assert isinstance(kept, Unreadable)
    assert AVITO.reread(kept) == replace(kept, reason=kept.reason)


def test_what_a_newer_version_can_read_is_read_again():
    kept = replace(
        unread(created=0), raw='{"id":"m1","created":1790000000,"direction":"in","content":{"text":"да"}}'
    )
    (found,) = AVITO.reread(kept)
    assert (found.chat_external_id, found.message.text) == (CHAT, "да")
    assert AVITO.reread(replace(kept, raw="{")).reason.startswith("not JSON")
    assert AVITO.reread(Unreadable('{"id":"c1"}', "x")) == ()


def test_a_page_tells_its_order_by_its_times():
    def page(*times: int) -> Ordered:
        return Ordered.of([{"id": f"m{at}-{n}", "created": 1_790_000_000 + at} for n, at in enumerate(times)])

    down, up, mixed, same = page(9, 5, 1), page(1, 5, 9), page(5, 9, 1), page(5, 5)
    mark = "1790000005 - m5-1"
    assert [one.reaches(mark) for one in (down, up, mixed, same)] == [True, False, False, False]
    assert [one.newest_of("") for one in (down, up, mixed)] == [
        "1790000009 - m9-0",
        "1790000009 - m9-2",
        "1790000009 - m9-1",
    ]
    assert page(1).newest_of(mark) == mark
    assert not page(9, 8).reaches(mark)
    assert not Ordered.of([]).reaches(mark)
    assert Ordered.of([None, {"id": 1}]).newest_of("") == ""


@pytest.mark.parametrize("text", ["", "x", "[]", "[1,2]", '["a"]', '["a",1]', "9" * 5000, "[" * 5000])
def test_a_mark_of_another_version_is_none(text):
    assert Mark.of(text) is None
    assert Newest.of(text) is None
    assert Page.of(text) == Page(0) or text.isdigit()

"""Events as the desk understands them: quirks of the live service, and whatever else may come."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentiq_core.connectors.errors import Unintelligible
from agentiq_core.connectors.wildberries import WILDBERRIES, wire
from agentiq_core.connectors.wildberries.mapping import message_of, messages_of, time_of
from agentiq_core.connectors.wire import Wire, raw
from agentiq_core.connectors.wire import read as read_wire
from agentiq_core.domain.messages import (
    Attachment,
    AttachmentKind,
    Author,
    IncomingMessage,
    Origin,
    Product,
    Unreadable,
)
from tests.connectors.wildberries_answers import CHAT, make_event, make_page


def read(**fields: Any) -> IncomingMessage:
    outcome = message_of(make_event(**fields))
    assert isinstance(outcome, IncomingMessage), outcome
    return outcome


def unread(**fields: Any) -> Unreadable:
    outcome = message_of(make_event(**fields))
    assert isinstance(outcome, Unreadable), outcome
    return outcome


@pytest.mark.parametrize(
    ("sender", "source", "opens", "author", "origin"),
    [
        ("client", "rusite", True, Author.BUYER, Origin.BUYER),
        ("client", "a new portal", False, Author.BUYER, Origin.BUYER),
        ("client", None, False, Author.BUYER, Origin.BUYER),
        ("wb", None, False, Author.MARKETPLACE, Origin.AUTOMATIC),
        ("wb", "seller-portal", True, Author.MARKETPLACE, Origin.AUTOMATIC),
        ("seller", "seller-public-api", False, Author.SELLER, Origin.API),
        ("seller", "seller-public-api", True, Author.SELLER, Origin.API),
        ("seller", "seller-portal", False, Author.SELLER, Origin.CABINET),
        ("seller", "seller-mobile", False, Author.SELLER, Origin.CABINET),
        ("seller", None, False, Author.SELLER, Origin.CABINET),
        ("seller", "seller-portal", True, Author.SELLER, Origin.AUTOMATIC),
        ("seller", None, "true", Author.SELLER, Origin.AUTOMATIC),
        ("customer", "ios", False, Author.BUYER, Origin.BUYER),
        ("manager", "seller-portal", False, Author.SELLER, Origin.CABINET),
        ("robot", None, False, Author.MARKETPLACE, Origin.AUTOMATIC),
        (None, "android", False, Author.BUYER, Origin.BUYER),
    ],
)
def test_who_speaks(sender: object, source: object, opens: object, author: Author, origin: Origin) -> None:
    message = read(sender=sender, source=source, isNewChat=opens).message
    assert (message.author, message.origin) == (author, origin)


@pytest.mark.parametrize(
    "fields",
    [
        {"addTimestamp": 1_698_037_340_594, "addTime": "1999-01-01T00:00:00Z"},
        {"addTimestamp": "1698037340594"},
        {"addTimestamp": 1_698_037_340_594.0},
        {"addTimestamp": None, "addTime": "2023-10-23T05:02:20.594Z"},
        {"addTimestamp": 0, "addTime": "2023-10-23T05:02:20.594000123Z"},
        {"addTimestamp": -62135596800000, "addTime": "2023-10-23T08:02:20.594+03:00"},
        {"addTimestamp": "soon", "addTime": "2023-10-23T05:02:20.594"},
    ],
)
def test_the_time_is_the_milliseconds_else_the_text(fields: dict[str, Any]) -> None:
    assert read(**fields).message.sent_at == datetime(2023, 10, 23, 5, 2, 20, 594000, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+03:00", "9999-12-31T23:59:59-12:00", "", "вчера", None],
)
def test_a_zero_time_is_no_time(text: str | None) -> None:
    assert time_of(None, text) is None
    assert unread(addTimestamp=0, addTime=text).reason == "no usable addTimestamp or addTime"


def test_an_event_without_message_is_an_empty_message() -> None:
    event = make_event()
    del event["message"]
    outcome = message_of(event)
    assert isinstance(outcome, IncomingMessage)
    assert (outcome.message.text, outcome.message.attachments, outcome.product) == ("", (), None)


def test_the_text_stays_as_the_buyer_wrote_it() -> None:
    text = "  \u202eЗдравствуйте\t\x1b[31m!\r\n "
    assert read(message={"text": text}).message.text == text


def test_ids_may_be_numbers() -> None:
    message = read(chatID=12, eventID=9_007_199_254_740_993)
    assert (message.chat_external_id, message.message.external_id) == ("12", "9007199254740993")


@pytest.mark.parametrize("name", ["", "  ", None, ["Алёна"]])
def test_an_empty_name_is_no_name(name: object) -> None:
    assert read(clientName=name).buyer_name is None


def test_images_and_files_keep_whatever_leads_to_them() -> None:
    attachments = {
        "images": [
            {"date": "0001-01-01T00:00:00Z", "downloadID": "fd6be4e3", "url": ""},
            {"date": "2025-01-27T11:38:21.202143857Z", "url": "https://example.invalid/1.jpg"},
        ],
        "files": [
            {
                "contentType": "application/pdf",
                "downloadID": 17,
                "name": "Чек.pdf",
                "size": "1046143",
                "url": None,
            }
        ],
    }
    assert read(message={"attachments": attachments}).message.attachments == (
        Attachment(AttachmentKind.IMAGE, download_id="fd6be4e3"),
        Attachment(AttachmentKind.IMAGE, url="https://example.invalid/1.jpg"),
        Attachment(AttachmentKind.FILE, "17", "Чек.pdf", "application/pdf", 1046143),
    )


@pytest.mark.parametrize(
    ("card", "product"),
    [
        (
            {"nmID": "12345678", "price": 42300.0, "priceCurrency": "RUB", "rid": "2fb5", "size": 46},
            Product("12345678", None, "2fb5", 42300, "RUB", "46"),
        ),
        ({"nmID": 12345678, "price": 0, "priceCurrency": "", "size": ""}, Product("12345678")),
        ({"nmID": 0, "price": 0, "priceCurrency": "", "rid": "", "size": ""}, None),
        ({"nmID": 12345678, "price": 10**30, "rid": {}}, Product("12345678")),
        ({}, None),
        (None, None),
        ("a card", None),
    ],
)
def test_a_good_is_told_as_far_as_it_is_known(card: object, product: Product | None) -> None:
    assert read(message={"text": "?", "attachments": {"goodCard": card}}).product == product


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"eventType": "reaction"}, "unknown eventType reaction"),
        ({"eventType": "секрет покупателя"}, "unknown eventType (not a word)"),
        ({"chatID": ""}, "chatID: string_too_short"),
        ({"eventID": None}, "eventID: string_type"),
        ({"message": "секрет покупателя"}, "message: model_type"),
        ({"message": {"attachments": {"images": {}}}}, "message.attachments.images: list_type"),
    ],
)
def test_what_cannot_be_read_is_kept_with_a_reason_that_repeats_nothing(
    fields: dict[str, Any], reason: str
) -> None:
    bad = unread(**fields)
    assert bad.reason == reason
    assert json.loads(bad.raw) == make_event(**fields)


@pytest.mark.parametrize("item", [None, 5, "text", [], {}])
def test_an_item_that_is_no_event_is_kept_raw(item: object) -> None:
    outcome = message_of(item)
    assert isinstance(outcome, Unreadable)
    assert json.loads(outcome.raw) == item


PAGE = make_page(
    make_event(
        1,
        isNewChat=True,
        replySign="1:sign",
        message={
            "text": "?",
            "attachments": {
                "goodCard": {"nmID": 1, "price": 2, "priceCurrency": "RUB", "rid": "r", "size": "0"},
                "files": [
                    {"contentType": "application/pdf", "downloadID": "d", "name": "n", "size": 1, "url": "u"}
                ],
                "images": [{"date": "2023-10-23T08:02:20.717Z", "downloadID": "d", "url": "u"}],
            },
        },
    ),
    make_event(2, sender="seller", source="seller-public-api"),
)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**15, max_value=10**40),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["true", "0", "1698037340000", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "1e999"]
    ),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=4), st.none(), max_size=2),
)


def places(node: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every value of a JSON tree."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path] * bool(path) + [way for name, child in inner for way in places(child, (*path, name))]


@st.composite
def mutated_pages(draw: st.DrawFn) -> Any:
    """A valid page with a few values dropped, nulled, retyped or added."""
    page = copy.deepcopy(PAGE)
    for _ in range(draw(st.integers(1, 4))):
        *way, last = draw(st.sampled_from(places(page)))
        holder: Any = page
        for step in way:
            holder = holder[step]
        match draw(st.sampled_from(["drop", "retype", "add"])):
            case "drop":
                del holder[last]
            case "retype":
                holder[last] = draw(ODD)
            case "add" if isinstance(holder, dict):
                holder[draw(st.text(max_size=6))] = draw(ODD)
            case _:
                holder.append(draw(ODD))
        if not places(page):
            break
    return page


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(mutated_pages())
def test_whatever_becomes_of_a_page_nothing_is_lost_and_nothing_escapes(page: Any) -> None:
    try:
        answer = read_wire(wire.EventsAnswer, json.dumps(page).encode())
    except Unintelligible:
        return
    events = (answer.result.events if answer.result else None) or []
    messages, unreadable = messages_of(events)
    alone = [message_of(event) for event in events]
    assert [bad for bad in alone if isinstance(bad, Unreadable)] == list(unreadable)
    readable = [item for item in alone if isinstance(item, IncomingMessage)]
    assert {(item.chat_external_id, item.message.external_id) for item in readable} == {
        (item.chat_external_id, item.message.external_id) for item in messages
    }
    assert all(item.message.sent_at.tzinfo is UTC for item in messages)
    for bad in unreadable:
        json.loads(bad.raw)


@patient
@given(mutated_pages())
def test_one_spoilt_event_never_costs_a_sound_neighbour(page: Any) -> None:
    spoilt = (page.get("result") or {}).get("events") if isinstance(page.get("result"), dict) else None
    sound = make_event(3, chatID=f"{CHAT}-sound")
    events = [*(spoilt if isinstance(spoilt, list) else []), sound]
    answer = read_wire(wire.EventsAnswer, json.dumps(make_page(*events)).encode())
    assert answer.result is not None
    messages, _ = messages_of(answer.result.events or [])
    assert message_of(sound) in messages


def test_an_answer_past_the_limit_of_memory_is_unintelligible() -> None:
    with pytest.raises(Unintelligible):
        read_wire(wire.ChatsAnswer, None)


@patient
@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_unintelligible(body: bytes) -> None:
    for model in (wire.EventsAnswer, wire.ChatsAnswer, wire.MessageAnswer, wire.Problem):
        try:
            answer: Wire | None = read_wire(model, body)
        except Unintelligible:
            answer = None
        assert answer is None or isinstance(answer, model)


def test_an_id_that_no_index_could_hold_is_unreadable_rather_than_holding_its_page_up() -> None:
    endless = "".join(chr(0x4E00 + number * 7) for number in range(1000))
    assert unread(eventID=endless).reason == "eventID: too_long_for_an_id"
    assert read(eventID="e" * 1000).message.external_id == "e" * 1000


def test_an_item_that_was_kept_raw_reads_as_it_does_from_the_feed() -> None:
    event = make_event(message={"text": "Нет связи 😀 \x00"}, replySign="1:2:3")
    kept = Unreadable(raw(event), "of an older version")
    assert WILDBERRIES.reread(kept) == (message_of(event),)


@pytest.mark.parametrize("raw", ["", "[", '"text"', "null", "[" * 5000, '{"chatID": 1}', "\ud800"])
def test_an_item_that_still_cannot_be_read_keeps_what_was_known_of_it(raw: str) -> None:
    kept = Unreadable(raw, "of an older version", "chat", "message")
    outcome = WILDBERRIES.reread(kept)
    assert isinstance(outcome, Unreadable)
    assert (outcome.raw, outcome.chat_external_id, outcome.message_external_id) == (raw, "chat", "message")
    assert outcome.reason != kept.reason

"""What Ozon's messages, reviews and answers mean, however they are written."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentiq_core.connectors.ozon import OZON, feedback, files, mapping, wire
from agentiq_core.connectors.ozon.markdown import plain
from agentiq_core.connectors.wire import raw
from agentiq_core.domain.messages import (
    Attachment,
    AttachmentKind,
    Author,
    Channel,
    IncomingMessage,
    Origin,
    Product,
    Unreadable,
)
from tests.connectors.ozon_answers import (
    CHAT,
    FIRST,
    make_answer,
    make_chat,
    make_comment,
    make_message,
    make_question,
    make_review,
    stamp,
)

CLIP = "https://cdn1.ozone.ru/s3/chat/clip.jpg"


def read(**fields: Any) -> IncomingMessage:
    outcome = mapping.message_of(make_message(**fields), CHAT)
    assert isinstance(outcome, IncomingMessage), outcome
    return outcome


def unread(**fields: Any) -> Unreadable:
    outcome = mapping.message_of(make_message(**fields), CHAT)
    assert isinstance(outcome, Unreadable), outcome
    return outcome


@pytest.mark.parametrize(
    ("kind", "author", "origin"),
    [
        ("Customer", Author.BUYER, Origin.BUYER),
        ("Сustomer", Author.BUYER, Origin.BUYER),
        ("CUSTOMER", Author.BUYER, Origin.BUYER),
        ("Seller", Author.SELLER, Origin.UNTOLD),
        ("Crm", Author.MARKETPLACE, Origin.AUTOMATIC),
        ("Сrm", Author.MARKETPLACE, Origin.AUTOMATIC),
        ("Courier", Author.MARKETPLACE, Origin.AUTOMATIC),
        ("Support", Author.MARKETPLACE, Origin.AUTOMATIC),
        ("NotificationUser", Author.MARKETPLACE, Origin.AUTOMATIC),
        ("Robot", Author.MARKETPLACE, Origin.AUTOMATIC),
    ],
)
def test_who_speaks(kind: str, author: Author, origin: Origin) -> None:
    message = read(user={"id": 7, "type": kind}).message
    assert (message.author, message.origin) == (author, origin)


@pytest.mark.parametrize("user", [None, {}, {"type": None}, {"id": "7"}, "Customer"])
def test_a_message_of_nobody_cannot_be_read(user: object) -> None:
    assert "user" in unread(user=user).reason


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-07-18T20:58:04.528Z", datetime(2026, 7, 18, 20, 58, 4, 528000, tzinfo=UTC)),
        ("2026-07-18T20:58:04.528123456Z", datetime(2026, 7, 18, 20, 58, 4, 528123, tzinfo=UTC)),
        ("2026-07-18T23:58:04+03:00", datetime(2026, 7, 18, 20, 58, 4, tzinfo=UTC)),
        ("2026-07-18T20:58:04", datetime(2026, 7, 18, 20, 58, 4, tzinfo=UTC)),
    ],
)
def test_every_spelling_of_a_time_is_utc(written: str, moment: datetime) -> None:
    assert read(created_at=written).message.sent_at == moment


@pytest.mark.parametrize("written", [None, "", "0001-01-01T00:00:00Z", "yesterday", 1658177884, []])
def test_a_message_without_a_time_cannot_be_read(written: object) -> None:
    assert unread(created_at=written).reason == "no usable created_at"


def test_ids_are_strings_however_they_come() -> None:
    assert read(message_id=FIRST).message.external_id == read(message_id=str(FIRST)).message.external_id


@pytest.mark.parametrize("value", [None, "", [], {}, "я" * 1001])
def test_a_message_without_an_id_cannot_be_read(value: object) -> None:
    assert "message_id" in unread(message_id=value).reason


@pytest.mark.parametrize(
    ("context", "product"),
    [
        ({"order_number": "123", "sku": "987"}, Product("987", order_id="123")),
        ({"order_number": 123, "sku": 987}, Product("987", order_id="123")),
        ({"order_number": "123", "sku": ""}, Product("", order_id="123")),
        ({"order_number": "", "sku": "0"}, None),
        ({}, None),
        (None, None),
        ("noise", None),
    ],
)
def test_what_a_message_is_about(context: object, product: Product | None) -> None:
    assert read(context=context).product == product


@pytest.mark.parametrize("seen", [True, "true", 1])
def test_only_our_own_messages_are_seen_by_the_buyer(seen: object) -> None:
    ours = {"id": "7", "type": "Seller"}
    assert read(user=ours, is_read=seen).message.read
    assert not read(is_read=seen).message.read
    assert not read(user=ours, is_read="maybe").message.read


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        (
            "Подойдёт [ крышка ](https://www.ozon.ru/product/a-1)?",
            "Подойдёт крышка (https://www.ozon.ru/product/a-1)?",
        ),
        ("[https://www.ozon.ru/a](https://www.ozon.ru/a)", "https://www.ozon.ru/a"),
        (r"Цена 5\*6 \[за штуку\]\.", "Цена 5*6 [за штуку]."),
        ("snake_case и 2*3*4 остаются", "snake_case и 2*3*4 остаются"),
        ("**важно** для нас", "**важно** для нас"),
        ("[скобки] и (скобки)", "[скобки] и (скобки)"),
        ("[нет](javascript:alert(1))", "[нет](javascript:alert(1))"),
        (r"C:\папка", r"C:\папка"),
    ],
)
def test_markdown_reads_as_it_was_written(markdown: str, text: str) -> None:
    assert read(text=markdown).message.text == text


def test_emphasis_goes_only_where_a_machine_wrote() -> None:
    assert read(text="**Заказ** в пути", user={"type": "Crm"}).message.text == "Заказ в пути"


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\\[]"), max_size=200))
@settings(max_examples=50)
def test_a_text_without_signs_of_markdown_comes_back_as_it_was(text: str) -> None:
    assert plain(text) == text


def test_the_strings_of_a_message_are_its_lines() -> None:
    assert read(data=["Здравствуйте!", None, "", "Где заказ?"]).message.text == "Здравствуйте!\nГде заказ?"


@pytest.mark.parametrize("data", [None, [], [""]])
def test_a_message_may_be_empty(data: object) -> None:
    message = read(data=data).message
    assert (message.text, message.attachments) == ("", ())


@pytest.mark.parametrize("data", [f"![]({CLIP})", CLIP, f"![снимок]({CLIP} 'снимок')", f"[снимок]({CLIP})"])
def test_a_picture_hangs_on_its_message(data: str) -> None:
    message = read(text=data, is_image=True).message
    assert message.attachments == (Attachment(AttachmentKind.IMAGE, CLIP, "clip.jpg", url=CLIP),)
    assert message.text == ""


def test_a_file_hangs_on_its_message_and_its_words_stay() -> None:
    url = "https://api-seller.ozon.ru/v2/chat/file/9f/%D1%87%D0%B5%D0%BA.pdf"
    message = read(text=f"Вот чек: [чек.pdf]({url})").message
    assert message.attachments == (Attachment(AttachmentKind.FILE, url, "чек.pdf", url=url),)
    assert message.text == "Вот чек: "


def test_a_picture_in_moderation_is_asked_for_by_its_message() -> None:
    (picture,) = read(
        text=f"![]({CLIP})", is_image=True, moderate_image_status="MODERATION"
    ).message.attachments
    assert json.loads(picture.download_id or "") == [CHAT, str(FIRST), 0]
    assert picture.url is None


def test_a_picture_that_moderation_refused_is_not_handed_out() -> None:
    (picture,) = read(text=f"![]({CLIP})", is_image=True, moderate_image_status="FAILED").message.attachments
    assert (picture.kind, picture.download_id, picture.url) == (AttachmentKind.IMAGE, None, None)


def test_a_link_that_cannot_be_asked_for_is_still_shown() -> None:
    link = "https://cdn1.ozone.ru/" + "a" * 3000
    assert files.attachment_of(link, image=True) == Attachment(AttachmentKind.IMAGE, link, url=link)
    assert not files.is_file("https://[::1/v2/chat/file/a.jpg")


def test_a_picture_without_a_link_is_still_a_picture() -> None:
    assert read(data=None, is_image="true").message.attachments == (Attachment(AttachmentKind.IMAGE),)


def test_stars_alone_ask_for_nothing() -> None:
    told = feedback.review_of(make_review(text="  ", rating=5))
    assert not isinstance(told, Unreadable)
    message = feedback.review_message(*told).message
    assert (message.origin, message.asks) == (Origin.RATING, False)


@pytest.mark.parametrize(
    ("rating", "stars"), [(1, 1), ("5", 5), (0, None), (6, None), (None, None), ("?", None)]
)
def test_stars_are_one_to_five(rating: object, stars: int | None) -> None:
    told = feedback.review_of(make_review(rating=rating))
    assert not isinstance(told, Unreadable)
    chat = feedback.review_chat(*told)
    assert (chat.stars, chat.channel, chat.product) == (stars, Channel.REVIEW, Product("209417736"))


@pytest.mark.parametrize(
    ("status", "settles"),
    [
        ("NEW", False),
        ("VIEWED", True),
        ("PROCESSED", True),
        ("processed", True),
        ("UNPROCESSED", False),
        (None, False),
    ],
)
def test_what_was_viewed_or_processed_is_settled(status: str | None, settles: bool) -> None:
    review = feedback.review_of(make_review(status=status))
    question = feedback.question_of(make_question(status=status))
    assert not isinstance(review, Unreadable)
    assert not isinstance(question, Unreadable)
    for chat, told in (
        (feedback.review_chat(*review), review),
        (feedback.question_chat(*question), question),
    ):
        assert chat.settled_through == (told[1] if settles else None)


@pytest.mark.parametrize(
    ("fields", "author", "origin"),
    [
        ({}, Author.SELLER, Origin.UNTOLD),
        ({"is_owner": "true", "is_official": None}, Author.SELLER, Origin.UNTOLD),
        ({"is_owner": False, "is_official": True}, Author.MARKETPLACE, Origin.AUTOMATIC),
        ({"is_owner": False, "is_official": False}, Author.BUYER, Origin.BUYER),
        ({"is_rejected": True}, Author.MARKETPLACE, Origin.AUTOMATIC),
    ],
)
def test_who_comments(fields: dict[str, object], author: Author, origin: Origin) -> None:
    told = feedback.comment_of(make_comment(**fields), "review")
    assert isinstance(told, IncomingMessage)
    assert (told.message.author, told.message.origin) == (author, origin)


def test_a_comment_that_moderation_refused_is_no_answer_and_says_why() -> None:
    told = feedback.comment_of(make_comment(is_rejected=True, deviation_reason="ссылка"), "review")
    assert isinstance(told, IncomingMessage)
    assert told.message.external_id == "refused:comment-0"
    assert told.message.text == "Комментарий не прошёл модерацию: ссылка"
    assert not told.message.is_answer


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ({}, Author.SELLER),
        ({"status_publication": ""}, Author.SELLER),
        ({"status_publication": "AWAITING_MODERATION"}, Author.SELLER),
        ({"status_publication": "MODERATION_FAILED"}, Author.MARKETPLACE),
        ({"status_publication": "DUPLICATE"}, Author.MARKETPLACE),
        ({"author_name": "Пользователь OZON"}, Author.MARKETPLACE),
    ],
)
def test_who_answers(fields: dict[str, object], author: Author) -> None:
    told = feedback.answer_of(make_answer(**fields), "question")
    assert isinstance(told, IncomingMessage)
    assert told.message.author is author


@pytest.mark.parametrize(
    ("item", "chat", "channel"),
    [
        (make_message(created_at="0001-01-01T00:00:00Z"), CHAT, Channel.CHAT),
        (make_review(published_at=None), None, Channel.REVIEW),
        (make_comment(published_at=None), "review", Channel.REVIEW),
        (make_question(published_at=None), None, Channel.QUESTION),
        (make_answer(published_at=None), "question", Channel.QUESTION),
    ],
)
def test_what_was_kept_is_read_again_as_what_it_is(
    item: dict[str, Any], chat: str | None, channel: Channel
) -> None:
    kept = Unreadable(raw(item), "an older version could not", chat, channel=channel)
    refused = OZON.reread(kept)
    assert isinstance(refused, Unreadable)
    assert refused.raw == kept.raw
    assert refused.reason in ("no usable created_at", "no usable published_at")
    mended = {**item, "created_at" if channel is Channel.CHAT else "published_at": stamp()}
    read_now = OZON.reread(Unreadable(raw(mended), "why", chat, channel=channel))
    assert isinstance(read_now, tuple)
    assert [told.channel for told in read_now] == [channel]
    assert read_now[0].chat_external_id == (chat or item["id"])


def test_a_line_of_the_list_has_nothing_to_show_once_it_can_be_read() -> None:
    assert OZON.reread(Unreadable(raw(make_chat()), "why")) == ()
    assert isinstance(OZON.reread(Unreadable(raw({"chat": {}}), "why")), Unreadable)


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("kept", ["", "{", "[]", "null", '"text"', "{}"])
def test_noise_stays_unread(kept: str, channel: Channel) -> None:
    assert isinstance(OZON.reread(Unreadable(kept, "why", "known", channel=channel)), Unreadable)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def spoilt(draw: st.DrawFn, sound: dict[str, Any]) -> dict[str, Any]:
    """A payload with a field or two dropped, emptied, retyped or added, at any depth."""
    item = copy.deepcopy(sound)
    for _ in range(draw(st.integers(1, 3))):
        holder = item
        while (inner := [value for value in holder.values() if isinstance(value, dict) and value]) and draw(
            st.booleans()
        ):
            holder = draw(st.sampled_from(inner))
        name = draw(st.sampled_from(sorted(holder))) if holder else "added"
        match draw(st.sampled_from(["drop", "null", "retype", "add"])):
            case "drop":
                holder.pop(name, None)
            case "null":
                holder[name] = None
            case "retype":
                holder[name] = draw(JSON)
            case "add":
                holder[draw(st.text(max_size=8))] = draw(JSON)
    return item


def _chat_item(item: object) -> object:
    return mapping.chat_of(item)


def _history_item(item: object) -> object:
    return mapping.message_of(item, CHAT)


def _review_item(item: object) -> object:
    told = feedback.info_of(item)
    return told if isinstance(told, Unreadable) else feedback.review_message(*told)


def _question_item(item: object) -> object:
    told = feedback.question_of(item)
    return told if isinstance(told, Unreadable) else feedback.question_message(*told)


@pytest.mark.parametrize(
    ("read_item", "sound"),
    [
        (_chat_item, make_chat()),
        (_history_item, make_message(text=f"![a]({CLIP}) [b](https://www.ozon.ru/x)")),
        (_review_item, make_review(photos=[{"url": CLIP}], videos=[{"url": CLIP}])),
        (lambda item: feedback.comment_of(item, "review"), make_comment()),
        (_question_item, make_question()),
        (lambda item: feedback.answer_of(item, "question"), make_answer()),
    ],
)
@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_spoilt_item_is_read_or_kept_and_raises_nothing(
    read_item: Any, sound: dict[str, Any], data: st.DataObject
) -> None:
    outcome = read_item(data.draw(spoilt(sound)))
    assert outcome is None or isinstance(outcome, tuple | IncomingMessage | Unreadable)
    if isinstance(outcome, Unreadable):
        assert not any(word in outcome.reason for word in ("Вопрос", "Отзыв", "Ответ", "Комментарий"))


@given(JSON)
@settings(max_examples=60)
def test_any_json_is_read_or_kept(item: object) -> None:
    for read_item in (_chat_item, _history_item, _review_item, _question_item):
        read_item(item)


def test_no_repr_of_a_wire_model_is_needed_to_say_what_is_wrong() -> None:
    assert "секрет" not in unread(data={"секрет": "слово"}).reason
    assert wire.Wire.model_config["hide_input_in_errors"] is True

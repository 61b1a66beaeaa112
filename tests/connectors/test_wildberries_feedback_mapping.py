"""Reviews, questions and claims as the desk understands them, whatever else may come."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentiq_core.connectors.wildberries import WILDBERRIES
from agentiq_core.connectors.wildberries.mapping_claims import ReadClaim, claim_of
from agentiq_core.connectors.wildberries.mapping_feedbacks import answer_id, question_of, review_of
from agentiq_core.connectors.wildberries.shelves import Item
from agentiq_core.domain.messages import (
    Attachment,
    AttachmentKind,
    Author,
    Message,
    Origin,
    Product,
    Unreadable,
)
from tests.connectors.wildberries_feedbacks import NOW, REVIEW_ID, make_claim, make_question, make_review

SHOWN = {"text": "Спасибо!", "state": "wbRu", "editable": True}
PHOTO = {"fullSize": "https://photos.example/fs.webp", "miniSize": "https://photos.example/ms.webp"}


def review(handled: bool = False, **fields: Any) -> Item:
    outcome = review_of(make_review(**fields), NOW, handled)
    assert isinstance(outcome, Item), outcome
    return outcome


def words(**fields: Any) -> Message:
    return review(**fields).messages[0].message


def question(**fields: Any) -> Item:
    outcome = question_of(make_question(**fields), NOW)
    assert isinstance(outcome, Item), outcome
    return outcome


def claim(archived: bool = False, **fields: Any) -> ReadClaim:
    outcome = claim_of(make_claim(**fields), archived)
    assert isinstance(outcome, ReadClaim), outcome
    return outcome


def test_a_review_is_a_conversation_of_its_own() -> None:
    read = review(createdDate="2026-11-23T14:00:00+03:00")
    (incoming,) = read.messages
    assert incoming.chat_external_id == incoming.message.external_id == REVIEW_ID
    assert (incoming.channel, incoming.buyer_name) == ("review", "Марина")
    assert incoming.product == Product(external_id="41057", title="Чай листовой")
    assert incoming.message.sent_at == datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert (read.chat.stars, read.chat.settled_through) == (4, None)


def test_pros_and_cons_follow_the_text_on_lines_of_their_own() -> None:
    told = words(text="Хороший", pros="Крепкий", cons="Дорогой", bables=["цена", "вкус", 7, " "])
    assert told.text == "Хороший\nДостоинства: Крепкий\nНедостатки: Дорогой\nОтметки: цена, вкус"


def test_a_supplement_says_that_it_is_one() -> None:
    assert words(parentFeedbackId="earlier").text.endswith("\nДополнение к прежнему отзыву")


@pytest.mark.parametrize("silent", ["", "  ", None])
def test_stars_alone_ask_for_nothing(silent: str | None) -> None:
    told = words(text=silent, pros=silent, cons=silent)
    assert (told.author, told.origin, told.text, told.asks) == (Author.BUYER, Origin.RATING, "", False)


def test_a_photo_without_a_word_asks() -> None:
    told = words(text="", photoLinks=[PHOTO, {"miniSize": "https://photos.example/m.webp"}, 7, None])
    assert told.origin is Origin.BUYER
    assert told.attachments == (
        Attachment(AttachmentKind.IMAGE, url=PHOTO["fullSize"]),
        Attachment(AttachmentKind.IMAGE, url="https://photos.example/m.webp"),
    )


def test_a_video_is_a_file() -> None:
    told = words(video={"link": "https://video.example/index.m3u8", "durationSec": 10})
    assert told.attachments == (Attachment(AttachmentKind.FILE, url="https://video.example/index.m3u8"),)


@pytest.mark.parametrize(("valuation", "stars"), [(1, 1), ("5", 5), (0, None), (6, None), (None, None)])
def test_stars_are_one_to_five(valuation: object, stars: int | None) -> None:
    assert review(productValuation=valuation).chat.stars == stars


def test_an_answer_is_the_sellers_and_takes_the_time_of_its_reading() -> None:
    answer = review(answer=SHOWN).messages[1].message
    assert (answer.author, answer.origin, answer.sent_at) == (Author.SELLER, Origin.UNTOLD, NOW)
    assert (answer.external_id, answer.text) == (answer_id("Спасибо!"), "Спасибо!")
    assert answer.is_answer


def test_an_edited_answer_is_another_message() -> None:
    edited = review(answer={**SHOWN, "text": "Спасибо большое!"}).messages[1].message
    assert edited.external_id != answer_id("Спасибо!")
    assert review(answer=SHOWN).mark != review(answer={**SHOWN, "text": "Спасибо большое!"}).mark


@pytest.mark.parametrize("state", ["none", "wbRu", "reviewRequired", "of tomorrow", None])
def test_an_answer_under_moderation_is_an_answer(state: str | None) -> None:
    assert review(answer={"text": "Спасибо!", "state": state}).messages[1].message.is_answer


def test_an_answer_that_moderation_refused_is_none() -> None:
    refused = review(answer={"text": "Спасибо!", "state": "rejected"}, state="wbRu")
    told = refused.messages[1].message
    assert (told.author, told.origin) == (Author.MARKETPLACE, Origin.AUTOMATIC)
    assert "Спасибо!" in told.text
    assert refused.chat.settled_through is None


@pytest.mark.parametrize("answer", [None, {}, {"text": ""}, {"text": " "}, {"text": None, "state": "none"}])
def test_an_empty_answer_is_none(answer: object) -> None:
    assert len(review(answer=answer).messages) == 1


def test_what_was_handled_without_an_answer_is_settled() -> None:
    for read in (review(state="wbRu"), review(handled=True)):
        assert read.chat.settled_through == read.messages[0].message.sent_at
    assert review(handled=True, answer=SHOWN).chat.settled_through is None


def test_a_question_tells_the_time_of_its_answer() -> None:
    read = question(
        answer={"text": "Два литра", "createDate": "2026-11-23T11:24:37.187113704Z"}, state="wbRu"
    )
    asked, answer = (item.message for item in read.messages)
    assert asked.text == "Какой объём у чайника? (0)"
    assert answer.sent_at == datetime(2026, 11, 23, 11, 24, 37, 187113, tzinfo=UTC)
    assert {item.channel for item in read.messages} == {"question"}


def test_a_rejected_question_is_settled_and_its_answer_was_never_shown() -> None:
    read = question(state="none", answer={"text": "Вопрос отклонён", "editable": False})
    assert len(read.messages) == 1
    assert read.chat.settled_through is not None


def test_a_viewed_question_still_waits() -> None:
    assert question(wasViewed=True).chat.settled_through is None


def test_a_claim_tells_what_is_wrong_with_which_order() -> None:
    read = claim()
    (incoming,) = read.messages
    assert incoming.message.sent_at == datetime(2026, 11, 20, 7, 0, 0, 245611, tzinfo=UTC)
    assert incoming.product == Product(external_id="41057", title="Чайник", order_id="v5o_714.0.0")
    assert incoming.message.attachments == (
        Attachment(AttachmentKind.IMAGE, url="https://photos.example/1.webp"),
        Attachment(AttachmentKind.FILE, url="https://video.example/1.mp4"),
    )
    assert (read.chat.settled_through, read.chat.closed) == (None, False)


def test_a_decision_is_told_in_russian_and_settles_the_claim() -> None:
    read = claim(
        status=2, status_ex=10, wb_comment="Ждите курьера", dt_update="2026-11-21T10:00:00.5", archived=True
    )
    decision = read.messages[1].message
    assert decision.text == (
        "Заявка на возврат одобрена. Товар возвращается продавцу.\nОтвет покупателю: Ждите курьера"
    )
    assert (decision.author, decision.origin) == (Author.MARKETPLACE, Origin.AUTOMATIC)
    assert (
        read.chat.settled_through == decision.sent_at == datetime(2026, 11, 21, 7, 0, 0, 500000, tzinfo=UTC)
    )
    assert read.chat.closed


def test_a_new_decision_is_another_message() -> None:
    refused, approved = (claim(status=status).messages[1].message for status in (1, 2))
    assert refused.external_id != approved.external_id
    assert claim(status=77).messages[1].message.text == "Решение по заявке: 77"


@pytest.mark.parametrize("date", [None, "", "вчера", "0001-01-01T00:00:00Z", 7])
def test_without_a_time_there_is_no_message(date: object) -> None:
    for outcome in (
        review_of(make_review(createdDate=date), NOW),
        question_of(make_question(createdDate=date), NOW),
        claim_of(make_claim(dt=date)),
    ):
        assert isinstance(outcome, Unreadable)
        assert outcome.reason.startswith("no usable")


def test_what_cannot_be_read_is_kept_raw_and_its_reason_repeats_no_words() -> None:
    outcome = review_of(make_review(text=["секрет покупателя"]), NOW)
    assert isinstance(outcome, Unreadable)
    assert outcome.reason == "text: string_type"
    assert json.loads(outcome.raw)["text"] == ["секрет покупателя"]
    assert (outcome.channel, outcome.chat_external_id) == ("review", REVIEW_ID)


@pytest.mark.parametrize(
    ("channel", "item"),
    [("review", make_review(answer=SHOWN)), ("question", make_question()), ("claim", make_claim(status=1))],
)
def test_what_was_kept_raw_is_read_again_by_a_version_that_can(channel: str, item: dict[str, Any]) -> None:
    kept = Unreadable(raw=json.dumps(item), reason="of old", channel=channel)
    read = WILDBERRIES.reread(kept)
    assert isinstance(read, tuple)
    assert {incoming.channel for incoming in read} == {channel}
    broken = replace(kept, raw=json.dumps({**item, "id": []}))
    assert WILDBERRIES.reread(broken) == replace(broken, reason="id: string_type")


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=9),
    st.lists(st.none() | st.integers() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


def places(item: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something can be changed, at any depth."""
    found = [path] if path else []
    pairs = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
    return found + [place for key, value in pairs for place in places(value, (*path, key))]


FULL = {
    "review": make_review(answer=SHOWN, photoLinks=[PHOTO], video={"link": "v"}, bables=["цена"]),
    "question": make_question(answer=SHOWN),
    "claim": make_claim(status=2, status_ex=8, wb_comment="да"),
}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FULL)), st.data())
def test_a_mutated_item_is_read_or_kept_and_never_raises(kind: str, data: st.DataObject) -> None:
    item = copy.deepcopy(FULL[kind])
    for path in data.draw(st.lists(st.sampled_from(places(item)), min_size=1, max_size=3)):
        holder: Any = item
        try:
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = data.draw(ODD)
        except (TypeError, KeyError, IndexError):
            continue
    item |= data.draw(st.dictionaries(st.text(max_size=5), ODD, max_size=2))
    readers: dict[str, Any] = {"review": review_of, "question": question_of, "claim": claim_of}
    outcome = readers[kind](item) if kind == "claim" else readers[kind](item, NOW)
    if isinstance(outcome, Unreadable):
        assert "упаковка" not in outcome.reason
        assert isinstance(WILDBERRIES.reread(outcome), tuple | Unreadable)
    else:
        assert all(incoming.message.sent_at.tzinfo is UTC for incoming in outcome.messages)
        assert all(isinstance(incoming.message.text, str) for incoming in outcome.messages)

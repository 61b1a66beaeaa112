"""Whatever Ozon answers: nothing but typed errors comes out, and a spoilt item never costs a sound neighbour."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentiq_core.connectors.base import Memory, NoMemory
from agentiq_core.connectors.listing import Walk
from agentiq_core.connectors.ozon.chats import ChatSource
from agentiq_core.connectors.ozon.questions import QuestionSource
from agentiq_core.connectors.ozon.reviews import ReviewSource
from agentiq_core.connectors.wire import Model, parsed, read
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.messages import FeedPage
from tests.connectors import ozon_answers as made
from tests.connectors.test_ozon_mapping import JSON, spoilt

ANSWERS: dict[str, Any] = {
    made.CHAT_LIST: made.make_chats(made.make_chat(made.FIRST, "first"), made.make_chat(made.FIRST, "last")),
    made.HISTORY: made.make_history(made.make_message(1), made.make_message(0)),
    made.POSTING: {"result": {"status": "delivering"}},
    made.QUESTION: made.make_question(1, answers_count=1),
    made.REVIEWS: made.make_reviews(
        made.make_review(1, comments_amount=1, photos_amount=1), made.make_review(0, comments_amount=1)
    ),
    made.REVIEW: made.make_review(1, comments_amount=1, photos=[{"url": "https://cdn1.ozone.ru/a.jpg"}]),
    made.COMMENTS: {"comments": [made.make_comment(0), made.make_comment(1)], "offset": 2},
    made.QUESTIONS: made.make_questions(
        made.make_question(1, answers_count=1), made.make_question(0, answers_count=1)
    ),
    made.ANSWERS: {"answers": [made.make_answer(0), made.make_answer(1)], "last_id": ""},
}
LISTS: dict[str, tuple[str, dict[str, Any]]] = {
    made.CHAT_LIST: ("chats", made.make_chat(made.FIRST, "between")),
    made.HISTORY: ("messages", made.make_message(7)),
    made.REVIEWS: ("reviews", made.make_review(7, comments_amount=1, photos_amount=1)),
    made.COMMENTS: ("comments", made.make_comment(7)),
    made.QUESTIONS: ("questions", made.make_question(7, answers_count=1)),
    made.ANSWERS: ("answers", made.make_answer(7)),
}
"""The list of each answer, and one more item for it."""
SOURCES: dict[str, Any] = {
    made.CHAT_LIST: ChatSource,
    made.HISTORY: ChatSource,
    made.REVIEWS: ReviewSource,
    made.REVIEW: ReviewSource,
    made.COMMENTS: ReviewSource,
    made.QUESTIONS: QuestionSource,
    made.ANSWERS: QuestionSource,
}


class Canned:
    """A line whose answers are given beforehand, read as those of the live one."""

    memory: Memory = NoMemory()

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers

    def clock(self) -> datetime:
        return made.NOW

    async def ask(self, method: str, model: type[Model], **body: Any) -> tuple[Model, None]:
        return read(model, json.dumps(self.answers[method]).encode()), None

    async def ask_item(self, method: str, **body: Any) -> object:
        return parsed(json.dumps(self.answers[method]).encode())


def walked(path: str, answer: Any) -> list[FeedPage]:
    """The pages of a poll in which one path answers so."""
    line: Any = Canned({**ANSWERS, path: answer})
    source = SOURCES[path](line, 1000) if SOURCES[path] is ChatSource else SOURCES[path](line)

    async def poll() -> list[FeedPage]:
        walk, pages, cursor = Walk(source, NoMemory(), clock=lambda: made.NOW), [], None
        for _ in range(40):
            pages.append(await walk.page(cursor))
            cursor = pages[-1].cursor
            if pages[-1].complete:
                break
        return pages

    return asyncio.run(poll())


def ids(pages: list[FeedPage]) -> set[tuple[str, str]]:
    return {(item.chat_external_id, item.message.external_id) for page in pages for item in page.messages}


@pytest.mark.parametrize("path", SOURCES)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_spoilt_answer_raises_typed_errors_only(path: str, data: st.DataObject) -> None:
    with suppress(MarketplaceError):
        walked(path, data.draw(spoilt(ANSWERS[path]) | JSON))


@pytest.mark.parametrize("path", LISTS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_spoilt_item_costs_no_neighbour(path: str, data: st.DataObject) -> None:
    answer, (name, another) = ANSWERS[path], LISTS[path]
    first, last = answer[name]
    between = data.draw(spoilt(another) | JSON)
    assert ids(walked(path, answer)) <= ids(walked(path, {**answer, name: [first, between, last]}))


def test_what_cannot_be_read_is_kept_with_its_words_out_of_the_reason() -> None:
    broken = made.make_message(2, "Мой адрес: Лесная, 5", created_at=None)
    answer = {**ANSWERS[made.HISTORY], "messages": [made.make_message(1), broken]}
    kept = [item for page in walked(made.HISTORY, answer) for item in page.unreadable]
    assert {item.chat_external_id for item in kept} == {"first", "last"}
    assert all("Лесная" in item.raw and "Лесная" not in item.reason for item in kept)

"""Whatever becomes of a payload, only typed errors come of it, and a sound neighbour is always read."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentiq_core.connectors.base import Connector, Credentials
from agentiq_core.connectors.http import Answer
from agentiq_core.connectors.registry import marketplace
from agentiq_core.connectors.wire import read
from agentiq_core.connectors.yandex_market import wire
from agentiq_core.connectors.yandex_market.answers import failure
from agentiq_core.connectors.yandex_market.chats import YandexChats
from agentiq_core.connectors.yandex_market.questions import YandexQuestions
from agentiq_core.connectors.yandex_market.reviews import YandexReviews
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.messages import FeedPage, IncomingMessage, Unreadable
from tests.connectors.yandex_answers import (
    BUSINESS,
    KEY,
    counted,
    error,
    make_answer,
    make_below,
    make_chat,
    make_comment,
    make_history,
    make_message,
    make_question,
    make_review,
    paged,
)
from tests.connectors.yandex_lines import YandexLines

JUNK = st.sampled_from(
    [None, True, "true", 0, -1, 1.5, 10**30, "", " ", "слово", "0001-01-01T00:00:00Z", [], {}, [None], {"a": 1}, "\ud800"]
)  # fmt: skip
MUTATIONS = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from(["drop", "put", "add"]), JUNK), max_size=4
)


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every place of a payload where something could be changed."""
    if isinstance(node, dict):
        return [(node, key) for key in node] + [place for value in node.values() for place in places(value)]
    if isinstance(node, list):
        return [(node, at) for at in range(len(node))] + [place for value in node for place in places(value)]
    return []


def mutated(payload: Any, changes: list[tuple[int, str, Any]]) -> Any:
    """The payload after these changes."""
    payload = copy.deepcopy(payload)
    for at, what, junk in changes:
        found = places(payload)
        if not found:
            break
        holder, key = found[at % len(found)]
        if what == "drop":
            del holder[key]
        elif what == "put":
            holder[key] = copy.deepcopy(junk)
        elif isinstance(holder, dict):
            holder["of tomorrow"] = copy.deepcopy(junk)
    return payload


class Line:
    """Answers requests with prepared payloads, in place of a host: thousands of them in a second."""

    def __init__(self, lines: YandexLines, *answers: Any) -> None:
        self.line = lines.line()
        self._answers = list(answers)
        self.line._api.read = self._read  # type: ignore[method-assign]

    async def _read(self, method: str, *_: Any, **__: Any) -> Answer:
        return Answer(200, {}, json.dumps(self._answers.pop(0)).encode("utf-8", "surrogatepass"))


LISTS: dict[str, tuple[Callable[..., Connector], str, Callable[[], dict[str, Any]], Callable[[], dict[str, Any]], str]] = {
    "chat": (YandexChats, "chats", make_chat, make_message, "messages"),
    "review": (
        YandexReviews,
        "feedbacks",
        lambda: make_review(statistics=counted(1)),
        make_comment,
        "comments",
    ),
    "question": (
        YandexQuestions,
        "questions",
        make_question,
        lambda: make_answer(comments=[make_below()]),
        "answers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("channel", LISTS)
@settings(max_examples=60, deadline=None)
@given(changes=MUTATIONS)
async def test_a_spoilt_list_raises_only_typed_errors(
    channel: str, changes: list[tuple[int, str, Any]]
) -> None:
    make, name, item, _, _ = LISTS[channel]
    told = mutated(paged(name, item(), item(), more="x"), changes)
    await expect_typed(make(Line(YandexLines("http://127.0.0.1:9"), told).line))


@pytest.mark.parametrize("channel", LISTS)
@settings(max_examples=60, deadline=None)
@given(changes=MUTATIONS)
async def test_a_spoilt_history_raises_only_typed_errors(
    channel: str, changes: list[tuple[int, str, Any]]
) -> None:
    make, name, item, below, inner = LISTS[channel]
    told = mutated(paged(inner, below(), more="x"), changes)
    line = make(Line(YandexLines("http://127.0.0.1:9"), paged(name, item()), told).line)
    cursor = (await line.page(None)).cursor
    await expect_typed(line, cursor)


@pytest.mark.parametrize("channel", LISTS)
@settings(max_examples=60, deadline=None)
@given(changes=MUTATIONS)
async def test_a_spoilt_item_costs_no_neighbour(channel: str, changes: list[tuple[int, str, Any]]) -> None:
    make, name, item, below, inner = LISTS[channel]
    sound = {**item(), **_numbered(channel, 99)}
    spoilt = mutated([item()], changes)
    line = make(Line(YandexLines("http://127.0.0.1:9"), paged(name, *spoilt, sound, *spoilt)).line)
    page = await line.page(None)
    assert "99" in {chat.external_id for chat in page.chats}

    history = mutated([below()], changes)
    kept = {**below(), **({"messageId": 98} if channel == "chat" else {"id": 98})}
    answers = (paged(name, item()), paged(inner, *history, kept, *history))
    line = make(Line(YandexLines("http://127.0.0.1:9"), *answers).line)
    page = await line.page((await line.page(None)).cursor)
    assert any(told.message.external_id.endswith("98") for told in page.messages)
    reread = marketplace("yandex-market").reread
    for each in page.unreadable:
        assert isinstance(reread(each), Unreadable | tuple)


@settings(max_examples=60, deadline=None)
@given(changes=MUTATIONS, status=st.integers(300, 599))
def test_a_spoilt_refusal_is_still_typed(changes: list[tuple[int, str, Any]], status: int) -> None:
    body = json.dumps(mutated(error("CODE", f"words and {KEY}"), changes)).encode()
    for method in ("chats", "chats/message", "campaigns", "goods-feedback/comments"):
        refused = failure(method, Answer(status, {}, body), secrets=(KEY,))
        assert isinstance(refused, MarketplaceError)
        assert KEY not in f"{refused} {refused.params}"


@settings(max_examples=60, deadline=None)
@given(
    kept=st.text(),
    chat=st.none() | st.text(),
    message=st.none() | st.text(),
    channel=st.sampled_from(sorted(LISTS)),
)
def test_reading_again_never_raises(kept: str, chat: str | None, message: str | None, channel: str) -> None:
    reread = marketplace("yandex-market").reread
    assert isinstance(reread(Unreadable(kept, "", chat, message, channel)), Unreadable | tuple)


@pytest.mark.parametrize(
    ("channel", "broken", "whole"),
    [
        ("chat", make_message(createdAt=None), make_message()),
        ("review", make_review(createdAt=None), make_review()),
        ("review", make_comment(text=[]), make_comment()),
        ("question", make_question(createdAt=None), make_question()),
        ("question", make_answer(createdAt=None), make_answer()),
    ],
)
async def test_what_was_kept_is_read_as_it_would_be_today(
    channel: str, broken: dict[str, Any], whole: dict[str, Any]
) -> None:
    make, name, item, _, inner = LISTS[channel]
    listed = set(item()) == set(broken)
    answers = (paged(name, broken if listed else item()), paged(inner, broken))
    line = make(Line(YandexLines("http://127.0.0.1:9"), *answers).line)
    page = await line.page(None)
    if not listed:
        page = await line.page(page.cursor)
    (kept,) = page.unreadable
    reread = marketplace("yandex-market").reread
    assert isinstance(reread(kept), Unreadable)
    repaired = Unreadable(
        json.dumps(whole), "", kept.chat_external_id, kept.message_external_id, kept.channel
    )
    told = reread(repaired)
    assert isinstance(told, tuple)
    assert [one.chat_external_id for one in told] == [kept.chat_external_id]
    assert [one.channel for one in told] == [channel]


async def test_every_channel_is_connected_by_the_registry() -> None:
    known = marketplace("yandex-market")
    for channel, (kind, *_) in LISTS.items():
        line = known.connect(Credentials(KEY, account_id=BUSINESS), channel=channel)
        assert isinstance(line, kind)  # type: ignore[arg-type]
        await line.aclose()


async def expect_typed(line: Connector, cursor: str | None = None) -> None:
    """Read a page, or fail as connectors may."""
    try:
        page = await line.page(cursor)
    except MarketplaceError:
        return
    assert isinstance(page, FeedPage)
    assert all(isinstance(item, IncomingMessage) for item in page.messages)


def _numbered(channel: str, number: int) -> dict[str, Any]:
    match channel:
        case "chat":
            return {"chatId": number}
        case "review":
            return {"feedbackId": number}
    return {"questionIdentifiers": {"id": number, "offerId": "SKU-7"}}


def test_the_wire_understands_ids_as_strings_and_numbers() -> None:
    for id in (7, "7"):
        told = read(wire.HistoryAnswer, json.dumps(make_history({"messageId": id})).encode())
        assert wire.ChatMessage.model_validate(told.result.messages[0]).message_id == "7"

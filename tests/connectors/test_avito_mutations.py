"""Whatever Avito's answers turn into, a typed error or a page comes of it, and a spoilt item costs no sound neighbour."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agentiq_core.connectors.avito import AVITO, feedback, wire
from agentiq_core.connectors.avito.answers import failure
from agentiq_core.connectors.avito.histories import Ordered, lines_of, messages_in
from agentiq_core.connectors.avito.key import inspect_key
from agentiq_core.connectors.avito.mapping import message_of
from agentiq_core.connectors.base import Credentials
from agentiq_core.connectors.errors import Unintelligible
from agentiq_core.connectors.http import Answer
from agentiq_core.connectors.wire import read
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.messages import IncomingMessage, Unreadable
from tests.connectors.avito_answers import (
    CHAT,
    NOW,
    OWN,
    make_answer,
    make_chat,
    make_message,
    make_review,
)

BUYERS_WORDS = "секрет покупателя"
EVERYTHING = {
    "text": BUYERS_WORDS,
    "flow_id": None,
    "image": {"sizes": {"10x10": "https://a/1.jpg"}},
    "voice": {"voice_id": "v"},
    "link": {"text": BUYERS_WORDS, "url": "u", "preview": {"title": "t"}},
    "item": {"title": "t", "price_string": "1 ₽", "item_url": "u"},
    "location": {"text": "t", "lat": 1.5, "lon": 2.5},
    "call": {"status": "missed"},
}
KINDS = ("text", "image", "voice", "link", "item", "location", "call", "system", "deleted", "file", "new")
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
quick = settings(max_examples=60, deadline=None)


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for name, one in inner for path in paths(one, (*at, name)))]


@st.composite
def mutated(draw: st.DrawFn, sound: Any) -> Any:
    """The payload with some of its parts dropped, replaced or joined by others."""
    spoilt = copy.deepcopy(sound)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(paths(spoilt)))
        if not path:
            if draw(st.booleans()):
                return draw(junk)
            continue
        *way, last = path
        parent = spoilt
        for step in way:
            parent = parent[step]
        match draw(st.sampled_from(("drop", "replace", "add"))):
            case "drop":
                del parent[last]
            case "replace":
                parent[last] = draw(junk)
            case "add" if isinstance(parent, dict):
                parent[draw(st.text(max_size=6))] = draw(junk)
    return spoilt


@quick
@given(st.sampled_from(KINDS).flatmap(lambda kind: mutated(make_message(1, type=kind, content=EVERYTHING))))
def test_a_message_is_read_or_kept_with_a_reason_that_tells_nothing(item: Any) -> None:
    outcome = message_of(item, CHAT, OWN)
    if isinstance(outcome, Unreadable):
        assert BUYERS_WORDS not in outcome.reason
        assert AVITO.reread(outcome) == outcome
    else:
        assert outcome.message.sent_at.utcoffset() is not None
    Ordered.of([item]).newest_of("")


@quick
@given(mutated(make_chat(last=make_message(1, content=EVERYTHING))))
def test_a_spoilt_line_of_the_list_costs_no_neighbour(item: Any) -> None:
    listed, messages, unreadable = lines_of([make_chat("first"), item, make_chat("last")], OWN)
    assert {"first", "last"} <= {one.chat.external_id for one in listed}
    assert {"first", "last"} <= {one.chat_external_id for one in messages}
    assert len(listed) + len(unreadable) == 3


@quick
@given(
    mutated(
        make_review(
            1, text=BUYERS_WORDS, images=[{"sizes": [{"size": "1x1", "url": "u"}]}], answer=make_answer()
        )
    )
)
def test_a_review_is_read_or_kept_with_a_reason_that_tells_nothing(item: Any) -> None:
    outcome = feedback.review_of(item)
    kept = outcome if isinstance(outcome, Unreadable) else outcome.flawed
    if kept is not None:
        assert BUYERS_WORDS not in kept.reason
        again = AVITO.reread(kept)
        assert not isinstance(again, Unreadable) or again == kept
    if not isinstance(outcome, Unreadable):
        assert all(isinstance(one, IncomingMessage) for one in outcome.messages)


@quick
@given(st.binary(max_size=60) | junk.map(lambda value: json.dumps(value).encode()))
def test_a_body_of_any_kind_is_read_or_unintelligible(body: bytes) -> None:
    for understood in (
        messages_in,
        lambda body: read(wire.Chats, body),
        lambda body: read(wire.Token, body),
        lambda body: read(wire.Sent, body),
        lambda body: read(wire.Account, body),
    ):
        with contextlib.suppress(Unintelligible):
            understood(body)


@quick
@given(
    st.sampled_from(("access", "self", "chats", "messages", "send", "upload", "answer", "item")),
    st.integers(300, 599),
    st.none() | st.binary(max_size=40) | junk.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(("retry-after", "x-ratelimit-limit")), st.text(max_size=8)),
)
def test_every_answer_stands_for_a_typed_error(
    method: str, status: int, body: bytes | None, headers: dict[str, str]
) -> None:
    error = failure(method, Answer(status, headers, body), secrets=("s",))
    assert isinstance(error, MarketplaceError)
    assert len(str(error.params.get("detail", ""))) <= 300


@quick
@given(st.text(max_size=40), st.none() | st.text(max_size=40))
def test_no_key_makes_its_inspection_raise(secret: str, client_id: str | None) -> None:
    report = inspect_key(Credentials(secret, client_id=client_id), NOW)
    assert isinstance(report.usable, bool)

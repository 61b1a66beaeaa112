"""Filters: what somebody types, what is kept, and that one is the other."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.domain.chats import ChatStatus, Priority
from agentiq_core.domain.errors import BadFilter
from agentiq_core.domain.filters import EVERYTHING, Names, QueueFilter, Whose, parsed, typed_words
from agentiq_core.domain.messages import Channel

NAMES = Names(
    marketplaces={"wb": "wildberries", "ozon": "ozon", "chat": "a-marketplace-called-chat"},
    people={"anna": 7, "me": 8, "12": 9},
)
words = st.from_regex(r"[a-z][a-z0-9_-]{0,39}", fullmatch=True)
filters = st.builds(
    QueueFilter,
    marketplace=st.none() | words | st.sampled_from(sorted(NAMES.marketplaces.values())),
    seller=st.none() | st.integers(1, 10**18 - 1),
    channel=st.none() | words | st.sampled_from(["chat", "review", "question", "claim"]),
    status=st.none() | st.sampled_from(ChatStatus),
    priority=st.none() | st.sampled_from(Priority),
    assignee=st.none() | st.sampled_from(Whose) | st.integers(1, 10**18 - 1) | st.sampled_from([7, 8]),
    tag=st.none() | st.from_regex(r"[^\s#@,]{1,40}", fullmatch=True),
    stars=st.none()
    | st.tuples(st.integers(1, 5), st.integers(1, 5)).map(lambda pair: (min(pair), max(pair))),
    snoozed=st.none() | st.booleans(),
    unread=st.none() | st.booleans(),
)


@given(filters)
def test_what_is_printed_is_read_back(narrowed: QueueFilter) -> None:
    assert parsed(str(narrowed)) == narrowed


@given(filters.filter(lambda one: one.assignee not in (9, 12)))
def test_what_is_printed_with_names_is_read_back_with_them(narrowed: QueueFilter) -> None:
    assert parsed(narrowed.text(NAMES), NAMES) == narrowed


@given(filters)
def test_what_is_kept_is_read_back_and_is_always_the_same(narrowed: QueueFilter) -> None:
    kept = json.dumps(narrowed.to_json())
    assert QueueFilter.from_json(json.loads(kept)) == narrowed
    assert json.dumps(QueueFilter.from_json(json.loads(kept)).to_json()) == kept


def test_an_operator_types_it_in_one_short_line() -> None:
    typed = parsed("wb ★1-3 @me #брак", NAMES)
    assert typed == QueueFilter(marketplace="wildberries", stars=(1, 3), assignee=Whose.ME, tag="брак")
    assert typed.text(NAMES) == "wb ★1-3 @me #брак"
    assert parsed("WB *5 @никто отзывы !срочно -отложено", NAMES) == QueueFilter(
        marketplace="wildberries",
        stars=(5, 5),
        assignee=Whose.NOBODY,
        channel="review",
        priority=Priority.URGENT,
        snoozed=False,
    )
    assert parsed("@anna", NAMES).assignee == 7


def test_nothing_typed_narrows_nothing() -> None:
    assert parsed("  ") == EVERYTHING
    assert not EVERYTHING
    assert QueueFilter(unread=False)


@pytest.mark.parametrize(
    "word", ["ерунда", "★6", "★3-1", "#", "#два,три", "@nobodyknows", "!!", "seller:x", "★"]
)
def test_a_word_that_means_nothing_is_named(word: str) -> None:
    with pytest.raises(BadFilter) as refused:
        parsed(f"wb {word}", NAMES)
    assert refused.value.params["word"] in (word, "★")


@pytest.mark.parametrize(
    "kept",
    [{"stars": 3}, {"status": "x"}, {"priority": 9}, {"colour": "red"}, {"assignee": "x"}, {"tag": ["a"]}],
)
def test_what_another_version_kept_is_refused_and_not_guessed(kept: dict[str, object]) -> None:
    with pytest.raises(BadFilter):
        QueueFilter.from_json(kept)


@pytest.mark.parametrize(
    "value", [*Channel, *Priority, Whose.ME, Whose.NOBODY, ChatStatus.WAITING, "unread", "snoozed"]
)
def test_every_word_that_is_offered_for_a_value_means_it(value: object) -> None:
    plain = value.value if isinstance(value, Channel) else value
    words = typed_words(plain)
    assert words
    for word in words:
        (meant,) = (kept for kept in parsed(word).to_json().items())
        assert meant in {(name, found) for name, found in meanings(value)}, word


def meanings(value: object) -> set[tuple[str, object]]:
    """What a filter made of one word for this value holds."""
    match value:
        case Channel() | ChatStatus() | Whose():
            name = {Channel: "channel", ChatStatus: "status", Whose: "assignee"}[type(value)]
            return {(name, value.value)}
        case Priority():
            return {("priority", value.name.lower())}
    return {(str(value), True)}

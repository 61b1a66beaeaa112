"""Where a conversation stands follows from its messages alone."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.domain.chats import ChatStatus, Priority, Queue, derive, facts_of, queue_of
from agentiq_core.domain.messages import Author, Message, Origin
from agentiq_core.domain.outbox import COUNTS_AS_ANSWER, IN_FLIGHT, TRANSITIONS, OutboxState

START = datetime(2026, 11, 2, tzinfo=UTC)
SPEAKERS = {
    "buyer": (Author.BUYER, Origin.BUYER),
    "api": (Author.SELLER, Origin.API),
    "cabinet": (Author.SELLER, Origin.CABINET),
    "auto": (Author.SELLER, Origin.AUTOMATIC),
    "marketplace": (Author.MARKETPLACE, Origin.AUTOMATIC),
}


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def said(*speakers: str) -> list[Message]:
    """One message a minute, by these speakers in turn."""
    return [
        Message(f"m{minute:02}", *SPEAKERS[speaker], at(minute)) for minute, speaker in enumerate(speakers)
    ]


histories = st.lists(st.sampled_from(sorted(SPEAKERS)), max_size=10).map(lambda speakers: said(*speakers))


def status(*speakers: str, closed: int | None = None) -> ChatStatus:
    return derive(facts_of(said(*speakers), None if closed is None else at(closed))).status


def test_the_statuses_are_those_of_the_plan() -> None:
    assert status() is ChatStatus.AUTO_RESPONSE
    assert status("auto", "marketplace") is ChatStatus.AUTO_RESPONSE
    assert status("buyer") is ChatStatus.WAITING
    assert status("buyer", "auto") is ChatStatus.WAITING
    assert status("buyer", "api") is ChatStatus.RESPONDED
    assert status("buyer", "cabinet") is ChatStatus.RESPONDED
    assert status("api") is ChatStatus.RESPONDED
    assert status("buyer", "api", "buyer") is ChatStatus.CLIENT_REPLIED
    assert status("buyer", closed=0) is ChatStatus.CLOSED
    assert status("buyer", "buyer", closed=0) is ChatStatus.WAITING
    assert status("buyer", "api", closed=1) is ChatStatus.RESPONDED
    assert status("buyer", "api", "buyer", closed=2) is ChatStatus.CLOSED
    assert status("buyer", "api", "buyer", "buyer", closed=2) is ChatStatus.CLIENT_REPLIED


@given(histories, st.none() | st.integers(-1, 10), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(
    messages: list[Message], closed: int | None, chance: random.Random
) -> None:
    through = None if closed is None else at(closed)
    shuffled = list(messages)
    chance.shuffle(shuffled)
    assert facts_of(shuffled, through) == facts_of(messages, through)


@given(histories, st.none() | st.integers(-1, 10))
def test_a_reply_is_needed_exactly_when_somebody_waits(messages: list[Message], closed: int | None) -> None:
    state = derive(facts_of(messages, None if closed is None else at(closed)))
    assert state.needs_reply == (state.status in (ChatStatus.WAITING, ChatStatus.CLIENT_REPLIED))
    assert state.needs_reply == (state.waiting_since is not None) == (state.episode is not None)
    for priority in Priority:
        queue = queue_of(state, priority)
        assert (queue is not None) == state.needs_reply
        assert (queue is Queue.WORK) == (state.needs_reply and priority is Priority.URGENT)


@given(histories)
def test_automatic_messages_neither_start_nor_stop_a_clock(messages: list[Message]) -> None:
    people = [message for message in messages if message.origin is not Origin.AUTOMATIC]
    assert derive(facts_of(messages)) == derive(facts_of(people))


@given(histories)
def test_a_buyers_second_message_keeps_the_clock_and_an_answer_stops_it(messages: list[Message]) -> None:
    state = derive(facts_of(messages))
    again = Message("z1", *SPEAKERS["buyer"], at(60))
    after = derive(facts_of([*messages, again]))
    assert after.needs_reply
    assert after.waiting_since == (state.waiting_since or again.sent_at)
    answered = derive(facts_of([*messages, again, Message("z2", *SPEAKERS["cabinet"], at(61))]))
    assert answered.status is ChatStatus.RESPONDED


def test_a_reply_is_over_where_no_move_leads_on() -> None:
    assert {state for state, moves in TRANSITIONS.items() if not moves} == {OutboxState.CONFIRMED}
    assert set(TRANSITIONS) == set(OutboxState)
    assert not IN_FLIGHT & COUNTS_AS_ANSWER
    assert OutboxState.QUEUED not in TRANSITIONS[OutboxState.UNKNOWN], "never sent again by itself"
    assert all(
        OutboxState.SENDING not in moves
        for state, moves in TRANSITIONS.items()
        if state is not OutboxState.QUEUED
    )

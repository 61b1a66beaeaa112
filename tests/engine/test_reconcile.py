"""Joining echoes to replies: a pure rule, tried on every history that hypothesis can think of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.text import folded
from agentiq_core.engine.reconcile import AFTER, BEFORE, SAME_MOMENT, pair
from agentiq_core.store.echoes import Awaiting, Echo

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
TEXTS = ("Здравствуйте!", " Здравствуйте! ", "Ваш заказ в пути", "Ваш\nзаказ  в пути")

moments = st.integers(0, 900).map(lambda seconds: START + timedelta(seconds=seconds))
replies = st.lists(
    st.builds(
        Awaiting,
        id=st.integers(1, 10_000),
        chat_id=st.integers(1, 2),
        state=st.sampled_from(
            [OutboxState.SENDING, OutboxState.SENT, OutboxState.UNKNOWN, OutboxState.CANCELLED]
        ),
        body=st.sampled_from(TEXTS),
        is_file=st.booleans(),
        attempted_at=moments,
        accepted_at=st.none() | moments,
        reference=st.none() | st.sampled_from(["e1", "e2"]),
    ),
    max_size=7,
    unique_by=lambda reply: reply.id,
)
echoes = st.lists(
    st.builds(
        Echo,
        chat_id=st.integers(1, 2),
        external_id=st.integers(1, 40).map(lambda number: f"e{number}"),
        sent_at=moments,
        body=st.sampled_from(TEXTS),
        has_files=st.booleans(),
    ),
    max_size=7,
    unique_by=lambda echo: echo.external_id,
)


def reply(
    number: int = 1,
    *,
    body: str = "Здравствуйте!",
    at: float = 0,
    accepted: float | None = None,
    chat: int = 1,
    state: OutboxState = OutboxState.UNKNOWN,
) -> Awaiting:
    """A reply attempted `at` seconds after the start, `accepted` at another second by the marketplace's clock."""
    return Awaiting(
        id=number,
        chat_id=chat,
        state=state,
        body=body,
        is_file=False,
        attempted_at=START + timedelta(seconds=at),
        accepted_at=None if accepted is None else START + timedelta(seconds=accepted),
        reference=None,
    )


def echo(name: str = "e1", *, body: str = "Здравствуйте!", at: float = 0, chat: int = 1) -> Echo:
    """A message read back, `at` seconds after the start."""
    return Echo(chat, name, START + timedelta(seconds=at), body, False)


def joined(replies: list[Awaiting], echoes: list[Echo]) -> dict[int, str]:
    return {reply.id: echo.external_id for reply, echo in pair(replies, echoes)}


@given(replies, echoes)
def test_an_echo_joins_at_most_one_reply_and_a_reply_at_most_one_echo(
    awaiting: list[Awaiting], read: list[Echo]
) -> None:
    pairs = pair(awaiting, read)
    assert len({reply.id for reply, _ in pairs}) == len(pairs)
    assert len({echo.external_id for _, echo in pairs}) == len(pairs)


@given(replies, echoes)
def test_what_is_joined_is_of_one_chat_and_one_time(awaiting: list[Awaiting], read: list[Echo]) -> None:
    for reply, echo in pair(awaiting, read):
        assert reply.chat_id == echo.chat_id
        if reply.reference == echo.external_id:
            continue
        if not reply.is_file:
            assert folded(reply.body) == folded(echo.body)
        if reply.accepted_at is not None:
            assert abs(echo.sent_at - reply.accepted_at) <= SAME_MOMENT
        else:
            assert reply.attempted_at - BEFORE <= echo.sent_at <= reply.attempted_at + AFTER


@given(replies, echoes, st.randoms())
def test_the_order_of_reading_changes_nothing(awaiting: list[Awaiting], read: list[Echo], random) -> None:  # type: ignore[no-untyped-def]
    before = [(reply.id, echo.external_id) for reply, echo in pair(awaiting, read)]
    random.shuffle(awaiting)
    random.shuffle(read)
    assert [(reply.id, echo.external_id) for reply, echo in pair(awaiting, read)] == before


@given(st.lists(st.floats(0, 200), min_size=1, max_size=6, unique=True), st.integers(0, 6))
def test_identical_texts_pair_up_oldest_first(times: list[float], arrived: int) -> None:
    sent = [reply(number, at=at) for number, at in enumerate(sorted(times), start=1)]
    read = [echo(f"e{number}", at=at) for number, at in enumerate(sorted(times)[:arrived], start=1)]
    assert joined(sent, read) == {number: f"e{number}" for number in range(1, min(arrived, len(times)) + 1)}


def test_the_marketplaces_own_time_decides_between_candidates() -> None:
    late, early = reply(1, at=0), reply(2, at=40, accepted=41)
    assert joined([late, early], [echo("e1", at=41)]) == {2: "e1"}
    assert joined([late, early], [echo("e0", at=1), echo("e1", at=41)]) == {1: "e0", 2: "e1"}


def test_a_reply_whose_time_is_known_never_takes_the_echo_of_another_moment() -> None:
    assert joined([reply(at=0, accepted=1)], [echo(at=3.1)]) == {}
    assert joined([reply(at=0, accepted=1)], [echo(at=3.0)]) == {1: "e1"}


def test_the_window_is_five_seconds_before_to_five_minutes_after() -> None:
    for at, fits in ((-5.1, False), (-5, True), (300, True), (300.1, False)):
        assert bool(pair([reply()], [echo(at=at)])) is fits


def test_another_chat_and_another_text_are_never_ours() -> None:
    assert joined([reply()], [echo(chat=2), echo("e2", body="Добрый день!")]) == {}


def test_white_space_and_composition_make_no_difference() -> None:
    assert joined([reply(body="Ваш заказ\u00a0 и\u0306дёт")], [echo(body="Ваш заказ йдёт\n")]) == {1: "e1"}


def test_what_was_sent_again_takes_the_echo_and_not_the_attempt_that_was_given_up() -> None:
    given_up, again = reply(1, at=0, state=OutboxState.CANCELLED), reply(2, at=60)
    assert joined([given_up, again], [echo("e1", at=61)]) == {2: "e1"}
    assert joined([given_up, again], [echo("e1", at=1)]) == {1: "e1"}
    assert joined([given_up, again], [echo("e1", at=1), echo("e2", at=61)]) == {1: "e1", 2: "e2"}

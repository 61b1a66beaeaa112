"""The clock: starts at the oldest unanswered message, is never restarted, and stretches outside working hours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.domain.chats import Priority
from agentiq_core.domain.errors import Misconfigured
from agentiq_core.sla.calendar import Calendar
from agentiq_core.sla.deadline import ALWAYS_OPEN, OFF_HOURS, Hours, decide, escalate
from agentiq_core.sla.hours import parse_week
from agentiq_core.sla.rules import DEFAULT_RULES

ZONE = "Europe/Moscow"
NOON = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""Noon in Moscow."""
NIGHT = datetime(2026, 3, 2, 20, tzinfo=UTC)
"""23:00 in Moscow."""

WORDS = st.sampled_from(
    ["здравствуйте", "где мой заказ", "хочу вернуть", "спасибо", "кружка с трещиной", "какой размер"]
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
MESSAGES = st.lists(st.tuples(MOMENTS, WORDS), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("text", "minutes"), [("хочу вернуть", 30), ("где мой заказ", 120), ("какой размер взять", 24 * 60)]
)
def test_each_trigger_has_its_time(text: str, minutes: int) -> None:
    assert decide([(NOON, text)], DEFAULT_RULES, ZONE).due_at == NOON + timedelta(minutes=minutes)


def test_a_later_message_raises_the_priority_and_keeps_the_start() -> None:
    texts = [(NOON, "какой размер?"), (NOON + timedelta(hours=3), "пришёл бракованный")]
    decision = decide(texts, DEFAULT_RULES, ZONE)
    assert decision.priority is Priority.URGENT
    assert decision.rule == "брак"
    assert decision.due_at == NOON + timedelta(minutes=30)


def test_a_later_mild_message_changes_nothing() -> None:
    first = [(NOON, "верните деньги")]
    alone = decide(first, DEFAULT_RULES, ZONE)
    both = decide([*first, (NOON + timedelta(hours=1), "спасибо")], DEFAULT_RULES, ZONE)
    assert (both.due_at, both.priority) == (alone.due_at, alone.priority)


@pytest.mark.parametrize(
    ("text", "priority", "minutes"),
    [
        ("какой размер взять", Priority.HIGH, 36 * 60),
        ("где мой заказ", Priority.URGENT, 180),
        ("хочу вернуть", Priority.URGENT, 45),
    ],
)
def test_outside_working_hours_is_one_level_up_and_half_as_long_again(
    text: str, priority: Priority, minutes: int
) -> None:
    decision = decide([(NIGHT, text)], DEFAULT_RULES, ZONE)
    assert (decision.priority, decision.off_hours) == (priority, True)
    assert decision.due_at == NIGHT + timedelta(minutes=minutes)


def test_whether_it_is_outside_hours_is_decided_on_the_oldest_message_in_the_sellers_zone() -> None:
    assert decide([(NOON, "хочу вернуть"), (NIGHT, "ау")], DEFAULT_RULES, ZONE).off_hours is False
    assert decide([(NOON, "хочу вернуть")], DEFAULT_RULES, "Asia/Vladivostok").off_hours is False
    assert decide([(NIGHT - timedelta(hours=3), "хочу")], DEFAULT_RULES, "Asia/Vladivostok").off_hours is True


@pytest.mark.parametrize(
    ("clock", "outside"),
    [(time(21, 59), False), (time(22), True), (time(0), True), (time(8, 59), True), (time(9), False)],
)
def test_off_hours_begin_at_ten_and_end_at_nine(clock: time, outside: bool) -> None:
    assert OFF_HOURS.covers(clock) is outside


def test_hours_may_have_several_spans() -> None:
    lunch_and_night = Hours(((time(13), time(14)), (time(20), time(8))))
    assert [lunch_and_night.covers(time(hour)) for hour in (7, 8, 13, 14, 20)] == [
        True,
        False,
        True,
        False,
        True,
    ]


def test_why_names_every_rule_with_the_buyers_words() -> None:
    decision = decide([(NOON, "Где мой заказ? Верните деньги!")], DEFAULT_RULES, ZONE)
    assert dict(decision.why) == {"возврат": ("Верните",), "где заказ": ("Где", "мой")}


def test_a_deadline_without_messages_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one"):
        decide([], DEFAULT_RULES, ZONE)


def test_an_unknown_zone_is_said_plainly() -> None:
    with pytest.raises(Misconfigured, match="time zone"):
        decide([(NOON, "привет")], DEFAULT_RULES, "Europe/Nowhere")


def test_rules_that_leave_a_message_out_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no rule matches"):
        decide([(NOON, "привет")], DEFAULT_RULES[:1], ZONE)


@given(MESSAGES, st.randoms())
def test_the_order_of_arrival_does_not_matter(texts: list[tuple[datetime, str]], chance: object) -> None:
    shuffled = list(texts)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide(texts, DEFAULT_RULES, ZONE) == decide(shuffled, DEFAULT_RULES, ZONE)


@given(MESSAGES, WORDS, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_another_message_never_moves_the_deadline_away_nor_lowers_the_priority(
    texts: list[tuple[datetime, str]], word: str, after: timedelta
) -> None:
    before = decide(texts, DEFAULT_RULES, ZONE)
    oldest = min(texts)[0]
    more = decide([*texts, (oldest + after, word)], DEFAULT_RULES, ZONE)
    assert more.due_at <= before.due_at
    assert more.priority >= before.priority


@given(MESSAGES, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_a_later_start_is_a_later_deadline(texts: list[tuple[datetime, str]], shift: timedelta) -> None:
    moved = [(moment + shift, text) for moment, text in texts]
    earlier = decide(texts, DEFAULT_RULES, ZONE, ALWAYS_OPEN)
    later = decide(moved, DEFAULT_RULES, ZONE, ALWAYS_OPEN)
    assert later.due_at - earlier.due_at == shift


def test_a_calendar_counts_working_minutes_and_neither_raises_nor_stretches() -> None:
    office = Calendar("Europe/Moscow", parse_week("mon-fri 10:00-18:00"))
    decision = decide([(NIGHT, "хочу вернуть")], DEFAULT_RULES, "Asia/Vladivostok", calendar=office)
    assert (decision.priority, decision.off_hours) == (Priority.URGENT, True)
    assert decision.due_at == NIGHT + timedelta(hours=11, minutes=30)
    usual = decide([(NIGHT, "какой размер взять")], DEFAULT_RULES, ZONE, calendar=office)
    assert (usual.priority, usual.due_at) == (Priority.NORMAL, NIGHT + timedelta(days=2, hours=19))


def test_without_a_calendar_the_clock_stands_in_pauses_too() -> None:
    pause = (NIGHT + timedelta(minutes=10), NIGHT + timedelta(hours=8))
    decision = decide([(NIGHT, "хочу вернуть")], DEFAULT_RULES, ZONE, pauses=[pause])
    assert (decision.off_hours, decision.due_at) == (True, NIGHT + timedelta(hours=8, minutes=35))


@pytest.mark.parametrize(
    ("minutes_left", "priority"),
    [(31, Priority.NORMAL), (30, Priority.URGENT), (0, Priority.URGENT), (-90, Priority.URGENT)],
)
def test_half_an_hour_before_the_deadline_a_chat_becomes_urgent(
    minutes_left: int, priority: Priority
) -> None:
    assert escalate(NOON + timedelta(minutes=minutes_left), NOON, Priority.NORMAL) is priority


def test_a_chat_without_a_deadline_keeps_its_priority() -> None:
    assert escalate(None, NOON, Priority.HIGH) is Priority.HIGH

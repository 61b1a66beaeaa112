"""What other desks got wrong about deadlines, each as a test of this one. Nothing merges conversations here: what they do with
a merged one is held for conversations that are about one order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agentiq_core.domain.chats import ChatStatus, Priority, Queue
from agentiq_core.domain.views import ChatRef, Conversation
from agentiq_core.engine import deadlines
from agentiq_core.engine.replies import no_reply_needed
from agentiq_core.engine.snooze import snooze
from agentiq_core.engine.sweep import escalate
from agentiq_core.sla.calendar import ALWAYS, Calendar
from agentiq_core.sla.deadline import Terms
from agentiq_core.sla.hours import parse_day, parse_week
from agentiq_core.sla.rules import DEFAULT_RULES
from tests.scene import ANSWER, Scene

QUESTION = "Здравствуйте! Подскажите, есть ли размер больше?"
URGENT = "Верните деньги, пожалуйста"
MOSCOW = ZoneInfo("Europe/Moscow")
HOUR = timedelta(hours=1)


def calendar(hours: str, *own: str, holidays: str | None = None) -> Calendar:
    return Calendar("Europe/Moscow", parse_week(hours), holidays, tuple(parse_day(day) for day in own))


def due(asked: datetime, by: Calendar, text: str = URGENT) -> datetime:
    return Terms(DEFAULT_RULES, "Europe/Moscow", by).decide([(asked, text)]).due_at


async def asked(scene: Scene, *texts: str) -> tuple[ChatRef, Conversation]:
    """A conversation that is counted around the clock, whatever hour it is."""
    await deadlines.set_calendar(scene.engine, scene.dispatch, scene.seller_id, ALWAYS)
    ref = await scene.chat(*(texts or (QUESTION,)))
    return ref, await scene.conversation(ref)


async def escalated_at(scene: Scene, moment: datetime) -> tuple[int, int]:
    return await escalate(replace(scene.engine, clock=lambda: moment))


@pytest.mark.parametrize("where", ["here", "in the cabinet"])
async def test_an_answered_conversation_does_not_escalate(where: str, scene: Scene) -> None:
    ref, waiting = await asked(scene)
    if where == "here":
        await scene.reply(ref, ANSWER)
        await scene.deliver(ref)
    else:
        scene.types_in_cabinet(ref, ANSWER)
        await scene.pulled()
    assert waiting.due_at is not None
    for moment in (waiting.due_at - HOUR / 4, waiting.due_at + HOUR, waiting.due_at + 100 * HOUR):
        assert await escalated_at(scene, moment) == (0, 0)
    answered = await scene.conversation(ref)
    assert (answered.priority, answered.due_at) == (Priority.NORMAL, None)


async def test_an_old_deadline_does_not_outlive_its_rule(scene: Scene) -> None:
    ref, waiting = await asked(scene)
    rules = (await deadlines.terms(scene.engine, scene.seller_id)).rules
    slower = tuple(replace(rule, minutes=rule.minutes * 3) for rule in rules)
    await deadlines.set_rules(scene.engine, scene.dispatch, scene.seller_id, slower)
    assert waiting.due_at is not None
    assert await escalated_at(scene, waiting.due_at + HOUR) == (0, 0)
    counted = await scene.conversation(ref)
    assert waiting.waiting_since is not None
    assert counted.due_at == waiting.waiting_since + 72 * HOUR


async def test_a_second_message_does_not_restart_the_clock(scene: Scene) -> None:
    ref, waiting = await asked(scene)
    scene.buyer_says(ref, "Подскажите, пожалуйста!")
    await scene.pulled()
    again = await scene.conversation(ref)
    assert (again.waiting_since, again.due_at) == (waiting.waiting_since, waiting.due_at)


def test_lunch_counts_for_nobody() -> None:
    office = calendar("mon-fri 09:00-13:00,14:00-18:00")
    before_lunch = datetime(2026, 11, 24, 12, 45, tzinfo=MOSCOW)
    assert due(before_lunch, office) == datetime(2026, 11, 24, 14, 15, tzinfo=MOSCOW)
    at_lunch = datetime(2026, 11, 24, 13, 20, tzinfo=MOSCOW)
    assert due(at_lunch, office) == datetime(2026, 11, 24, 14, 30, tzinfo=MOSCOW)


def test_a_shift_goes_on_past_midnight() -> None:
    night = calendar("mon-fri 18:00-02:00")
    late = datetime(2026, 11, 24, 23, 50, tzinfo=MOSCOW)
    assert due(late, night) == datetime(2026, 11, 25, 0, 20, tzinfo=MOSCOW)
    # the shift of Friday ends on a Saturday that is not worked
    friday = datetime(2026, 11, 28, 1, 45, tzinfo=MOSCOW)
    assert due(friday, night) == datetime(2026, 11, 30, 18, 15, tzinfo=MOSCOW)


def test_a_holiday_is_passed_over_unless_the_seller_works_on_it() -> None:
    eve = datetime(2026, 11, 3, 17, 45, tzinfo=MOSCOW)
    hours = "mon-fri 09:00-18:00"
    assert due(eve, calendar(hours, holidays="RU")) == datetime(2026, 11, 5, 9, 15, tzinfo=MOSCOW)
    works = calendar(hours, "2026-11-04 12:00-14:00", holidays="RU")
    assert due(eve, works) == datetime(2026, 11, 4, 12, 15, tzinfo=MOSCOW)
    assert due(eve, calendar(hours)) == datetime(2026, 11, 4, 9, 15, tzinfo=MOSCOW)


@pytest.mark.parametrize("how", ["a person", "the marketplace", "its limit"])
async def test_a_closed_conversation_does_not_escalate(how: str, scene: Scene) -> None:
    ref, waiting = await asked(scene)
    assert waiting.due_at is not None
    match how:
        case "a person":
            await no_reply_needed(scene.engine, ref)
        case "the marketplace":
            await scene.sql("update chats set shut = true")
            await deadlines.recount(scene.engine, scene.seller_id)
        case _:
            await scene.sql("update chats set closes_hard = true, closes_at = :at", at=waiting.due_at - HOUR)
            assert await escalated_at(scene, waiting.due_at - HOUR) == (0, 0)
    assert await escalated_at(scene, waiting.due_at + HOUR) == (0, 0)
    closed = await scene.conversation(ref)
    assert (closed.status, closed.due_at) == (ChatStatus.CLOSED, None)
    assert (await scene.overview()).counts[Queue.WORK] == 0


async def test_an_answer_to_one_of_two_conversations_of_an_order_leaves_the_others_clock(
    scene: Scene,
) -> None:
    ref, waiting = await asked(scene)
    other = await scene.chat(URGENT)
    await scene.sql("update chats set order_id = 'one'")
    await scene.reply(other, ANSWER)
    await scene.deliver(other)
    assert waiting.due_at is not None
    assert await escalated_at(scene, waiting.due_at - HOUR / 4) == (1, 0)
    assert (await scene.conversation(other)).due_at is None
    assert (await scene.conversation(ref)).due_at == waiting.due_at


async def test_another_priority_does_not_forget_a_pause(scene: Scene) -> None:
    ref, waiting = await asked(scene)
    since = waiting.waiting_since
    assert since is not None
    put_off = replace(scene.engine, clock=lambda: since + HOUR / 6)
    await snooze(put_off, ref, since + 3 * HOUR + HOUR / 6)
    assert await escalated_at(scene, since + 4 * HOUR) == (0, 0)
    rules = (await deadlines.terms(scene.engine, scene.seller_id)).rules
    harsher = tuple(
        replace(rule, priority=max(rule.priority, Priority.HIGH), minutes=min(rule.minutes, 60))
        for rule in rules
    )
    await deadlines.set_rules(put_off, scene.dispatch, scene.seller_id, harsher)
    counted = await scene.conversation(ref)
    assert (counted.priority, counted.due_at) == (Priority.HIGH, since + 4 * HOUR)
    scene.buyer_says(ref, "Товар пришёл сломанный, верните деньги")
    await scene.pulled()
    again = await scene.conversation(ref)
    assert (again.priority, again.due_at) == (Priority.URGENT, since + 3 * HOUR + HOUR / 2)

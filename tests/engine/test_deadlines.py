"""What deadlines are counted by may change: open conversations are counted anew from their original moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from agentiq_core.domain.chats import Priority
from agentiq_core.domain.errors import Misconfigured, NotFound, NoWorkingHours, Rejected
from agentiq_core.engine import deadlines
from agentiq_core.engine.snooze import snooze
from agentiq_core.engine.sweep import escalate
from agentiq_core.sla.calendar import ALWAYS, Calendar, after
from agentiq_core.sla.deadline import Terms
from agentiq_core.sla.hours import parse_week
from agentiq_core.sla.rules import SlaRule
from tests.scene import ANSWER, Scene

QUESTION = "Здравствуйте! Подскажите, есть ли размер больше?"
OFFICE = Calendar(
    "Asia/Yekaterinburg", parse_week("mon-fri 09:00-13:00,14:00-18:00; sat 22:00-02:00"), holidays="RU"
)


OWN = ((date(2026, 12, 31), ((540, 780),)), (date(2027, 1, 5), ()), (date(2027, 2, 22), None))


async def open_terms(scene: Scene) -> Terms:
    return await deadlines.terms(scene.engine, scene.seller_id)


async def test_a_calendar_is_kept_as_it_was_given_and_may_be_taken_away(scene: Scene) -> None:
    assert (await open_terms(scene)).calendar is None
    for calendar in (OFFICE, replace(OFFICE, holidays=None, days=OWN), ALWAYS):
        await deadlines.set_calendar(scene.engine, scene.dispatch, scene.seller_id, calendar)
        assert (await open_terms(scene)).calendar == calendar
    await deadlines.set_calendar(scene.engine, scene.dispatch, scene.seller_id, None)
    assert (await open_terms(scene)).calendar is None


async def test_a_calendar_counts_open_conversations_anew_from_their_beginning(scene: Scene) -> None:
    ref = await scene.chat(QUESTION)
    answered = await scene.chat(QUESTION)
    scene.types_in_cabinet(answered, ANSWER)
    await scene.pulled()
    before = await scene.conversation(ref)
    assert await deadlines.set_calendar(scene.engine, scene.dispatch, scene.seller_id, OFFICE) == 1
    counted = await scene.conversation(ref)
    assert counted.waiting_since == before.waiting_since
    assert counted.waiting_since is not None
    assert counted.due_at == after(OFFICE, counted.waiting_since, timedelta(hours=24))
    assert (await scene.conversation(answered)).due_at is None
    await deadlines.set_calendar(scene.engine, scene.dispatch, scene.seller_id, None)
    assert (await scene.conversation(ref)).due_at == before.due_at
    later = await scene.chat(QUESTION)
    assert (await scene.conversation(later)).due_at is not None


async def test_new_conversations_are_counted_by_the_calendar(scene: Scene) -> None:
    await deadlines.set_calendar(scene.engine, scene.dispatch, scene.seller_id, OFFICE)
    fresh = await scene.conversation(await scene.chat(QUESTION))
    assert fresh.waiting_since is not None
    assert fresh.due_at == after(OFFICE, fresh.waiting_since, timedelta(hours=24))
    assert fresh.priority in (Priority.NORMAL, Priority.URGENT)


async def test_a_rule_counts_open_conversations_anew_and_a_breach_stays_one(scene: Scene) -> None:
    await deadlines.set_calendar(scene.engine, scene.dispatch, scene.seller_id, ALWAYS)
    ref = await scene.chat(QUESTION)
    since = (await scene.conversation(ref)).waiting_since
    assert since is not None
    rules = (await open_terms(scene)).rules
    quick = SlaRule("размер", (("размер",),), None, Priority.HIGH, 45, 5, frozenset({"chat"}))
    await deadlines.set_rules(scene.engine, scene.dispatch, scene.seller_id, (quick, *rules))
    counted = await scene.conversation(ref)
    assert (counted.due_at, counted.sla_rule) == (since + timedelta(minutes=45), "размер")
    late = replace(scene.engine, clock=lambda: since + timedelta(hours=2))
    assert (await escalate(late))[1] == 1
    moved = (replace(quick, minutes=60, position=7), *rules)
    await deadlines.set_rules(late, scene.dispatch, scene.seller_id, moved)
    assert (await open_terms(scene)).rules == moved
    assert (await escalate(late))[1] == 0, "the same episode"
    assert (await scene.conversation(ref)).due_at == since + timedelta(minutes=60)


async def test_counting_anew_keeps_what_a_pause_gave(scene: Scene) -> None:
    ref = await scene.chat(QUESTION)
    since = (await scene.conversation(ref)).waiting_since
    assert since is not None
    hour = timedelta(hours=1)
    await snooze(replace(scene.engine, clock=lambda: since + hour), ref, since + 4 * hour)
    await escalate(replace(scene.engine, clock=lambda: since + 5 * hour))
    await deadlines.set_calendar(scene.engine, scene.dispatch, scene.seller_id, ALWAYS)
    assert (await scene.conversation(ref)).due_at == since + 27 * hour


async def test_many_conversations_are_counted_in_portions(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "BATCH", 2)
    refs = [await scene.chat(QUESTION) for _ in range(5)]
    await scene.sql("update chats set due_at = null")
    assert await deadlines.recount(scene.engine, scene.seller_id) == 5
    assert all([(await scene.conversation(ref)).due_at for ref in refs])
    found = await deadlines.effect(
        scene.engine, scene.seller_id, replace(await open_terms(scene), calendar=OFFICE)
    )
    assert (found.open, found.moved, len(found.nearest)) == (5, 5, 5)


async def test_what_a_change_would_do_is_said_and_not_done(scene: Scene) -> None:
    urgent = await scene.chat("Кружка пришла разбитая, верните деньги!")
    ref = await scene.chat(QUESTION)
    before = {one: (await scene.conversation(one)).due_at for one in (urgent, ref)}
    current = await open_terms(scene)
    nothing = await deadlines.effect(scene.engine, scene.seller_id, current)
    assert (nothing.open, nothing.moved, nothing.nearest) == (2, 0, ())
    slower = tuple(
        replace(rule, minutes=rule.minutes * 2) if rule.minutes > 600 else rule for rule in current.rules
    )
    found = await deadlines.effect(scene.engine, scene.seller_id, replace(current, rules=slower))
    assert (found.open, found.moved) == (2, 1)
    [moved] = found.nearest
    assert (moved.chat_id, moved.before) == (ref.chat_id, before[ref])
    assert moved.after > moved.before
    assert {one: (await scene.conversation(one)).due_at for one in (urgent, ref)} == before
    assert (await open_terms(scene)).rules == current.rules


async def test_how_many_become_urgent_earlier_is_told_apart(scene: Scene) -> None:
    await scene.chat("Подскажите, какой размер взять на рост 170?")
    current = await deadlines.terms(scene.engine, scene.seller_id)
    for factor, earlier in ((2, 0), (0.5, 1)):
        rules = tuple(replace(rule, minutes=int(rule.minutes * factor)) for rule in current.rules)
        effect = await deadlines.effect(scene.engine, scene.seller_id, replace(current, rules=rules))
        assert (effect.open, effect.moved, effect.earlier) == (1, 1, earlier)


async def test_a_phrase_that_is_none_never_reaches_the_rules_that_pulls_read(scene: Scene) -> None:
    current = await deadlines.terms(scene.engine, scene.seller_id)
    broken = replace(current.rules[0], phrases=(("вернуть", "["),))
    with pytest.raises(Misconfigured):
        await deadlines.set_rules(scene.engine, scene.dispatch, scene.seller_id, (broken, *current.rules[1:]))
    assert await deadlines.terms(scene.engine, scene.seller_id) == current
    await scene.chat("Верните деньги")


async def test_terms_that_no_deadline_can_be_counted_by_are_refused(scene: Scene) -> None:
    current = await open_terms(scene)
    with pytest.raises(Rejected, match="everything"):
        await deadlines.set_rules(scene.engine, scene.dispatch, scene.seller_id, current.rules[:-1])
    twice = (*current.rules, replace(current.rules[-1], name="ещё"))
    with pytest.raises(Rejected, match="position"):
        await deadlines.set_rules(scene.engine, scene.dispatch, scene.seller_id, twice)
    with pytest.raises(NoWorkingHours):
        await deadlines.set_calendar(
            scene.engine, scene.dispatch, scene.seller_id, Calendar("UTC", ((),) * 7)
        )
    with pytest.raises(NotFound):
        await deadlines.set_calendar(scene.engine, scene.dispatch, 99, ALWAYS)
    assert await open_terms(scene) == current


async def test_a_worker_counts_once_more_whatever_became_of_whoever_made_the_change(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_short(*_: object) -> int:
        raise ConnectionError

    monkeypatch.setattr(deadlines, "recount", cut_short)
    with pytest.raises(ConnectionError):
        await deadlines.set_calendar(scene.engine, scene.dispatch, scene.seller_id, OFFICE)
    jobs = await scene.sql(
        "select args ->> 'seller_id', scheduled_at > now() + interval '50 seconds' from procrastinate_jobs"
        " where task_name = 'recount'"
    )
    assert [tuple(job) for job in jobs] == [(str(scene.seller_id), True)]

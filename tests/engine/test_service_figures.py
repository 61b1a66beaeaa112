"""Figures of people's service: counted once, by day and operator, without what left by itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from agentiq_core.domain.automation import Automation, Mode
from agentiq_core.domain.errors import NotFound, Rejected
from agentiq_core.domain.learning import RejectionReason
from agentiq_core.domain.statistics import AnsweredShare, By, Money, Service, Statistics
from agentiq_core.engine.automation import DeskAutomation, consider
from agentiq_core.engine.learning import Learning
from agentiq_core.engine.replies import no_reply_needed
from agentiq_core.engine.statistics import DeskStatistics, count, waited
from agentiq_core.engine.suggest import suggest_missing
from agentiq_core.engine.sweep import escalate
from agentiq_core.sla.calendar import Calendar
from agentiq_core.store import conversations
from agentiq_core.store.statistics import EndedWait
from tests.scene import ANOTHER, ANSWER, Scene, another_worker


async def report(scene: Scene, by: By = By.OPERATOR, **days: Any) -> Statistics:
    return await DeskStatistics(scene.engine).report(scene.seller_id, by=by, **days)


async def waited_for(scene: Scene, seconds: int) -> None:
    """Whatever is not counted yet was asked so much earlier."""
    await scene.sql("update ended_waits set since = since - make_interval(secs => :s)", s=float(seconds))


async def answered(scene: Scene, body: str = ANSWER) -> Any:
    ref = await scene.chat()
    await scene.reply(ref, body)
    await scene.deliver(ref)
    return ref


async def test_a_first_and_a_next_answer_are_counted_apart_in_their_operators_name(scene: Scene) -> None:
    ref = await answered(scene)
    await waited_for(scene, 600)
    await count(scene.engine)
    await scene.pulled()
    scene.buyer_says(ref, "Спасибо, а когда?")
    await scene.pulled()
    await scene.reply(ref, ANOTHER)
    await scene.deliver(ref)
    await count(scene.engine)
    [line] = (await report(scene)).service
    who = scene.engine.access.who
    assert who is not None
    assert line.operator_id == who.operator_id
    assert (line.first.count, line.following.count, line.replies) == (1, 1, 2)
    assert line.first.median is not None
    assert 600 <= line.first.median < 660
    assert (line.first.in_time, line.own) == (1.0, 2)


async def test_however_many_workers_count_each_answer_is_counted_once(scene: Scene) -> None:
    for _ in range(5):
        await answered(scene)
    counted = await asyncio.gather(*(count(another_worker(scene.engine)) for _ in range(4)))
    assert sum(counted) == 5
    assert await count(scene.engine) == 0
    total = (await report(scene)).total
    assert (total.first.count, total.replies) == (5, 5)
    assert await scene.sql("select count(*) from ended_waits") == [(0,)]


async def test_what_was_typed_in_the_cabinet_is_nobodys_of_the_team(scene: Scene) -> None:
    ref = await scene.chat()
    scene.types_in_cabinet(ref, ANSWER)
    await scene.pulled()
    await count(scene.engine)
    [line] = (await report(scene)).service
    assert (line.operator_id, line.first.count, line.replies) == (None, 1, 0)


async def test_an_answer_and_the_next_question_that_come_together_end_a_wait(scene: Scene) -> None:
    ref = await scene.chat()
    scene.types_in_cabinet(ref, ANSWER)
    scene.buyer_says(ref, "И ещё вопрос: есть ли синий?")
    await scene.pulled()
    await count(scene.engine)
    assert (await report(scene)).total.first.count == 1


async def test_closing_without_a_reply_is_no_answer(scene: Scene) -> None:
    ref = await scene.chat()
    await no_reply_needed(scene.engine, ref)
    await count(scene.engine)
    assert (await report(scene)).total == Service(breaches=0)


async def test_a_late_answer_is_not_in_time_and_its_deadline_is_told(scene: Scene) -> None:
    ref = await scene.chat()
    await scene.sql(
        "update chats set due_at = now() - interval '1 minute', queue = 'work' where id = :id", id=ref.chat_id
    )
    await escalate(scene.engine)
    await scene.sql("update chats set due_at = now() - interval '1 minute' where id = :id", id=ref.chat_id)
    await scene.reply(ref)
    await scene.deliver(ref)
    await count(scene.engine)
    told = await report(scene, By.SELLER)
    assert told.total.first.in_time == 0.0
    assert [line.breaches for line in told.service] == [1]


async def test_the_share_of_a_marketplace_counts_by_the_clock_and_those_who_still_wait(scene: Scene) -> None:
    await answered(scene)
    await waited_for(scene, 23 * 3600)
    late = await answered(scene)
    await scene.sql(
        "update ended_waits set since = since - interval '25 hours' where chat_id = :id", id=late.chat_id
    )
    forgotten, asked = await scene.chat(), await scene.chat()
    await scene.sql(
        "update chats set waiting_since = now() - interval '24 hours 1 minute' where id = :id",
        id=forgotten.chat_id,
    )
    assert asked.chat_id != forgotten.chat_id
    # the marketplace decides, whatever it was when they asked
    await scene.sql("update sellers set marketplace = 'ozon'")
    told = await report(scene, By.SELLER)
    assert [line.marketplace_share for line in told.service] == [AnsweredShare(24, 3, 1)]
    assert told.total.marketplace_share == AnsweredShare(24, 3, 1)
    [line] = (await report(scene)).service
    assert line.marketplace_share is None
    day = max(one.day for one in (await report(scene, By.DAY)).service if one.day is not None)
    before = await report(scene, since=day - timedelta(days=9), until=day - timedelta(days=3))
    assert before.total.marketplace_share is None


async def test_where_no_marketplace_counts_a_share_none_is_told(scene: Scene) -> None:
    await answered(scene)
    assert (await report(scene, By.SELLER)).service[0].marketplace_share is None


async def test_what_replies_made_of_suggestions_is_told_without_what_left_by_itself(scene: Scene) -> None:
    await DeskAutomation(scene.engine).set(
        scene.seller_id, Automation("size_advice", Mode.ON, templates=True, least_confidence=0.3)
    )
    by_itself = await scene.chat("Подскажите, какой размер взять на рост 170?")
    taken, changed, own = await scene.chat(), await scene.chat(), await scene.chat()
    await suggest_missing(scene.engine)
    assert await consider(scene.engine, scene.dispatch) == 1
    for ref, edit in ((taken, ""), (changed, " Ждём вас!")):
        async with scene.engine.store.transaction() as session:
            suggestion = await conversations.suggestion(session, ref, rules_checked=1)
        assert suggestion is not None
        await scene.reply(ref, suggestion.text + edit)
    await scene.reply(own, ANOTHER)
    for ref in (by_itself, taken, changed, own):
        await scene.deliver(ref)
    await scene.sql("update sellers set marketplace = 'ozon'")
    await count(scene.engine)
    total = (await report(scene)).total
    assert total.marketplace_share == AnsweredShare(24, 4, 4), "for the marketplace an answer is an answer"
    assert (total.replies, total.untouched, total.edited, total.own, total.automatic) == (3, 1, 1, 1, 1)
    assert total.first.count == 3, "the automatic one is in nobody's waits"
    assert total.share(total.untouched) == pytest.approx(1 / 3)


async def test_acceptance_is_told_by_intent_and_by_model_with_the_reasons(scene: Scene) -> None:
    refs = [await scene.chat() for _ in range(3)]
    await suggest_missing(scene.engine)
    for number, ref in enumerate(refs):
        async with scene.engine.store.transaction() as session:
            suggestion = await conversations.suggestion(session, ref, rules_checked=1)
        assert suggestion is not None
        if number == 0:
            await scene.reply(ref, suggestion.text)
        else:
            await Learning(scene.engine).reject(ref, suggestion.id, RejectionReason.UNHELPFUL)
    [of_intent] = (await report(scene, By.INTENT)).acceptance
    assert (of_intent.name, of_intent.accepted, of_intent.rejected) == ("where_is_order", 1, 2)
    assert of_intent.reasons == (("unhelpful", 2),)
    assert of_intent.share == pytest.approx(1 / 3)
    [of_model] = (await report(scene, By.MODEL)).acceptance
    assert of_model.name == "template"


async def test_the_backlog_is_told_by_age(scene: Scene) -> None:
    for hours in (0, 2, 5, 30, 100):
        ref = await scene.chat()
        await scene.sql(
            "update chats set waiting_since = now() - make_interval(hours => :h) where id = :id",
            h=hours, id=ref.chat_id,
        )  # fmt: skip
    backlog = (await report(scene)).backlog
    assert (backlog.hour, backlog.four_hours, backlog.day, backlog.three_days, backlog.older) == (
        1,
        1,
        1,
        1,
        1,
    )


async def test_days_are_those_of_the_sellers_zone_and_of_the_range(scene: Scene) -> None:
    await answered(scene)
    await scene.sql("update sellers set timezone = 'Pacific/Kiritimati'")
    await count(scene.engine)
    [line] = (await report(scene, By.DAY)).service
    assert line.day == (datetime.now(UTC) + timedelta(hours=14)).date()
    assert (await report(scene, until=date(2020, 1, 1))).service == ()
    with pytest.raises(Rejected):
        await report(scene, since=date(2020, 1, 2), until=date(2020, 1, 1))
    with pytest.raises(NotFound):
        await DeskStatistics(scene.engine).report(scene.seller_id + 1)


def test_a_wait_is_working_time_where_a_calendar_says_so_and_stands_in_pauses() -> None:
    friday = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
    monday = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
    wait = EndedWait(1, "UTC", friday, None, (), monday, 1, automatic=False, first=True)
    hours = Calendar("UTC", ((((9 * 60, 18 * 60),),) * 5) + ((), ()))
    assert waited(wait, None) == (monday - friday).total_seconds()
    assert waited(wait, hours) == 2 * 3600
    paused = EndedWait(
        1,
        "UTC",
        friday,
        None,
        ((friday, friday + timedelta(minutes=30)),),
        monday,
        1,
        automatic=False,
        first=True,
    )
    assert waited(paused, hours) == 1.5 * 3600


async def test_what_models_cost_is_told_by_currency_and_never_added_across(scene: Scene) -> None:
    for model, cost, currency in (
        ("deepseek/x", "1.25", "USD"),
        ("openrouter/y", "0.5", "USD"),
        ("yandexgpt/z", "40", "RUB"),
        ("ollama/w", "0", ""),
    ):
        await scene.sql(
            "insert into model_spending (seller_id, day, model, calls, cost, currency)"
            " values (:seller, current_date, :model, 2, cast(:cost as numeric), :currency)",
            seller=scene.seller_id,
            model=model,
            cost=cost,
            currency=currency,
        )
    told = await report(scene, By.MODEL)
    assert told.cost == (Money(Decimal(40), "RUB"), Money(Decimal("1.75"), "USD"))
    assert {one.name: (one.calls, one.cost) for one in told.acceptance} == {
        "deepseek/x": (2, (Money(Decimal("1.25"), "USD"),)),
        "ollama/w": (2, ()),
        "openrouter/y": (2, (Money(Decimal("0.5"), "USD"),)),
        "yandexgpt/z": (2, (Money(Decimal(40), "RUB"),)),
    }

"""The template is there at once; a model writes behind it, once, within the seller's money, and never over what moved on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from agentiq_core.domain.errors import NoModel, Rejected
from agentiq_core.domain.statistics import By, Money
from agentiq_core.domain.suggesting import PassState, Wish
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.statistics import DeskStatistics
from agentiq_core.engine.suggest import suggest_anew, suggest_missing
from agentiq_core.store.feed import changes
from tests.ai.conftest import _no_proxy, host
from tests.ai.model_host import CHAT, KEY, ModelHost
from tests.engine.writers import COST, QUESTION, REPLY, Writers
from tests.scene import ANSWER, Scene, eventually

__all__ = ["_no_proxy", "host"]


@pytest.fixture
async def writers(scene: Scene, host: ModelHost, tmp_path: Path) -> AsyncIterator[Writers]:
    made = await Writers.at(scene, host, tmp_path)
    yield made
    await made.close()


async def test_first_the_template_then_the_models_reply_with_what_it_took(writers: Writers) -> None:
    ref = await writers.asked()
    template = await writers.suggestion(ref)
    assert (template.source, template.state) == ("template", PassState.WANTED)
    writers.says()
    worker = writers.worker()
    assert await worker.begin_due() == 1
    await worker.settled()
    made = await writers.suggestion(ref)
    assert (made.source, made.state, made.text) == ("model", PassState.DONE, REPLY)
    assert (made.id, made.model) == (template.id, "custom/small")
    assert (made.tokens_in, made.tokens_out, made.cost) == (1000, 200, COST)
    told = await DeskStatistics(writers.scene.engine).report(writers.scene.seller_id, by=By.MODEL)
    assert told.cost == (Money(COST, "RUB"),)
    assert [one.cost for one in told.acceptance if one.calls] == [(Money(COST, "RUB"),)]
    assert (made.categories, made.urgency, made.recommendation) == (("качество",), "high", "Запросить фото")
    assert made.latency is not None
    assert await writers.spent() == (1, COST)
    assert writers.host.asked(CHAT)[0].headers["authorization"] == f"Bearer {KEY}"
    assert await worker.begin_due() == 0


async def test_what_is_written_so_far_is_seen_while_the_template_may_still_be_sent(writers: Writers) -> None:
    ref = await writers.asked()
    template = await writers.suggestion(ref)
    go_on, worker = writers.holds(), writers.worker()
    await worker.begin_due()
    writing = await writers.becomes(ref, lambda one: bool(one.partial))
    assert writing.state is PassState.WRITING
    assert REPLY.startswith(writing.partial)
    assert (writing.text, writing.source) == (template.text, "template")
    go_on.set()
    await worker.settled()
    made = await writers.suggestion(ref)
    assert (made.text, made.partial) == (REPLY, "")


async def test_a_reply_to_a_question_that_is_not_the_newest_any_more_is_dropped(writers: Writers) -> None:
    ref = await writers.asked()
    go_on, worker = writers.holds(), writers.worker()
    await worker.begin_due()
    await writers.becomes(ref, lambda one: bool(one.partial))
    writers.scene.buyer_says(ref, "И ещё: где мой второй заказ?")
    await writers.scene.pulled()
    await suggest_missing(writers.scene.engine)
    go_on.set()
    await worker.settled()
    now = await writers.suggestion(ref)
    assert (now.source, now.state) == ("template", PassState.WANTED)
    writers.says("Здравствуйте! Проверим второй заказ и трещину на кружке, пришлите, пожалуйста, фото.")
    await worker.begin_due()
    await worker.settled()
    assert "второй заказ" in (await writers.suggestion(ref)).text
    states = await writers.scene.sql("select state from suggestions order by id")
    assert states == [("none",), ("done",)]


async def test_an_answered_conversation_is_not_asked_about(writers: Writers) -> None:
    ref = await writers.asked()
    writers.scene.types_in_cabinet(ref, ANSWER)
    await writers.scene.pulled()
    assert await writers.worker().begin_due() == 0
    assert writers.calls == 0


async def test_two_workers_ask_once(writers: Writers) -> None:
    ref = await writers.asked()
    go_on, first, second = writers.holds(), writers.worker(), writers.worker()
    begun = await asyncio.gather(first.begin_due(), second.begin_due())
    assert sorted(begun) == [0, 1]
    go_on.set()
    await first.settled()
    await second.settled()
    assert await writers.state(ref) is PassState.DONE
    assert writers.calls == 1
    assert await writers.spent() == (1, COST)


async def test_what_a_dead_worker_held_is_asked_again_when_its_lease_ends_and_its_money_stays_counted(
    writers: Writers,
) -> None:
    ref = await writers.asked()
    writers.holds()
    dead, heir = writers.worker(), writers.worker()
    await dead.begin_due()
    await writers.becomes(ref, lambda one: bool(one.partial))
    for task in list(dead._busy):
        task.cancel()
    await dead.settled()
    assert await heir.begin_due() == 0, "the lease holds"
    await writers.scene.sql("update suggestions set lease_until = now() - interval '1 second'")
    writers.says()
    assert await heir.begin_due() == 1
    await heir.settled()
    assert (await writers.suggestion(ref)).text == REPLY
    calls, cost = await writers.spent()
    assert calls == 2
    assert cost > COST


async def test_a_worker_that_lost_its_lease_writes_nothing(writers: Writers) -> None:
    ref = await writers.asked()
    go_on = writers.holds("Здравствуйте! Это ответ того, кто опоздал: пришлите, пожалуйста, фото кружки.")
    late, heir = writers.worker(), writers.worker()
    await late.begin_due()
    await writers.becomes(ref, lambda one: bool(one.partial))
    await writers.scene.sql("update suggestions set lease_until = now() - interval '1 second'")
    writers.says()
    await heir.begin_due()
    await heir.settled()
    go_on.set()
    await late.settled()
    assert (await writers.suggestion(ref)).text == REPLY


async def test_a_worker_that_stops_hands_its_questions_back_at_once(writers: Writers) -> None:
    ref = await writers.asked()
    writers.holds()
    stopping = writers.worker()
    await stopping.begin_due()
    await writers.becomes(ref, lambda one: bool(one.partial))
    await stopping.stop()
    assert await writers.state(ref) is PassState.WANTED
    writers.says()
    heir = writers.worker()
    assert await heir.begin_due() == 1
    await heir.settled()
    assert await writers.state(ref) is PassState.DONE


async def test_workers_that_die_over_one_question_again_and_again_leave_the_template(
    writers: Writers,
) -> None:
    ref = await writers.asked()
    await writers.scene.sql("update suggestions set attempts = 3")
    await writers.worker().begin_due()
    left = await writers.suggestion(ref)
    assert (left.source, left.state, left.failure) == ("template", PassState.FAILED, "worker_lost")
    assert writers.calls == 0


async def test_when_the_days_money_is_spent_the_template_says_so_and_nobody_is_asked(
    writers: Writers,
) -> None:
    await writers.set(daily_budget=Decimal("0.0001"))
    ref = await writers.asked()
    await writers.worker().begin_due()
    left = await writers.suggestion(ref)
    assert (left.source, left.state, left.failure) == ("template", PassState.FAILED, "over_budget")
    assert writers.calls == 0
    assert await writers.spent() == (0, Decimal(0))


async def test_a_model_that_is_turned_off_leaves_nothing_waiting_and_nothing_written_behind(
    writers: Writers,
) -> None:
    refs = [await writers.asked(), await writers.asked()]
    await writers.set(concurrency=1)
    go_on, worker = writers.holds(), writers.worker()
    await worker.begin_due()
    await writers.set(enabled=False)
    go_on.set()
    await worker.settled()
    left = [await writers.suggestion(ref) for ref in refs]
    assert [(one.source, one.state) for one in left] == [("template", PassState.NONE)] * 2


async def test_a_spent_day_is_said_of_everything_that_waits_at_once(writers: Writers) -> None:
    refs = [await writers.asked() for _ in range(3)]
    await writers.set(daily_budget=Decimal(0))
    assert await writers.worker().begin_due() == 1
    assert {(await writers.suggestion(ref)).failure for ref in refs} == {"over_budget"}


async def test_screens_hear_of_every_step(writers: Writers, dsn: str) -> None:
    ref = await writers.asked()
    heard: list[PassState] = []

    async def listen() -> None:
        async for change in changes(dsn, writers.scene.engine.store.tokens):
            if change.ref in (ref, None):
                heard.append(await writers.state(ref))

    listening = asyncio.create_task(listen())
    try:
        await eventually(lambda: _told(bool(heard)))
        go_on, worker = writers.holds(), writers.worker()
        await worker.begin_due()
        await eventually(lambda: _told(PassState.WRITING in heard))
        go_on.set()
        await worker.settled()
        await eventually(lambda: _told(heard[-1] is PassState.DONE))
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _told(holds: bool) -> bool:
    return holds


async def test_money_is_reserved_before_the_answer_is_there(writers: Writers) -> None:
    await writers.set(daily_budget=Decimal("0.04"), concurrency=4)
    refs = [await writers.asked(), await writers.asked()]
    go_on, worker = writers.holds(), writers.worker()
    await worker.begin_due()
    assert await writers.spent() == (1, Decimal("0.0288"))
    go_on.set()
    await worker.settled()
    failures = {(await writers.suggestion(ref)).failure for ref in refs}
    assert failures == {None, "over_budget"}
    assert await writers.spent() == (1, COST)


async def test_no_more_questions_are_under_way_at_once_than_the_seller_allows(writers: Writers) -> None:
    await writers.set(concurrency=1)
    refs = [await writers.asked() for _ in range(3)]
    gates = [writers.holds() for _ in refs]
    first, second = writers.worker(), writers.worker()
    assert sum(await asyncio.gather(first.begin_due(), second.begin_due())) == 1
    for gate in gates:
        await asyncio.sleep(0)
        gate.set()
    for _ in refs:
        await first.settled()
        await second.settled()
        await first.begin_due()
    assert [await writers.state(ref) for ref in refs] == [PassState.DONE] * 3
    assert writers.calls == 3


async def test_a_machine_without_the_key_leaves_asking_to_others(writers: Writers, tmp_path: Path) -> None:
    ref = await writers.asked()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert await writers.worker(elsewhere).begin_due() == 0
    assert await writers.state(ref) is PassState.WANTED


async def test_a_key_goes_to_no_other_host_than_the_one_it_was_given_for(
    writers: Writers, scene: Scene
) -> None:
    other = ModelHost()
    await other.serve()
    try:
        await writers.set(base_url=f"{other.url}/v1")
        await writers.asked()
        assert await writers.worker().begin_due() == 0
        assert other.received == []
    finally:
        await other.close()


async def test_a_wrong_key_is_said_and_the_template_stays(writers: Writers) -> None:
    writers.host.script(CHAT, writers.host.json({"error": "no"}, 401))
    ref = await writers.asked()
    worker = writers.worker()
    await worker.begin_due()
    await worker.settled()
    left = await writers.suggestion(ref)
    assert (left.source, left.state, left.failure) == ("template", PassState.FAILED, "wrong_key")
    assert left.text
    assert await writers.spent() == (1, Decimal(0))


async def test_settings_that_cannot_be_used_are_said(writers: Writers) -> None:
    ref = await writers.asked()
    await writers.scene.sql("update model_settings set profile = 'unheard-of'")
    await writers.worker().begin_due()
    assert (await writers.suggestion(ref)).failure == "misconfigured"


async def test_a_conversation_for_a_person_goes_to_no_model(writers: Writers) -> None:
    ref = await writers.asked("После крема у ребёнка аллергия и сыпь, мы у врача!")
    assert await writers.worker().begin_due() == 0
    assert await writers.state(ref) is PassState.NONE


async def test_a_seller_without_a_model_has_the_template_alone(writers: Writers) -> None:
    await writers.set(enabled=False)
    ref = await writers.asked()
    assert await writers.state(ref) is PassState.NONE
    with pytest.raises(NoModel):
        await suggest_anew(writers.scene.engine, ref, Wish.SHORTER)


async def test_a_wish_makes_a_variant_and_what_was_on_offer_stays_until_then(writers: Writers) -> None:
    ref = await _written(writers)
    await suggest_anew(writers.scene.engine, ref, Wish.SHORTER)
    waiting = await writers.suggestion(ref)
    assert (waiting.state, waiting.text, waiting.wish) == (PassState.WANTED, REPLY, "shorter")
    shorter = "Здравствуйте! Нам очень жаль. Пришлите, пожалуйста, фото кружки."
    writers.says(shorter)
    worker = writers.worker()
    await worker.begin_due()
    await worker.settled()
    assert (await writers.suggestion(ref)).text == shorter
    assert REPLY in writers.host.body()["messages"][-1]["content"], "the model changes what was on offer"


async def test_a_variant_that_fails_leaves_what_was_on_offer(writers: Writers) -> None:
    ref = await _written(writers)
    await suggest_anew(writers.scene.engine, ref, "скажи проще")
    writers.host.script(CHAT, writers.host.json({"error": "no"}, 402))
    worker = writers.worker()
    await worker.begin_due()
    await worker.settled()
    left = await writers.suggestion(ref)
    assert (left.text, left.source, left.failure) == (REPLY, "model", "no_money")


async def test_another_wish_takes_the_place_of_the_one_under_way(writers: Writers) -> None:
    ref = await _written(writers)
    await suggest_anew(writers.scene.engine, ref, Wish.SHORTER)
    go_on, worker = writers.holds(), writers.worker()
    await worker.begin_due()
    await writers.becomes(ref, lambda one: bool(one.partial))
    await suggest_anew(writers.scene.engine, ref, Wish.SHORTER)
    assert await writers.state(ref) is PassState.WRITING, "the same wish is on its way"
    await suggest_anew(writers.scene.engine, ref, Wish.WARMER)
    assert (await writers.suggestion(ref)).wish == "warmer"
    go_on.set()
    await worker.settled()
    assert await writers.state(ref) is PassState.WANTED


async def test_a_wish_has_an_end(writers: Writers) -> None:
    ref = await writers.asked()
    with pytest.raises(Rejected):
        await suggest_anew(writers.scene.engine, ref, "ж" * 201)


async def _written(writers: Writers) -> ChatRef:
    ref = await writers.asked(QUESTION)
    writers.says()
    worker = writers.worker()
    await worker.begin_due()
    await worker.settled()
    assert (await writers.suggestion(ref)).text == REPLY
    return ref

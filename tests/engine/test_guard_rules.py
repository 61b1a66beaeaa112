"""A seller's own guardrail rules hold wherever a reply comes from, and are tried on what was sent before they hold."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event

from agentiq_core.domain.errors import GuardrailBlocked, NotFound, Rejected
from agentiq_core.domain.views import ChatRef, Resolution
from agentiq_core.engine import guard_rules, replies
from agentiq_core.engine.guard_rules import GuardRules
from agentiq_core.engine.replies import Consent, resolve, violations
from agentiq_core.engine.suggest import suggest_missing
from agentiq_core.guardrails import VERSION, RuleSet, rule_set
from tests.scene import ANOTHER, ANSWER, Scene

POINT = {"name": "no_point", "version": 1, "severity": "error", "reason": "Пункт не называем", "words": ["пункт выдачи"]}  # fmt: skip
LOOKING = {"name": "looking", "version": 2, "severity": "warning", "reason": "Не тянем время", "phrases": ["смотреть"]}  # fmt: skip


def rules(*written: dict[str, Any]) -> RuleSet:
    return rule_set({"rules": list(written)})


@pytest.fixture
def desk(scene: Scene) -> GuardRules:
    return GuardRules(scene.engine, scene.dispatch)


async def stored_version(scene: Scene, ref: ChatRef) -> Any:
    [(version,)] = await scene.sql("select guardrails from outbox where chat_id = :id", id=ref.chat_id)
    return version


async def test_rules_are_kept_as_they_were_given_and_may_be_taken_away(
    scene: Scene, desk: GuardRules
) -> None:
    assert (await desk.read(scene.seller_id)).rules == ()
    await desk.set(scene.seller_id, rules(POINT, LOOKING))
    assert (await desk.read(scene.seller_id)).to_json() == {"rules": [POINT, LOOKING]}
    await desk.set(scene.seller_id, RuleSet())
    assert (await desk.read(scene.seller_id)).rules == ()
    assert await scene.sql("select from guard_rules") == []


async def test_an_operators_text_is_held_to_them_and_a_reply_names_the_version(
    scene: Scene, desk: GuardRules
) -> None:
    ref = await scene.chat()
    assert await violations(scene.engine, ref, ANOTHER) == ()
    await desk.set(scene.seller_id, rules(POINT))
    [found] = await violations(scene.engine, ref, ANOTHER)
    assert (found.rule, found.severity, found.reason) == ("own:no_point", "error", "Пункт не называем")
    with pytest.raises(GuardrailBlocked):
        await scene.reply(ref, ANOTHER)
    await scene.reply(ref, ANSWER)
    assert await stored_version(scene, ref) == f"{VERSION}+no_point.1"


async def test_a_change_holds_at_once_in_every_process(scene: Scene, desk: GuardRules) -> None:
    ref = await scene.chat()
    await desk.set(scene.seller_id, rules(POINT))
    assert await violations(scene.engine, ref, ANOTHER)
    # another process wrote it: this one was told nothing
    await scene.sql(
        "update guard_rules set rules = cast(:rules as jsonb)", rules=json.dumps([{**POINT, "words": ["склад"]}])
    )  # fmt: skip
    assert await violations(scene.engine, ref, ANOTHER) == ()
    await scene.sql("delete from guard_rules")
    assert await violations(scene.engine, ref, "Здравствуйте! Посылка уже на складе.") == ()


async def test_a_check_asks_for_them_once_and_reads_them_only_when_they_changed(
    scene: Scene, desk: GuardRules
) -> None:
    ref = await scene.chat()
    await desk.set(scene.seller_id, rules(POINT))
    await violations(scene.engine, ref, ANOTHER)
    async with scene.engine.store.transaction() as session:
        asked: list[str] = []
        connection = (await session.connection()).sync_connection
        event.listen(connection, "before_cursor_execute", lambda *call: asked.append(call[2]))
        assert (await guard_rules.own_rules(session, scene.seller_id)).rules
    assert len(asked) == 1


async def test_what_they_would_have_stopped_is_said_and_nothing_changed(
    scene: Scene, desk: GuardRules
) -> None:
    for text in (ANSWER, ANOTHER, "Здравствуйте! Коробку заменим, всё хорошо."):
        ref = await scene.chat()
        scene.types_in_cabinet(ref, text)
    await scene.pulled()
    effect = await desk.effect(scene.seller_id, rules(POINT, LOOKING))
    assert (effect.replies, effect.stopped, effect.warned) == (3, 1, 1)
    assert dict(effect.by_rule) == {"own:no_point": 1, "own:looking": 1}
    assert {(one.rule, one.words) for one in effect.newest} == {
        ("own:no_point", "пункт выдачи"),
        ("own:looking", "смотрим"),
    }
    assert (await desk.effect(scene.seller_id, RuleSet())).stopped == 0
    assert await scene.sql("select from guard_rules") == []


async def test_a_suggestion_that_breaks_them_is_written_anew(scene: Scene, desk: GuardRules) -> None:
    ref = await scene.chat()
    assert await suggest_missing(scene.engine) == 1
    [(offered,)] = await scene.sql("select body from suggestions")
    word = max(offered.split(), key=len).strip("!,.?")
    stop = {**POINT, "words": [word]}
    assert await desk.set(scene.seller_id, rules(stop)) == 1
    assert await suggest_missing(scene.engine) == 1
    [(anew, version)] = await scene.sql(
        "select body, guardrails from suggestions where chat_id = :id", id=ref.chat_id
    )
    assert word not in anew
    assert version == f"{VERSION}+no_point.1"
    assert await desk.set(scene.seller_id, rules({**stop, "version": 2, "words": ["скидка"]})) == 0


async def test_another_text_needs_another_version(scene: Scene, desk: GuardRules) -> None:
    await desk.set(scene.seller_id, rules(POINT))
    with pytest.raises(Rejected, match="a version above 1"):
        await desk.set(scene.seller_id, rules({**POINT, "reason": "Иначе"}))
    await desk.set(scene.seller_id, rules({**POINT, "reason": "Иначе", "version": 2}, LOOKING))
    assert (await desk.read(scene.seller_id)).version == "looking.2,no_point.2"


async def test_a_seller_that_is_not_there_is_said_plainly(desk: GuardRules) -> None:
    for asked in (desk.read(999), desk.effect(999, RuleSet()), desk.set(999, RuleSet())):
        with pytest.raises(NotFound):
            await asked


async def test_a_rule_that_cannot_be_read_leaves_the_others_in_force(
    scene: Scene, desk: GuardRules, caplog: pytest.LogCaptureFixture
) -> None:
    ref = await scene.chat()
    written = json.dumps([{"name": "of a newer program"}, POINT])
    await scene.sql(
        "insert into guard_rules (seller_id, rules) values (:id, cast(:rules as jsonb))",
        id=scene.seller_id,
        rules=written,
    )
    with caplog.at_level(logging.WARNING):
        assert [one.rule for one in await violations(scene.engine, ref, ANOTHER)] == ["own:no_point"]
    assert "cannot be read: bad_name" in caplog.text


@pytest.fixture
def between(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[], Awaitable[object]]], None]:
    """Something happens behind the check of a reply, before it is queued."""

    def happens(what: Callable[[], Awaitable[object]]) -> None:
        checked = replies._checked

        async def then(*given: Any) -> Any:
            found = await checked(*given)
            monkeypatch.setattr(replies, "_checked", checked)
            await what()
            return found

        monkeypatch.setattr(replies, "_checked", then)

    return happens


async def test_rules_that_change_between_check_and_queue_hold(
    scene: Scene, desk: GuardRules, between: Callable[..., None]
) -> None:
    ref = await scene.chat()
    between(lambda: desk.set(scene.seller_id, rules(POINT)))
    with pytest.raises(GuardrailBlocked):
        await scene.reply(ref, ANOTHER)
    assert await scene.sql("select from outbox") == []


async def test_rules_that_go_between_check_and_queue_stop_nothing(
    scene: Scene, desk: GuardRules, between: Callable[..., None]
) -> None:
    ref = await scene.chat()
    await desk.set(scene.seller_id, rules(POINT))
    between(lambda: desk.set(scene.seller_id, RuleSet()))
    await scene.reply(ref, ANOTHER)
    assert await stored_version(scene, ref) == VERSION


async def test_what_a_buyer_writes_between_check_and_queue_is_weighed_too(
    scene: Scene, between: Callable[..., None]
) -> None:
    ref = await scene.chat("Hello! Where is my order, please?")

    async def russian() -> None:
        scene.buyer_says(ref, "Здравствуйте! Отвечайте, пожалуйста, по-русски, где мой заказ?")
        await scene.pulled()

    between(russian)
    english = "Hello! We are looking for your order and will write to you here."
    assert await violations(scene.engine, ref, english) == ()
    between(russian)
    with pytest.raises(GuardrailBlocked, match="language"):
        await scene.reply(ref, english, consent=Consent(anyway=True))


async def stuck(scene: Scene, ref: ChatRef) -> int:
    reply_id = await scene.unknown(ref)
    await scene.sql("update outbox set state = 'needs_operator' where id = :id", id=reply_id)
    return reply_id


async def test_a_reply_that_is_sent_again_is_held_to_the_rules_of_now(scene: Scene, desk: GuardRules) -> None:
    ref = await scene.chat()
    reply_id = await stuck(scene, ref)
    looking = {**LOOKING, "severity": "error"}
    await desk.set(scene.seller_id, rules(looking))
    with pytest.raises(GuardrailBlocked, match="own:looking"):
        await resolve(scene.engine, scene.dispatch, ref, reply_id, Resolution.SEND_AGAIN)
    assert (await scene.state(ref, reply_id)).value == "needs_operator"
    await resolve(scene.engine, scene.dispatch, ref, reply_id, Resolution.SEND_AGAIN, override=True)
    [(overridden, version)] = await scene.sql(
        "select overridden, guardrails from outbox where state = 'queued'"
    )
    assert [one["rule"] for one in overridden] == ["own:looking"]
    assert version == f"{VERSION}+looking.2"


async def test_a_word_that_was_given_counts_when_it_is_sent_again(scene: Scene, desk: GuardRules) -> None:
    ref = await scene.chat()
    looking = {**LOOKING, "severity": "error"}
    await desk.set(scene.seller_id, rules(looking))
    reply_id = await stuck(scene, ref)
    await desk.set(scene.seller_id, rules(looking, POINT))
    await resolve(scene.engine, scene.dispatch, ref, reply_id, Resolution.SEND_AGAIN)
    assert await scene.sql("select from outbox where state = 'queued' and overridden is not null")

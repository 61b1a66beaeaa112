"""Suggestions are there before anybody opens the conversation, and follow what the buyer asks."""

from __future__ import annotations

from agentiq_core.domain.views import ChatRef, SuggestionView
from agentiq_core.engine.replies import no_reply_needed
from agentiq_core.engine.suggest import BATCH, suggest_for, suggest_missing
from agentiq_core.store import conversations
from tests.scene import ANSWER, Scene


async def suggestion(scene: Scene, ref: ChatRef) -> SuggestionView | None:
    async with scene.engine.store.transaction() as session:
        return await conversations.suggestion(session, ref, rules_checked=1)


async def test_a_waiting_conversation_gets_a_suggestion_once(scene: Scene) -> None:
    ref = await scene.chat("Здравствуйте! Где мой заказ? Жду уже неделю")
    assert await suggestion(scene, ref) is None
    assert await suggest_missing(scene.engine) == 1
    made = await suggestion(scene, ref)
    assert made is not None
    assert made.text
    assert (made.source, made.violations) == ("template", ())
    assert await suggest_missing(scene.engine) == 0


async def test_a_new_question_makes_the_old_suggestion_disappear_and_a_new_one_appear(scene: Scene) -> None:
    ref = await scene.chat("Здравствуйте! Где мой заказ?")
    await suggest_missing(scene.engine)
    before = await suggestion(scene, ref)
    scene.buyer_says(ref, "И ещё: пришёл брак, верните деньги!")
    await scene.pulled()
    assert await suggestion(scene, ref) is None, "an answer to another question is worse than none"
    assert await suggest_missing(scene.engine) == 1
    after = await suggestion(scene, ref)
    assert before is not None
    assert after is not None
    assert after.id != before.id
    assert after.text != before.text


async def test_answered_closed_and_automatic_conversations_get_none(scene: Scene) -> None:
    answered, closed = await scene.chat(), await scene.chat()
    scene.types_in_cabinet(answered, ANSWER)
    scene.shop.open_chat(greeting="Здравствуйте! Здесь вы можете задать вопросы по возврату товара")
    await scene.pulled()
    await no_reply_needed(scene.engine, closed)
    assert await suggest_missing(scene.engine) == 0


async def test_the_most_pressing_come_first_and_a_batch_is_bounded(scene: Scene) -> None:
    calm = [await scene.chat(f"Подскажите размер номер {number}") for number in range(BATCH)]
    urgent = await scene.chat("Пришёл брак, хочу оформить возврат")
    assert await suggest_missing(scene.engine) == BATCH
    assert await suggestion(scene, urgent) is not None
    assert sum([await suggestion(scene, ref) is None for ref in calm]) == 1
    assert await suggest_missing(scene.engine) == 1


async def test_only_the_named_sellers_conversations_are_looked_at(scene: Scene) -> None:
    await scene.chat()
    assert await suggest_missing(scene.engine, scene.seller_id + 1) == 0
    assert await suggest_missing(scene.engine, scene.seller_id) == 1


async def test_a_suggestion_made_for_a_question_that_is_no_longer_the_newest_is_not_shown(
    scene: Scene,
) -> None:
    ref = await scene.chat("Здравствуйте! Где мой заказ?")
    assert await suggest_for(scene.engine, [ref]) == 1
    assert await suggest_for(scene.engine, [ref]) == 1, "anew on request"
    rows = await scene.sql("select count(*) from suggestions")
    assert rows == [(1,)]
    assert await suggest_for(scene.engine, []) == 0

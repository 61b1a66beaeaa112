"""What a reply made of its suggestion is told with the reply, whatever the front end says; rejections have a reason."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from agentiq_core.domain.errors import Forbidden, NotFound, Rejected, StaleConversation
from agentiq_core.domain.learning import RejectionReason
from agentiq_core.domain.statistics import By
from agentiq_core.domain.views import ChatRef, SuggestionView
from agentiq_core.engine.desk import Desk
from agentiq_core.engine.learning import Learning, nameless
from agentiq_core.engine.replies import queue_reply, undo
from agentiq_core.engine.statistics import count
from agentiq_core.engine.suggest import suggest_for
from agentiq_core.store import conversations
from tests.desks import colleague
from tests.scene import ANOTHER, EVERY_CONSENT, Scene

OUTCOMES = "select outcome, outbox_id, difference, intent, model, reason, words, operator_id from suggestion_outcomes order by at"


async def suggested(scene: Scene, *texts: str) -> tuple[ChatRef, SuggestionView]:
    """A conversation with a suggestion beside it."""
    ref = await scene.chat(*texts)
    await suggest_for(scene.engine, [ref])
    async with scene.engine.store.transaction() as session:
        found = await conversations.suggestion(session, ref, rules_checked=1)
    assert found is not None
    return ref, found


async def outcomes(scene: Scene) -> list[Any]:
    return [row._mapping for row in await scene.sql(OUTCOMES)]


async def test_a_suggestion_sent_as_it_was_is_accepted_in_the_name_of_who_sent_it(scene: Scene) -> None:
    ref, suggestion = await suggested(scene)
    reply = await scene.reply(ref, f"{suggestion.text}  ")
    [found] = await outcomes(scene)
    assert (found["outcome"], found["outbox_id"], found["difference"]) == ("accepted", reply, None)
    assert (found["intent"], found["model"]) == ("where_is_order", "template")
    who = scene.engine.access.who
    assert who is not None
    assert found["operator_id"] == who.operator_id


async def test_an_edited_one_is_told_with_the_difference(scene: Scene) -> None:
    ref, suggestion = await suggested(scene)
    await scene.reply(ref, suggestion.text.replace("Здравствуйте!", "Добрый день!") + " Ждём\x00вас!")
    [found] = await outcomes(scene)
    assert found["outcome"] == "edited"
    assert [0, "Здравствуйте!", "Добрый день!"] in found["difference"]


async def test_a_reply_of_ones_own_words_says_nothing_of_the_suggestion(scene: Scene) -> None:
    ref, _ = await suggested(scene)
    await scene.reply(ref, ANOTHER)
    assert await outcomes(scene) == []


async def test_a_reply_that_was_not_queued_leaves_no_word(scene: Scene) -> None:
    ref, suggestion = await suggested(scene)
    seen = (await scene.conversation(ref)).newest
    scene.buyer_says(ref, "И ещё вопрос")
    await scene.pulled()
    with pytest.raises(StaleConversation):
        await queue_reply(
            scene.engine, scene.dispatch, ref, suggestion.text, client_id=uuid4(), seen=seen,
            suggestion_id=suggestion.id,
        )  # fmt: skip
    assert await outcomes(scene) == []


async def test_a_rejection_keeps_its_last_reason_and_words(scene: Scene) -> None:
    ref, suggestion = await suggested(scene)
    learning = Learning(scene.engine)
    await learning.reject(ref, suggestion.id, RejectionReason.WRONG_TONE)
    await learning.reject(ref, suggestion.id, RejectionReason.WRONG_FACT, " срок другой ")
    [found] = await outcomes(scene)
    assert (found["outcome"], found["reason"], found["words"]) == ("rejected", "wrong_fact", "срок другой")
    with pytest.raises(Rejected):
        await learning.reject(ref, suggestion.id, RejectionReason.OTHER, "я" * 501)
    with pytest.raises(NotFound):
        await learning.reject(ref, suggestion.id + 1, RejectionReason.OTHER)


async def rejections(scene: Scene) -> int:
    """How many the figures tell of."""
    report = await Desk(scene.engine, scene.dispatch).statistics.report(by=By.INTENT)
    return sum(one.rejected for one in report.acceptance)


async def said_of(scene: Scene, ref: ChatRef) -> str | None:
    found = await Desk(scene.engine, scene.dispatch).suggestion(ref)
    assert found is not None
    return found.rejected


async def test_a_rejection_is_taken_back_and_counts_no_more(scene: Scene) -> None:
    ref, suggestion = await suggested(scene)
    learning = Learning(scene.engine)
    assert (await rejections(scene), await said_of(scene, ref)) == (0, None)
    await learning.reject(ref, suggestion.id, RejectionReason.WRONG_TONE)
    assert (await rejections(scene), await said_of(scene, ref)) == (1, "wrong_tone")
    async with colleague(scene.engine, scene.dispatch, "vera", role="viewer") as vera:
        with pytest.raises(Forbidden):
            await vera.learning.take_back(ref, suggestion.id)
    assert await learning.take_back(ref, suggestion.id)
    assert (await rejections(scene), await said_of(scene, ref)) == (0, None)
    assert not await learning.take_back(ref, suggestion.id)


async def test_taking_a_rejection_back_leaves_what_replies_made_of_it(scene: Scene) -> None:
    ref, suggestion = await suggested(scene)
    await scene.reply(ref, suggestion.text)
    assert not await Learning(scene.engine).take_back(ref, suggestion.id)
    assert [found["outcome"] for found in await outcomes(scene)] == ["accepted"]


async def test_a_text_made_anew_is_not_the_rejected_one(scene: Scene) -> None:
    ref, suggestion = await suggested(scene)
    await Learning(scene.engine).reject(ref, suggestion.id, RejectionReason.UNHELPFUL)
    assert await said_of(scene, ref) == "unhelpful"
    await scene.sql("update suggestions set analyzed_at = now() where id = :id", id=suggestion.id)
    assert await said_of(scene, ref) is None


async def examples(scene: Scene) -> list[tuple[str, str]]:
    rows = await scene.sql("select question, reply from examples order by id")
    return [(question, reply) for question, reply in rows]


async def test_what_a_person_sent_becomes_an_example_when_it_is_delivered_and_not_before(
    scene: Scene,
) -> None:
    ref, suggestion = await suggested(scene, "Где мой заказ?", "Мой телефон 8 912 345-67-89")
    await scene.reply(ref, suggestion.text)
    await count(scene.engine)
    assert await examples(scene) == []
    await scene.deliver(ref)
    await count(scene.engine)
    await scene.pulled()
    await count(scene.engine)
    [(question, reply)] = await examples(scene)
    assert reply == nameless(suggestion.text, "Алёна")
    assert not reply.startswith("Алёна")
    assert question.startswith("Где мой заказ?")
    assert "345" not in question


async def test_an_undone_a_lost_and_an_own_reply_are_not_learned_from(scene: Scene) -> None:
    undone, first = await suggested(scene)
    taken = await scene.reply(undone, first.text, undo_seconds=60)
    assert await undo(scene.engine, undone, taken) is not None
    lost, second = await suggested(scene)
    scene.sending_goes_wrong("drop_before")
    await scene.reply(lost, second.text)
    own, _ = await suggested(scene)
    await scene.reply(own, ANOTHER)
    for ref in (undone, lost, own):
        await scene.deliver(ref)
    await count(scene.engine)
    assert await examples(scene) == []


async def test_a_reply_that_broke_a_guardrail_is_not_learned_from(scene: Scene) -> None:
    ref, suggestion = await suggested(scene)
    await scene.reply(ref, suggestion.text + " Мы вернём деньги!", consent=EVERY_CONSENT)
    await scene.deliver(ref)
    await count(scene.engine)
    assert [row["outcome"] for row in await outcomes(scene)] == ["edited"]
    assert await examples(scene) == []


def test_an_example_names_no_buyer() -> None:
    assert nameless("Алёна, здравствуйте! Уже смотрим.", "Алёна") == "Здравствуйте! Уже смотрим."
    assert nameless("Здравствуйте! Уже смотрим.", "Алёна") == "Здравствуйте! Уже смотрим."
    assert nameless("Здравствуйте, Алёна! Уже смотрим.", "Алёна") is None
    assert nameless("Здравствуйте! Уже смотрим.", None) == "Здравствуйте! Уже смотрим."

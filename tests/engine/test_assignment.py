"""Whose a conversation is: given, taken, claimed for a while, handed over, shared out."""

from __future__ import annotations

import pytest

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.errors import Forbidden, NotFound, Rejected
from agentiq_core.domain.filters import QueueFilter, Whose
from agentiq_core.domain.team import AssignmentMode, AssignmentRule
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.assignment import distribute, distribute_all
from agentiq_core.engine.desk import Desk
from tests.desks import at_desk, colleague
from tests.scene import ANSWER, Scene, another_worker


async def holder(scene: Scene, ref: ChatRef) -> int | None:
    return (await scene.conversation(ref)).assignee


async def test_an_operator_takes_what_is_nobodys_and_an_admin_takes_from_anybody(scene: Scene) -> None:
    ref = await scene.chat()
    async with (
        colleague(scene.engine, scene.dispatch, "anna") as anna,
        colleague(scene.engine, scene.dispatch, "boris") as boris,
        colleague(scene.engine, scene.dispatch, "ada", role="admin") as ada,
        colleague(scene.engine, scene.dispatch, "vera", role="viewer") as vera,
    ):
        assert await anna.assignment.take(ref) == 1
        assert await anna.assignment.take(ref) == 0
        shown = await boris.conversation(ref)
        assert (shown.assignee, shown.assignee_name) == (anna.assignment.me, "Anna")
        for steal in (
            boris.assignment.take(ref),
            boris.assignment.assign(ref, None),
            vera.assignment.take(ref),
        ):
            with pytest.raises(Forbidden):
                await steal
        assert await holder(scene, ref) == anna.assignment.me
        # away by the own will, or by an admin's
        assert await anna.assignment.assign(ref, boris.assignment.me) == 1
        assert await ada.assignment.assign(ref, anna.assignment.me) == 1
        with pytest.raises(Rejected):
            await anna.assignment.assign(ref, vera.who.operator_id)
        with pytest.raises(NotFound):
            await anna.assignment.take(ChatRef(ref.seller_id, 999))
        assert await anna.assignment.assign(ref, None) == 1
        assert await holder(scene, ref) is None
        lines = (await ada.audit.page(action="chats.assign", subject=str(ref.chat_id))).lines
        assert [line.change["assignee"][1] for line in reversed(lines)] == [
            anna.assignment.me, boris.assignment.me, anna.assignment.me, None,
        ]  # fmt: skip
        assert [line.operator for line in lines][1] == "Ada"


async def test_what_a_colleague_held_who_is_gone_is_anybodys(scene: Scene) -> None:
    ref = await scene.chat()
    desk = Desk(scene.engine, scene.dispatch)
    async with (
        colleague(scene.engine, scene.dispatch, "anna") as anna,
        colleague(scene.engine, scene.dispatch, "boris") as boris,
    ):
        me = anna.assignment.me
        await anna.assignment.take(ref)
        await scene.sql("update operators set disabled_at = now() where id = :id", id=me)
        assert await boris.assignment.take(ref) == 1
        with pytest.raises(Rejected):
            await desk.assignment.assign(ref, me)
        await scene.sql("update operators set disabled_at = null where id = :id", id=me)


async def test_a_claim_ends_by_itself_and_is_prolonged_by_claiming_anew(scene: Scene) -> None:
    ref = await scene.chat()
    async with (
        colleague(scene.engine, scene.dispatch, "anna") as anna,
        colleague(scene.engine, scene.dispatch, "boris") as boris,
    ):
        assert await anna.assignment.claim(ref) == 1
        until = (await anna.conversation(ref)).claimed_until
        assert until is not None
        assert await anna.assignment.claim(ref, minutes=60) == 1
        longer = (await anna.conversation(ref)).claimed_until
        assert longer is not None
        assert longer > until
        await distribute_all(boris.engine)
        assert await holder(scene, ref) == anna.assignment.me
        await scene.sql("update chats set claimed_until = clock_timestamp() - interval '1 second'")
        await distribute_all(boris.engine)
        after = await scene.conversation(ref)
        assert (after.assignee, after.claimed_until) == (None, None)
        with pytest.raises(Rejected):
            await anna.assignment.claim(ref, minutes=0)


async def test_a_claim_that_ran_out_is_taken_before_any_sweep(scene: Scene) -> None:
    ref = await scene.chat()
    async with (
        colleague(scene.engine, scene.dispatch, "anna") as anna,
        colleague(scene.engine, scene.dispatch, "boris") as boris,
    ):
        await anna.assignment.claim(ref)
        await scene.sql("update chats set claimed_until = clock_timestamp() - interval '1 second'")
        assert await boris.assignment.take(ref) == 1
        after = await scene.conversation(ref)
        assert (after.assignee, after.claimed_until) == (boris.assignment.me, None)


async def test_a_conversation_is_handed_over_with_a_word_or_not_at_all(scene: Scene) -> None:
    ref = await scene.chat()
    async with (
        colleague(scene.engine, scene.dispatch, "anna") as anna,
        colleague(scene.engine, scene.dispatch, "boris") as boris,
        colleague(scene.engine, scene.dispatch, "vera", role="viewer") as vera,
    ):
        await anna.assignment.take(ref)
        with pytest.raises(Rejected):
            await anna.assignment.hand_over(ref, vera.who.operator_id, "не выйдет")
        with pytest.raises(Forbidden):
            await boris.assignment.hand_over(ref, boris.assignment.me, "моё")
        assert await anna.notes.of(ref) == ()
        await anna.assignment.hand_over(ref, boris.assignment.me, "Ждёт ответа склада")
        assert await holder(scene, ref) == boris.assignment.me
        [mention] = await boris.notes.mentions(unseen=True)
        assert (mention.note.text, mention.note.handover) == ("Ждёт ответа склада", True)


async def test_new_conversations_go_round_among_those_who_are_here_and_may(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    await desk.assignment.set_rule(scene.seller_id, AssignmentRule(AssignmentMode.ROUND_ROBIN))
    first = await scene.chat("раз")
    async with (
        colleague(scene.engine, scene.dispatch, "anna") as anna,
        colleague(scene.engine, scene.dispatch, "boris") as boris,
        colleague(scene.engine, scene.dispatch, "clara"),
        colleague(scene.engine, scene.dispatch, "vera", role="viewer") as vera,
        colleague(scene.engine, scene.dispatch, "dora", sellers=()) as dora,
    ):
        assert await distribute(scene.engine, scene.seller_id) == []
        for one in (anna, boris, vera, dora):
            await at_desk(one)
        refs = [first, *[await scene.chat(word) for word in ("два", "три", "четыре")]]
        given = await distribute(anna.engine, scene.seller_id)
        assert sorted(one.chat_id for one in given) == sorted(ref.chat_id for ref in refs)
        assert sorted(one.operator_id for one in given) == sorted(
            [anna.assignment.me, boris.assignment.me] * 2
        )
        assert await distribute(another_worker(scene.engine), scene.seller_id) == []
        assert (await anna.overview()).mine == 2
        mine = await anna.queue(Queue.WAITING, filter=QueueFilter(assignee=Whose.ME))
        assert len(mine.rows) == 2
        assert all(row.assignee_name == "Anna" for row in mine.rows)


async def test_by_load_whoever_has_least_gets_the_next(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    await desk.assignment.set_rule(scene.seller_id, AssignmentRule(AssignmentMode.LOAD))
    old = [await scene.chat(word) for word in ("раз", "два")]
    async with (
        colleague(scene.engine, scene.dispatch, "anna") as anna,
        colleague(scene.engine, scene.dispatch, "boris") as boris,
    ):
        await anna.assignment.take(old)
        await at_desk(anna)
        await at_desk(boris)
        fresh = [await scene.chat(word) for word in ("три", "четыре")]
        await distribute(scene.engine, scene.seller_id)
        assert [await holder(scene, ref) for ref in fresh] == [boris.assignment.me] * 2


async def test_what_somebody_laid_down_is_left_until_the_buyer_writes_again(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    await desk.assignment.set_rule(scene.seller_id, AssignmentRule(AssignmentMode.ROUND_ROBIN))
    ref = await scene.chat()
    async with colleague(scene.engine, scene.dispatch, "anna") as anna:
        await at_desk(anna)
        await anna.assignment.take(ref)
        await anna.assignment.assign(ref, None)
        assert await distribute(scene.engine, scene.seller_id) == []
        scene.types_in_cabinet(ref, ANSWER)
        await scene.pulled()
        scene.buyer_says(ref, "А когда?")
        await scene.pulled()
        # the marketplace's clock is not the database's: the new question came behind the laying down
        await scene.sql("update chats set assigned_at = waiting_since - interval '1 second'")
        await distribute_all(scene.engine)
        assert await holder(scene, ref) == anna.assignment.me


async def test_only_an_admin_says_how_conversations_are_shared_out(scene: Scene) -> None:
    rule = AssignmentRule(AssignmentMode.LOAD, 30)
    async with (
        colleague(scene.engine, scene.dispatch, "anna") as anna,
        colleague(scene.engine, scene.dispatch, "ada", role="admin") as ada,
    ):
        with pytest.raises(Forbidden):
            await anna.assignment.set_rule(scene.seller_id, rule)
        await ada.assignment.set_rule(scene.seller_id, rule)
        assert await anna.assignment.rule(scene.seller_id) == rule
        with pytest.raises(NotFound):
            await ada.assignment.set_rule(99, rule)
        assert (await ada.audit.page(action="assignment.")).lines[0].operator == "Ada"

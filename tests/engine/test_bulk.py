"""One action on many: in steps, counted honestly, a line of the log each; what is refused holds up nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agentiq_core.domain.chats import ChatStatus, Queue
from agentiq_core.domain.errors import BadFilter, Forbidden
from agentiq_core.domain.filters import EVERYTHING, QueueFilter, parsed
from agentiq_core.domain.team import BulkReport
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine import bulk
from agentiq_core.engine.bulk import Action, AddTag, Assign, Found, NoReplyNeeded, RemoveTag, Reopen, Snooze
from agentiq_core.engine.desk import Desk
from agentiq_core.store import queues
from tests.desks import colleague
from tests.scene import ANSWER, Scene

EVERY = Found(Queue.ALL, EVERYTHING)


async def whole(desk: Desk, action: Action, on: Found | list[ChatRef] = EVERY) -> BulkReport:
    *_, report = [report async for report in desk.bulk.run(action, on)]
    return report


async def three(scene: Scene) -> list[ChatRef]:
    return [await scene.chat(word) for word in ("раз", "два", "три")]


async def found(desk: Desk, text: str, queue: Queue = Queue.ALL) -> list[ChatRef]:
    return sorted(row.ref for row in (await desk.queue(queue, filter=parsed(text))).rows)


async def test_what_a_filter_finds_is_tagged_and_found_by_its_tag(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    refs = await three(scene)
    assert await desk.tags.add(refs[0], "брак") == 1
    assert await desk.tags.add(refs[0], "брак") == 0
    assert await whole(desk, AddTag("срочно")) == BulkReport(3, done=3)
    assert await whole(desk, AddTag("срочно")) == BulkReport(3, unchanged=3)
    assert await found(desk, "#срочно") == refs
    assert await found(desk, "#брак") == refs[:1]
    assert (await desk.conversation(refs[0])).tags == ("брак", "срочно")
    assert await whole(desk, RemoveTag("срочно"), refs[1:]) == BulkReport(2, done=2)
    assert await found(desk, "#срочно", Queue.WAITING) == refs[:1]
    assert [tag.name for tag in await desk.tags.of(scene.seller_id)] == ["брак", "срочно"]
    with pytest.raises(BadFilter):
        await desk.tags.add(refs, "два слова")


async def test_a_conversation_has_at_most_twenty_tags(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    ref = await scene.chat()
    for number in range(20):
        await desk.tags.add(ref, f"t{number}")
    assert await whole(desk, AddTag("t20")) == BulkReport(1, refused={"rejected": 1})


async def test_what_is_refused_is_counted_by_its_reason_and_the_rest_is_done(scene: Scene) -> None:
    refs = await three(scene)
    async with (
        colleague(scene.engine, scene.dispatch, "anna") as anna,
        colleague(scene.engine, scene.dispatch, "boris") as boris,
    ):
        await anna.assignment.take(refs[1])
        missing = ChatRef(scene.seller_id, 999)
        report = await whole(boris, Assign(boris.assignment.me), [*refs, missing])
        assert report == BulkReport(4, done=2, refused={"forbidden": 1, "not_found": 1})
        assert (report.not_done, report.seen) == (2, 4)
        assert await found(boris, "@me") == [refs[0], refs[2]]
        assert await found(boris, f"@{anna.assignment.me}") == [refs[1]]
        assert await found(boris, "@nobody") == []


async def test_put_off_and_found_and_brought_back(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    refs = await three(scene)
    await desk.no_reply_needed(refs[2])
    until = scene.engine.clock() + timedelta(hours=2)
    assert await whole(desk, Snooze(until)) == BulkReport(3, done=2, refused={"rejected": 1})
    assert (await desk.overview()).snoozed == 2
    assert await found(desk, "", Queue.WAITING) == []
    for queue in Queue:
        assert await found(desk, "snoozed", queue) == refs[:2]
    assert (await desk.queue(Queue.ALL, filter=QueueFilter(snoozed=True))).rows[0].snoozed_until == until
    assert await found(desk, "-snoozed") == refs[2:]
    assert await whole(desk, Snooze(None), refs[:2]) == BulkReport(2, done=2)
    assert await found(desk, "", Queue.WAITING) == refs[:2]


async def test_no_reply_needed_and_needed_after_all(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    refs = await three(scene)
    assert await whole(desk, NoReplyNeeded(), refs[:2]) == BulkReport(2, done=2)
    assert await whole(desk, NoReplyNeeded(), refs[:2]) == BulkReport(2, unchanged=2)
    assert [row.status for row in (await desk.queue(Queue.ALL, filter=parsed("closed"))).rows] == [
        ChatStatus.CLOSED
    ] * 2
    assert await whole(desk, Reopen(), refs) == BulkReport(3, done=2, unchanged=1)
    assert await found(desk, "", Queue.WAITING) == refs


async def test_each_has_one_line_of_the_log(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    refs = await three(scene)
    until = scene.engine.clock() + timedelta(hours=2)
    for action in (
        Assign(desk.assignment.me),
        AddTag("vip"),
        Snooze(until),
        Snooze(None),
        NoReplyNeeded(),
        Reopen(),
    ):
        await whole(desk, action)
    for kind in ("assign", "tag", "snooze", "close", "reopen"):
        page = await desk.audit.page(action=f"chats.{kind}")
        assert sorted(int(line.subject) for line in page.lines) == [ref.chat_id for ref in refs], kind


async def test_it_goes_in_steps_that_stay_when_somebody_stops(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "STEP", 2)
    desk = Desk(scene.engine, scene.dispatch)
    refs = await three(scene)
    running = desk.bulk.run(AddTag("vip"), EVERY)
    seen = [await anext(running), await anext(running)]
    await running.aclose()
    assert [report.done for report in seen] == [0, 2]
    assert len(await found(desk, "#vip")) == 2
    assert await whole(desk, AddTag("vip"), refs) == BulkReport(3, done=1, unchanged=2)


async def test_a_viewer_does_nothing_to_many_either(scene: Scene) -> None:
    refs = await three(scene)
    async with colleague(scene.engine, scene.dispatch, "vera", role="viewer") as vera:
        for action in (Assign(None), AddTag("vip"), NoReplyNeeded()):
            with pytest.raises(Forbidden):
                await whole(vera, action, refs)
        with pytest.raises(Forbidden):
            await vera.tags.add(refs, "vip")
        with pytest.raises(Forbidden):
            await vera.audit.page()
        assert await found(vera, "") == refs


async def test_lines_of_conversations_by_name_are_told_wherever_they_stand(scene: Scene) -> None:
    waits, answered = await scene.chat(), await scene.chat()
    scene.types_in_cabinet(answered, ANSWER)
    await scene.pulled()
    async with scene.engine.store.transaction() as session:
        rows = await queues.rows(session, [answered, waits, ChatRef(scene.seller_id, 9_999)])
        every = (await queues.page(session, Queue.ALL, None, 10)).rows
    assert sorted(rows, key=lambda row: row.ref) == sorted(every, key=lambda row: row.ref)

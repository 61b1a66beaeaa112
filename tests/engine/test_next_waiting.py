"""Who waits next: by deadline from where the operator is, however deep in a queue that is."""

from __future__ import annotations

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.filters import QueueFilter
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.desk import Desk
from tests.scene import Scene


async def in_queues(scene: Scene, work: int, waiting: int) -> list[ChatRef]:
    """So many conversations in the two queues, in the order of their deadlines; two of each are due at once."""
    refs = [await scene.chat(f"Вопрос {number}") for number in range(work + waiting)]
    for number, ref in enumerate(refs):
        await scene.sql(
            "update chats set queue = :queue, due_at = now() + make_interval(hours => :number) where id = :id",
            queue="work" if number < work else "waiting",
            number=number // 2,
            id=ref.chat_id,
        )
    return refs


async def test_every_one_that_waits_comes_once_and_the_first_again(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    refs = await in_queues(scene, work=3, waiting=3)
    assert await desk.next_waiting(None) == (Queue.WORK, refs[0])
    met = []
    current: ChatRef | None = refs[0]
    for _ in refs:
        found = await desk.next_waiting(current)
        assert found is not None
        met.append(found)
        current = found[1]
    assert met == [(Queue.WORK, ref) for ref in refs[1:3]] + [(Queue.WAITING, ref) for ref in refs[3:]] + [
        (Queue.WORK, refs[0])
    ]


async def test_from_one_that_waits_no_more_the_most_urgent_comes(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    refs = await in_queues(scene, work=0, waiting=3)
    await desk.no_reply_needed(refs[1])
    assert await desk.next_waiting(refs[1]) == (Queue.WAITING, refs[0])
    assert await desk.next_waiting(refs[0]) == (Queue.WAITING, refs[2])


async def test_who_waits_alone_has_nobody_behind(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    [ref] = await in_queues(scene, work=1, waiting=0)
    assert await desk.next_waiting(ref) is None
    await desk.no_reply_needed(ref)
    assert await desk.next_waiting(None) is None


async def test_a_filter_leads_from_one_it_shows_to_the_next(scene: Scene) -> None:
    desk = Desk(scene.engine, scene.dispatch)
    refs = await in_queues(scene, work=2, waiting=3)
    for ref in (refs[0], refs[2], refs[4]):
        await desk.tags.add(ref, "опт")
    tagged = QueueFilter(tag="опт")
    assert await desk.next_waiting(refs[0], tagged) == (Queue.WAITING, refs[2])
    assert await desk.next_waiting(refs[3], tagged) == (Queue.WAITING, refs[4])
    assert await desk.next_waiting(refs[4], tagged) == (Queue.WORK, refs[0])

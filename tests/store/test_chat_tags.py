"""Which conversations bear a tag is kept beside them, as their tags say, and no page of a tag looks at the others."""

from __future__ import annotations

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.filters import QueueFilter
from agentiq_core.store import queues, tags
from tests.engine.conftest import dispatch, engine, hasty_engine, sandbox, scene, seller_id, shop, team_key
from tests.scene import Scene

__all__ = ["dispatch", "engine", "hasty_engine", "sandbox", "scene", "seller_id", "shop", "team_key"]

KEPT = "select seller_id, chat_id, tag, last_at, channel, stars, assignee from chat_tags order by 1, 2, 3"
BORNE = "select c.seller_id, c.id, t, c.last_at, c.channel, c.stars, c.assignee from chats c, unnest(c.tags) t order by 1, 2, 3"


async def agree(scene: Scene) -> int:
    kept = await scene.sql(KEPT)
    assert kept == await scene.sql(BORNE)
    return len(kept)


async def test_they_follow_the_tags_of_a_conversation_and_its_last_message(scene: Scene) -> None:
    ref = await scene.chat("Подскажите, есть ли размер больше?")
    other = await scene.chat("Где мой заказ?")
    assert await agree(scene) == 0
    async with scene.engine.store.transaction() as session:
        await tags.add(session, ref.seller_id, [ref.chat_id, other.chat_id], "размер")
        await tags.add(session, ref.seller_id, [ref.chat_id], "срочно")
    assert await agree(scene) == 3
    scene.buyer_says(ref, "Так есть или нет?")
    await scene.pulled()
    assert await agree(scene) == 3
    async with scene.engine.store.transaction() as session:
        await tags.remove(session, ref.seller_id, [ref.chat_id], "размер")
    assert await agree(scene) == 2
    await scene.sql("update chats set stars = 2 where id = :id", id=ref.chat_id)
    assert await agree(scene) == 2
    await scene.sql("update chats set stars = null, assignee = 1")
    assert await agree(scene) == 2
    await scene.sql("delete from sellers")
    assert await agree(scene) == 0


async def test_pages_of_a_tag_are_whole_and_in_order(scene: Scene) -> None:
    refs = [await scene.chat(f"Вопрос {number}") for number in range(5)]
    async with scene.engine.store.transaction() as session:
        await tags.add(session, refs[0].seller_id, [ref.chat_id for ref in refs[:4]], "размер")
        wanted = QueueFilter(tag="размер")
        first = await queues.page(session, Queue.ALL, None, 3, wanted)
        rest = await queues.page(session, Queue.ALL, first.after, 3, wanted)
        everything = await queues.page(session, Queue.ALL, None, 10)
        waiting = await queues.page(session, Queue.WAITING, None, 10, wanted)
        counted = await queues.count(session, Queue.ALL, wanted, 99)
    tagged = [row.ref for row in everything.rows if row.ref in refs[:4]]
    assert [row.ref for row in (*first.rows, *rest.rows)] == tagged
    assert rest.after is None
    assert {row.ref for row in waiting.rows} == set(refs[:4])
    assert counted.number == 4

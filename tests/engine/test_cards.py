"""The card of the good that a conversation is about."""

from __future__ import annotations

from agentiq_core.domain.messages import ProductCard
from agentiq_core.store import products
from tests.scene import Scene


async def test_a_conversation_has_the_card_of_its_good_once_it_was_fetched(scene: Scene) -> None:
    ref = await scene.chat()
    store = scene.engine.store
    [(product_id,)] = await scene.sql("select product_id from chats")
    async with store.transaction() as session:
        await products.store(
            session,
            ref.seller_id,
            [product_id],
            [ProductCard(product_id, "Лампа", brand="Свет", facts=(("Мощность", "7 Вт"),))],
        )
    async with store.transaction() as session:
        card = await products.card(session, ref)
    assert card == ProductCard(product_id, "Лампа", brand="Свет", facts=(("Мощность", "7 Вт"),))


async def test_a_conversation_about_nothing_that_is_known_has_no_card(scene: Scene) -> None:
    ref = await scene.chat()
    async with scene.engine.store.transaction() as session:
        await products.store(session, ref.seller_id, [], [])
    await scene.sql("delete from products")
    async with scene.engine.store.transaction() as session:
        assert await products.card(session, ref) is None

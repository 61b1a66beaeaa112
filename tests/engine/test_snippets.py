"""Templates and knowledge: who writes them, how they are found, whose they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentiq_core.domain.errors import NotFound, Rejected
from agentiq_core.domain.snippets import SnippetKind, SnippetText
from agentiq_core.engine.snippets import Snippets
from tests.scene import Scene

DELIVERY = SnippetText(
    "доставка по москве", "{name}, заказ {order} привезут завтра.", intent="where_is_order"
)
WASHING = SnippetText("стирка", "Плед стирают при 30 градусах.", SnippetKind.KNOWLEDGE)


@pytest.fixture
def snippets(scene: Scene) -> Snippets:
    return Snippets(scene.engine)


async def test_a_snippet_is_found_by_the_beginning_of_its_name_and_by_any_form_of_its_words(
    scene: Scene, snippets: Snippets
) -> None:
    delivery = await snippets.add(scene.seller_id, DELIVERY)
    washing = await snippets.add(scene.seller_id, WASHING)
    assert [one.id for one in await snippets.list(scene.seller_id)] == [washing, delivery]

    async def found(typed: str, kind: SnippetKind | None = None) -> list[int]:
        return [one.id for one in await snippets.find(scene.seller_id, typed, kind=kind)]

    assert await found("Дос") == [delivery]
    assert await found("пледы стирали") == [washing]
    assert await found("привозили заказы", SnippetKind.TEMPLATE) == [delivery]
    assert await found("") == [delivery, washing]
    assert await found("'; drop table \\ & | ! :*") == []


async def test_a_template_is_filled_with_what_the_conversation_knows(
    scene: Scene, snippets: Snippets
) -> None:
    ref = await scene.chat()
    await scene.sql("update chats set buyer_name = 'Алёна', order_id = '4815' where id = :id", id=ref.chat_id)
    template = await snippets.get(scene.seller_id, await snippets.add(scene.seller_id, DELIVERY))
    assert (await snippets.fill(ref, template)).text == "Алёна, заказ 4815 привезут завтра."


async def test_a_name_is_taken_once_and_free_again_when_its_snippet_is_put_away(
    scene: Scene, snippets: Snippets
) -> None:
    first = await snippets.add(scene.seller_id, DELIVERY)
    with pytest.raises(Rejected):
        await snippets.add(scene.seller_id, replace(DELIVERY, name="Доставка по Москве"))
    await snippets.archive(scene.seller_id, first)
    with pytest.raises(NotFound):
        await snippets.archive(scene.seller_id, first)
    second = await snippets.add(scene.seller_id, DELIVERY)
    assert [one.id for one in await snippets.list(scene.seller_id)] == [second]
    assert {one.id for one in await snippets.list(archived=True)} == {first, second}
    with pytest.raises(Rejected, match="already"):
        await snippets.restore(scene.seller_id, first)
    await snippets.archive(scene.seller_id, second)
    await snippets.restore(scene.seller_id, first)
    assert [one.id for one in await snippets.list(scene.seller_id)] == [first]
    assert [one.id for one in await snippets.find(scene.seller_id, "доставка")] == [first]
    with pytest.raises(NotFound):
        await snippets.restore(scene.seller_id, first)


async def test_a_changed_snippet_is_found_by_its_new_words_alone(scene: Scene, snippets: Snippets) -> None:
    number = await snippets.add(scene.seller_id, WASHING)
    await snippets.change(
        scene.seller_id, number, replace(WASHING, body="Чехол гладят утюгом.", kind=SnippetKind.TEMPLATE)
    )
    changed = await snippets.get(scene.seller_id, number)
    assert changed.said.kind is SnippetKind.KNOWLEDGE, "what was approved as knowledge stays that"
    assert changed.updated_by == 1
    assert await snippets.find(scene.seller_id, "пледы", kind=None) == ()
    assert [one.id for one in await snippets.find(scene.seller_id, "утюги", kind=None)] == [number]


@pytest.mark.parametrize(
    "wrong",
    [
        replace(DELIVERY, name=" "),
        replace(DELIVERY, name="н" * 81),
        replace(DELIVERY, body=""),
        replace(DELIVERY, body="т" * 5001),
        replace(DELIVERY, intent="astrology"),
        replace(DELIVERY, channel="pigeon"),
    ],
)
async def test_what_cannot_be_a_snippet_is_refused(
    scene: Scene, snippets: Snippets, wrong: SnippetText
) -> None:
    with pytest.raises(Rejected):
        await snippets.add(scene.seller_id, wrong)

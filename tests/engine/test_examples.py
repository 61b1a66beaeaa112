"""Replies that were accepted come back when a buyer asks alike."""

from __future__ import annotations

from agentiq_core.engine.snippets import query
from agentiq_core.language.lemmas import strange_words
from agentiq_core.store import examples
from agentiq_core.store.database import Store
from agentiq_core.store.examples import NewExample, SimilarExample
from tests.scene import Scene


async def asked(store: Store, seller_id: int, question: str, most: int = 3) -> tuple[SimilarExample, ...]:
    async with store.transaction() as session:
        return await examples.similar(
            session, seller_id, words=query(question), strange=" ".join(strange_words(question)), most=most
        )


async def accepted(scene: Scene, number: int, chat_id: int, question: str, lemmas: str) -> None:
    async with scene.engine.store.transaction() as session:
        await examples.add(
            session,
            NewExample(scene.seller_id, chat_id, number, "defect", question, f"Ответ {number}", lemmas),
        )


async def test_the_nearest_questions_come_first_whatever_forms_their_words_have(scene: Scene) -> None:
    ref = await scene.chat()
    await accepted(scene, 1, ref.chat_id, "Кружка пришла с трещиной", "кружка прийти с трещина")
    await accepted(scene, 2, ref.chat_id, "Какого цвета кружка?", "какой цвет кружка")
    await accepted(scene, 3, ref.chat_id, "Где посылка?", "где посылка")
    found = await asked(scene.engine.store, scene.seller_id, "на кружках трещины")
    assert [one.reply for one in found] == ["Ответ 1", "Ответ 2"]


async def test_what_no_dictionary_knows_is_found_by_its_letters(scene: Scene) -> None:
    ref = await scene.chat()
    await accepted(scene, 1, ref.chat_id, "Подходит к Xiaomi Redmi Note?", "подходить xiaomi redmi note")
    found = await asked(scene.engine.store, scene.seller_id, "xiaomy redmy not")
    assert [one.reply for one in found] == ["Ответ 1"]


async def test_one_reply_is_one_example(scene: Scene) -> None:
    ref = await scene.chat()
    for _ in range(2):
        await accepted(scene, 1, ref.chat_id, "Кружка разбита", "кружка разбить")
    assert len(await asked(scene.engine.store, scene.seller_id, "кружка разбилась")) == 1

"""What people type: each their own, on every machine of theirs; nothing that was typed is lost, whoever saves last."""

from __future__ import annotations

import asyncio

import pytest

from agentiq_core.domain.drafts import NOTE, DraftKey, DraftView, LeftDraft, note_field
from agentiq_core.domain.errors import Forbidden
from agentiq_core.domain.views import Change
from agentiq_core.engine.desk import Desk
from tests.desks import colleague
from tests.scene import ANSWER, Scene


async def test_two_people_in_one_conversation_leave_each_others_words_alone(scene: Scene) -> None:
    ref = await scene.chat()
    key = DraftKey(ref)
    async with (
        colleague(scene.engine, scene.dispatch, "anna") as anna,
        colleague(scene.engine, scene.dispatch, "boris") as boris,
        colleague(scene.engine, scene.dispatch, "vera", role="viewer") as vera,
    ):
        await anna.drafts.save(key, "Здравствуйте! Уточню на складе")
        await boris.drafts.save(key, "Добрый день!")
        assert (await anna.conversation(ref)).draft == DraftView("Здравствуйте! Уточню на складе")
        assert (await boris.conversation(ref)).draft == DraftView("Добрый день!")
        assert (await boris.conversation(ref)).left is None
        await boris.drafts.save(key, "", ["Добрый день!"])
        assert await boris.drafts.read(key) == DraftView()
        assert (await anna.drafts.read(key)).text == "Здравствуйте! Уточню на складе"
        with pytest.raises(Forbidden):
            await vera.drafts.save(key, "x")
        # whoever answers drops the own words only
        await boris.drafts.save(key, ANSWER)
        await scene.reply(ref, ANSWER)
        assert (await anna.drafts.read(key)).text == "Здравствуйте! Уточню на складе"
        assert (await boris.drafts.read(key)).text == ANSWER


async def test_what_the_same_person_typed_elsewhere_is_kept_beside_until_it_is_part_of_the_text(
    scene: Scene,
) -> None:
    ref = await scene.chat()
    key, desk = DraftKey(ref), Desk(scene.engine, scene.dispatch)
    assert await desk.drafts.save(key, "Начато дома") == DraftView("Начато дома")
    # a machine that has never seen that
    assert await desk.drafts.save(key, "На работе") == DraftView("На работе", "Начато дома")
    assert await desk.drafts.save(key, "На работе иначе", ["На работе"]) == DraftView(
        "На работе иначе", "Начато дома"
    )
    assert (await desk.conversation(ref)).draft == DraftView("На работе иначе", "Начато дома")
    # emptied, and sent: the other text stays
    assert await desk.drafts.save(key, "", ["На работе иначе"]) == DraftView("", "Начато дома")
    await desk.drafts.save(key, ANSWER, [""])
    await scene.reply(ref, ANSWER)
    assert await desk.drafts.read(key) == DraftView("", "Начато дома")
    together = "Ответ\n\nНачато дома"
    assert await desk.drafts.save(key, together, [""]) == DraftView(together)
    assert await desk.drafts.save(key, "", [together]) == DraftView()
    assert await scene.sql("select * from drafts") == []


@pytest.mark.parametrize("known", [["Добрый"], ["", "Добрый"], []])
async def test_own_words_that_were_saved_unheard_or_gone_on_with_are_no_other_text(
    scene: Scene, known: list[str]
) -> None:
    ref = await scene.chat()
    key, desk = DraftKey(ref), Desk(scene.engine, scene.dispatch)
    await desk.drafts.save(key, "Добрый")
    assert await desk.drafts.save(key, "Добрый день", known) == DraftView("Добрый день")
    assert await desk.drafts.save(key, "Здравствуйте", ["Добрый", "Добрый день"]) == DraftView("Здравствуйте")


async def test_an_emptied_field_drops_nothing_that_it_has_not_seen(scene: Scene) -> None:
    ref = await scene.chat()
    key, desk = DraftKey(ref), Desk(scene.engine, scene.dispatch)
    await desk.drafts.save(key, "Новое с другой машины")
    assert await desk.drafts.save(key, "", ["старое"]) == DraftView("", "Новое с другой машины")


async def test_a_half_typed_note_is_its_writers_and_apart_from_the_reply(scene: Scene) -> None:
    ref = await scene.chat()
    async with (
        colleague(scene.engine, scene.dispatch, "anna") as anna,
        colleague(scene.engine, scene.dispatch, "boris") as boris,
    ):
        for field in (NOTE, note_field(7)):
            await anna.drafts.save(DraftKey(ref, field), f"{field}: звонил на ск")
        assert await anna.drafts.read(DraftKey(ref)) == DraftView()
        assert await boris.drafts.read(DraftKey(ref, NOTE)) == DraftView()
        assert (await anna.drafts.read(DraftKey(ref, note_field(7)))).text == "note:7: звонил на ск"
        await anna.assignment.take(ref)
        await anna.assignment.hand_over(ref, boris.assignment.me, "дальше ты")
        assert (await boris.conversation(ref)).left is None


async def test_whose_the_conversation_is_now_sees_what_was_begun_and_goes_on_with_it(scene: Scene) -> None:
    ref = await scene.chat()
    key = DraftKey(ref)
    async with (
        colleague(scene.engine, scene.dispatch, "anna") as anna,
        colleague(scene.engine, scene.dispatch, "boris") as boris,
        colleague(scene.engine, scene.dispatch, "oleg") as oleg,
    ):
        await anna.assignment.take(ref)
        await anna.drafts.save(key, "Здравствуйте! Уточню")
        await anna.assignment.hand_over(ref, boris.assignment.me, "дальше ты")
        left = (await boris.conversation(ref)).left
        assert left == LeftDraft(anna.assignment.me, "Anna", "Здравствуйте! Уточню")
        assert (await boris.conversation(ref)).draft == DraftView()
        # not the conversation of these
        assert (await oleg.conversation(ref)).left is None
        await oleg.drafts.take(ref, left)
        assert await boris.drafts.of_reply(ref) == (DraftView(), left)
        # typed on meanwhile: that is another text
        await anna.drafts.save(key, "Здравствуйте! Уточню на складе", ["Здравствуйте! Уточню"])
        await boris.drafts.take(ref, left)
        _own, newer = await boris.drafts.of_reply(ref)
        assert newer is not None
        assert newer.text == "Здравствуйте! Уточню на складе"
        await boris.drafts.save(key, newer.text)
        await boris.drafts.take(ref, newer)
        assert await boris.drafts.of_reply(ref) == (DraftView(newer.text), None)
        assert await anna.drafts.read(key) == DraftView()


async def test_the_writers_other_machine_hears_of_a_draft_as_of_presence(scene: Scene) -> None:
    ref = await scene.chat()
    async with colleague(scene.engine, scene.dispatch, "anna") as anna:
        heard: asyncio.Queue[Change] = asyncio.Queue()

        async def listen() -> None:
            async for change in anna.changes():
                await heard.put(change)

        async with asyncio.timeout(10):
            following = asyncio.create_task(listen())
            await heard.get()
            for field in (NOTE, "reply"):
                await anna.drafts.save(DraftKey(ref, field), "текст")
            assert await heard.get() == Change(ref, anna.assignment.me)
        following.cancel()

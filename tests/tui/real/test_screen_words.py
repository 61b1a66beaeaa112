"""What operators type, from the keys to the database and back, with somebody else typing too."""

from __future__ import annotations

from agentiq_core.domain.drafts import DraftKey, DraftView
from agentiq_tui.screens.note import NoteScreen
from tests.desks import colleague
from tests.scene import Scene
from tests.tui.real.conftest import Sit


async def test_another_machine_of_the_same_operator_goes_on_and_neither_loses_words(
    scene: Scene, sit: Sit
) -> None:
    key = DraftKey(await scene.chat("Здравствуйте! Где мой заказ?"))
    async with sit() as here:
        home = here.desk
        await here.writes("Здравствуйте!")
        await here.sees("черновик сохранён")
        assert await home.drafts.read(key) == DraftView("Здравствуйте!")
        await home.drafts.save(key, "Здравствуйте! Уточняем", ["Здравствуйте!"])
        await here.until(lambda: here.composer.text == "Здравствуйте! Уточняем")
        # at the same time in both, and this one is saved later
        here.composer.insert(" здесь")
        await home.drafts.save(key, "Здравствуйте! Уточняем дома", ["Здравствуйте! Уточняем"])
        await here.sees("В другом месте вы набрали")
        assert here.composer.text == "Здравствуйте! Уточняем здесь"
        await here.press("ctrl+s")
        both = "Здравствуйте! Уточняем здесь\n\nЗдравствуйте! Уточняем дома"
        assert here.composer.text == both

        async def together() -> bool:
            return await home.drafts.read(key) == DraftView(both)

        await here.until_there(together)


async def test_who_gets_a_conversation_takes_what_was_begun_there(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat("Здравствуйте! Где мой заказ?")
    key = DraftKey(ref)
    async with colleague(scene.engine, scene.dispatch, "anna") as anna, sit() as here:
        await anna.drafts.save(key, "Здравствуйте! Уточню на складе")
        anna.presence.look(ref)
        await anna.presence.settled()
        await here.sees("Anna")
        await anna.assignment.take(ref)
        await anna.assignment.hand_over(ref, here.desk.assignment.me, "дальше ты")
        await here.until(lambda: here.screen.conversation and here.screen.conversation.left)
        assert "Начатый ответ" not in here.text()
        assert here.composer.text == ""
        await anna.presence.leave()
        await here.sees("Начатый ответ (Anna)")
        await here.press("R")

        async def taken() -> bool:
            return await scene.sql("select operator_id, body from drafts") == [
                (here.desk.assignment.me, "Здравствуйте! Уточню на складе")
            ]

        await here.until_there(taken)
        assert here.composer.text == "Здравствуйте! Уточню на складе"


async def test_a_half_typed_note_is_in_the_database_and_in_the_next_session(scene: Scene, sit: Sit) -> None:
    await scene.chat("Здравствуйте! Где мой заказ?")
    stored = "select field, body from drafts"
    async with sit() as here:
        await here.press("N")
        await here.until(lambda: isinstance(here.app.screen, NoteScreen))
        await here.press(*"звонил")

        async def saved() -> bool:
            return await scene.sql(stored) == [("note", "звонил")]

        await here.until_there(saved)
    async with sit() as here:
        await here.press("N")
        await here.until(lambda: isinstance(here.app.screen, NoteScreen))
        await here.press(*" на склад", "f5")
        await here.sees("звонил на склад")

        async def gone() -> bool:
            return await scene.sql(stored) == []

        await here.until_there(gone)

"""Templates, notes, tags and a word against a suggestion, from the keys to the database."""

from __future__ import annotations

from agentiq_core.domain.snippets import SnippetText
from agentiq_tui.screens.choose import ChooseScreen
from agentiq_tui.screens.note import NoteScreen
from agentiq_tui.widgets.template_list import TemplateList
from tests.scene import Scene
from tests.tui.real.conftest import Sit


async def test_a_template_behind_a_slash_is_filled_in_and_sent_when_the_operator_says_so(
    scene: Scene, sit: Sit
) -> None:
    ref = await scene.chat("Здравствуйте! Где мой заказ?")
    async with sit() as here:
        await here.desk.snippets.add(ref.seller_id, SnippetText("где", "Проверим и напишем вам сегодня."))
        here.composer.focus()
        await here.until(lambda: here.composer.has_focus)
        await here.press("/", *"где")
        await here.until(lambda: here.screen.query_one(TemplateList).display)
        await here.press("tab")
        await here.until(lambda: here.composer.text == "Проверим и напишем вам сегодня.")
        assert scene.sent_there(ref) == []
        await here.press("f5")
        await here.delivered(ref, "Проверим и напишем вам сегодня.")


async def test_a_note_a_tag_and_a_claim_reach_the_database_and_come_back(scene: Scene, sit: Sit) -> None:
    await scene.chat("Здравствуйте! Где мой заказ?")
    async with sit() as here:
        await here.press("N")
        await here.until(lambda: isinstance(here.app.screen, NoteScreen))
        await here.press(*"звонил на склад", "f5")
        await here.sees("звонил на склад")
        await here.press("number_sign")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press(*"склад", "enter")
        await here.sees("#склад")
        await here.press("C")
        await here.until(lambda: here.screen.conversation and here.screen.conversation.claimed_until)
        assert scene.sent_there(here.screen.current) == []
    [(body,)] = await scene.sql("select body from notes")
    assert body == "звонил на склад"


async def test_a_rejected_suggestion_is_noted_and_no_key_sends_it(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat("Здравствуйте! Где мой заказ?")
    async with sit() as here:
        await here.press("-")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        await here.press(*"не про то", "enter")
        await here.until(lambda: here.screen.suggestion_pane.spent)
        await here.press("f5")
        await here.sees("Отправлять нечего")
        assert scene.sent_there(ref) == []

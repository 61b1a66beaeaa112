"""A shop's rules, hours and guardrails, from the key to the database and back to the next reply."""

from __future__ import annotations

from textual.widgets import Input, OptionList

from agentiq_tui.screens.confirm import ConfirmScreen
from tests.scene import ANOTHER, Scene
from tests.tui.real.conftest import Seat, Sit


async def opens(here: Seat, action: str) -> None:
    await here.screen.run_action(action)
    await here.until(lambda: here.app.screen is not here.screen and here.app.screen.query(Input))


async def saves(here: Seat, words: str) -> None:
    await here.press("f5")
    await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
    await here.sees(words)
    await here.press("f9")
    await here.sees("✓ Сохранено")


async def test_a_rule_that_is_saved_moves_the_deadline_that_the_preview_told(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat("Подскажите, какой размер взять на рост 170?")
    before = (await scene.conversation(ref)).due_at
    async with sit() as here:
        await opens(here, "rules")
        await here.until(lambda: here.app.screen.query_one(OptionList).option_count == 10)
        await here.press("a")
        await here.until(lambda: here.app.screen.query("#phrases"))
        for name, value in (("name", "размер"), ("phrases", "размер"), ("minutes", "20")):
            here.app.screen.query_one(f"#{name}", Input).value = value
        await here.press("f5")
        await here.sees("Изменено")
        await saves(here, "Другой срок получит 1 из 1 открытого обращения")
    after = await scene.conversation(ref)
    assert after.due_at is not None
    assert before is not None
    assert (after.sla_rule, after.due_at < before) == ("размер", True)


async def test_hours_that_are_saved_count_deadlines(scene: Scene, sit: Sit) -> None:
    await scene.chat("Подскажите, какой размер взять на рост 170?")
    async with sit() as here:
        await opens(here, "hours")
        await here.until(lambda: here.app.screen.query_one("#zone", Input).value)
        here.app.screen.query_one("#day-0", Input).value = "09:00–10:00"
        await saves(here, "Другой срок получит 1 из 1 открытого обращения")
    [(zone, week)] = await scene.sql("select zone, week from calendars")
    assert (zone, week) == ("Europe/Moscow", [[[540, 600]], [], [], [], [], [], []])


async def test_a_guardrail_that_is_saved_objects_to_the_next_reply(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat()
    scene.types_in_cabinet(ref, ANOTHER)
    scene.buyer_says(ref, "А когда?")
    await scene.pulled()
    async with sit() as here:
        await opens(here, "guard_rules")
        await here.sees("Здесь пока нет правил")
        await here.press("a")
        await here.until(lambda: here.app.screen.query("#words"))
        for name, value in (("reason", "Пункт не называем"), ("words", "пункт выдачи")):
            here.app.screen.query_one(f"#{name}", Input).value = value
        await here.press("f5")
        await here.sees("Изменено")
        await saves(here, "остановлено было бы 1")
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)
        await here.writes("Здравствуйте! Заказ уже в пункте выдачи, приходите.")
        await here.sees("Пункт не называем")

"""What the send key does, from the key to the marketplace and back."""

from __future__ import annotations

import asyncio

import pytest

from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.sweep import sweep
from agentiq_core.sandbox import FaultKind
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.desk import DeskScreen
from tests.scene import ANOTHER, ANSWER, Scene, with_settings
from tests.tui.real.conftest import Seat, Sit

FORBIDDEN = "Гарантируем возврат денег завтра."


@pytest.mark.parametrize("key", ["ctrl+enter", "ctrl+j", "f5"])
async def test_a_send_key_sends_the_suggestion_once_and_its_echo_confirms_it(
    scene: Scene, sit: Sit, key: str
) -> None:
    ref = await scene.chat("Здравствуйте! Где мой заказ?")
    async with sit() as here:
        suggestion = here.screen.suggestion_pane.suggestion
        assert suggestion is not None
        await here.until(lambda: not here.screen.suggestion_pane.just_changed)
        await here.press(key)
        await here.sees("✓ отправлено")
        await here.delivered(ref, suggestion.text)
        [(used,)] = await scene.sql("select suggestion_id from outbox")
        assert used == suggestion.id


async def test_own_words_pressed_twice_are_one_message(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat()
    async with sit() as here:
        await here.writes(ANSWER)
        await here.press("ctrl+enter", "ctrl+enter")
        await here.until(lambda: here.composer.text == "")
        await here.press("ctrl+enter", "f5")
        await here.delivered(ref, ANSWER)
        assert await scene.sql("select count(*) from outbox") == [(1,)]


async def test_tab_edits_the_suggestion_and_what_was_typed_is_never_replaced(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat()
    async with sit() as here:
        suggestion = here.screen.suggestion_pane.suggestion
        assert suggestion is not None
        await here.press("tab")
        await here.until(lambda: here.composer.text == suggestion.text)
        assert here.composer.has_focus
        here.composer.insert(" Хорошего дня!")
        here.screen.show_pane("queue")
        await here.press("tab")
        edited = f"{suggestion.text} Хорошего дня!"
        assert here.composer.text == edited
        await here.press("f4")
        assert here.composer.text == f"{edited}\n\n{suggestion.text}"
        here.composer.load_text(edited)
        await here.pilot.pause()
        await here.press("f5")
        await here.arrived(ref, edited)


async def test_undo_within_the_window_returns_the_text_and_nothing_arrives(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat()
    async with sit(undo_seconds=30) as here:
        await here.writes(ANSWER)
        await here.press("f5")
        await here.sees("отменить: ")
        await here.press("f7")
        await here.until(lambda: here.composer.text == ANSWER)
        [(state,)] = await scene.sql("select state from outbox")
        assert state == OutboxState.CANCELLED
        assert scene.sent_there(ref) == []
        await here.until(lambda: "отменить" not in here.text())


async def test_a_broken_rule_takes_a_second_word_that_is_recorded(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat()
    async with sit() as here:
        await here.writes(FORBIDDEN)
        await here.sees("✗ ")
        await here.press("ctrl+enter")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        [violation, *_] = await here.desk.check(ref, FORBIDDEN)
        await here.sees(violation.reason[:30])
        await here.press("escape")
        await here.until(lambda: isinstance(here.app.screen, DeskScreen))
        assert here.composer.text == FORBIDDEN
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("f9")
        await here.arrived(ref, FORBIDDEN)
        [(overridden,)] = await scene.sql("select overridden from outbox")
        assert [broken["rule"] for broken in overridden] == [violation.rule]


async def nothing_new(*_: object) -> None:
    """In place of what would draw a conversation anew."""


async def test_a_conversation_that_moved_on_is_shown_before_it_is_answered(
    scene: Scene, sit: Sit, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = await scene.chat()
    async with sit() as here:
        await here.writes(ANSWER)
        # the conversation on screen stays as it was, as if its network were slow; the queue beside it shows the news
        monkeypatch.setattr(here.screen.chat_pane, "show", nothing_new)
        scene.buyer_says(ref, "Уже не нужно, спасибо")
        await here.sees("Уже не нужно")
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.sees("Переписка ушла вперёд")
        assert scene.sent_there(ref) == []
        await here.press("y")
        await here.arrived(ref, ANSWER)


async def test_the_same_text_again_takes_a_second_word(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat()
    async with sit() as here:
        await here.writes(ANSWER)
        await here.press("f5")
        await here.delivered(ref, ANSWER)
        await here.writes(ANSWER)
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.sees("Отправить второй раз?")
        await here.press("f9")
        await here.delivered(ref, ANSWER, ANSWER)


async def test_a_text_over_the_limit_is_refused_in_one_line_and_kept(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat()
    async with sit() as here:
        await here.writes("я" * 1001)
        await here.press("ctrl+enter")
        await here.sees("площадка принимает 1000")
        assert here.composer.text == "я" * 1001
        assert scene.sent_there(ref) == []
        assert await scene.sql("select 1 from outbox") == []


async def test_a_refused_reply_says_why_and_goes_back_into_the_field(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat()
    scene.goes_wrong("message", FaultKind.INVALID_SIGNATURE, times=2)
    async with sit() as here:
        await here.writes(ANSWER)
        await here.press("f5")
        await here.sees("✗ не отправлено: ")
        await here.sees("требуют внимания: 1")
        await here.press("escape", "b")
        await here.until(lambda: here.composer.text == ANSWER)
        await here.until(lambda: "✗ не отправлено" not in here.text())
        await here.press("f5")
        await here.delivered(ref, ANSWER)


async def test_an_accepted_reply_whose_answer_was_lost_is_confirmed_by_its_echo(
    scene: Scene, sit: Sit
) -> None:
    ref = await scene.chat()
    scene.goes_wrong("message", FaultKind.DROP_AFTER)
    async with sit() as here:
        await here.writes(ANSWER)
        await here.press("f5")
        await here.sees("? неясно, проверяем")
        await here.delivered(ref, ANSWER)


async def lost(here: Seat, ref: ChatRef) -> None:
    """Send a reply that never arrives, until the screen asks for a decision."""
    here.scene.goes_wrong("message", FaultKind.DROP_BEFORE)
    await here.writes(ANSWER)
    await here.press("f5")
    await here.sees("? неясно, проверяем")

    async def searched_twice() -> bool:
        await here.news()
        return (await here.scene.sql("select polls from outbox"))[0][0] >= 2

    await here.until_there(searched_twice)
    await sweep(with_settings(here.scene.engine, unknown_after_seconds=0))
    await here.sees("? неясно: решите")
    await here.press("escape")


async def test_a_lost_reply_sent_again_by_a_person_arrives_once(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat()
    async with sit() as here:
        await lost(here, ref)
        await here.press("a")
        await here.delivered(ref, ANSWER)


async def test_a_lost_reply_that_arrived_after_all_is_found_when_a_person_asks_to_look(
    scene: Scene, sit: Sit
) -> None:
    ref = await scene.chat()
    async with sit() as here:
        await lost(here, ref)
        await here.press("c")
        await here.sees("? неясно, проверяем")
        scene.shop.accept(scene._external[ref], ANSWER)
        await here.delivered(ref, ANSWER)


async def test_a_lost_reply_can_be_treated_as_sent(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat()
    async with sit() as here:
        await lost(here, ref)
        await here.press("t")
        await here.sees("✓ отправлено")
        await here.until(lambda: here.screen.conversation and not here.screen.conversation.needs_reply)
        await asyncio.sleep(0)
        assert scene.sent_there(ref) == []


async def test_two_replies_in_a_row_keep_their_order(scene: Scene, sit: Sit) -> None:
    ref = await scene.chat()
    async with sit() as here:
        await here.writes(ANSWER)
        await here.press("f5")
        await here.until(lambda: here.composer.text == "")
        await here.writes(ANOTHER)
        await here.press("f5")
        await here.delivered(ref, ANSWER, ANOTHER)

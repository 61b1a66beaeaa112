"""Sending, second words, undo, and decisions about unclear replies."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.errors import GuardrailBlocked, StoreUnavailable
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import Resolution, ViolationView
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.desk import DeskScreen
from tests.tui.conftest import OpenSeat
from tests.tui.scripted import FORBIDDEN
from tests.tui.story import ALENA, OLEG, SVETA, TIMUR


@pytest.mark.parametrize("key", ["ctrl+enter", "ctrl+j", "f5"])
async def test_every_send_key_sends_the_suggestion_when_nothing_is_typed(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        await here.press(key)
        await here.until(lambda: here.desk.chats[OLEG].replies)
        assert here.desk.chats[OLEG].replies[0].text.startswith("Олег, здравствуйте!")
        assert here.desk.called("reply")[0][3] == 12
        await here.sees("в очереди")


async def test_the_operators_own_text_goes_before_the_suggestion(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("Проверяем, ответим сегодня.")
        await here.press("ctrl+enter")
        await here.until(lambda: here.desk.chats[OLEG].replies)
        assert here.desk.chats[OLEG].replies[0].text == "Проверяем, ответим сегодня."
        await here.until(lambda: here.composer.text == "")


async def test_plain_enter_in_the_field_is_a_new_line_and_sends_nothing(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("Раз")
        await here.press("enter", "д", "в", "а")
        assert here.composer.text == "Раз\nдва"
        assert not here.desk.called("reply")


async def test_ctrl_enter_twice_sends_once_even_with_a_suggestion_beside_it(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("Проверяем, ответим сегодня.")
        await here.press("ctrl+enter", "ctrl+enter")
        await here.until(lambda: here.composer.text == "")
        await here.press("ctrl+enter")
        await here.pilot.pause(0.1)
        assert [reply.text for reply in here.desk.chats[OLEG].replies] == ["Проверяем, ответим сегодня."]


async def test_a_send_that_failed_is_repeated_with_the_same_client_id(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("Проверяем, ответим сегодня.")
        here.desk.failing["reply"] = StoreUnavailable("gone")
        await here.press("f5")
        await here.sees("Нет связи с базой")
        assert here.composer.text == "Проверяем, ответим сегодня."
        await here.press("f5")
        await here.until(lambda: here.desk.chats[OLEG].replies)
        first, second = here.desk.called("reply")
        assert first[2] == second[2]


async def test_text_typed_while_a_reply_is_on_its_way_is_kept(seat: OpenSeat) -> None:
    async with seat() as here:
        here.desk.gate = asyncio.Event()
        await here.writes("Первый ответ покупателю.")
        await here.press("f5")
        await here.until(lambda: here.desk.called("reply"))
        here.composer.insert(" И ещё")
        await here.until(lambda: here.screen.words.text(DraftKey(OLEG)).endswith("И ещё"))
        here.desk.gate.set()
        await here.until(lambda: here.desk.chats[OLEG].replies)
        await here.pilot.pause(0.1)
        assert here.composer.text.endswith("И ещё")


async def test_a_broken_rule_asks_for_a_second_word_by_its_own_key(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes(f"Конечно, {FORBIDDEN} сегодня.")
        await here.press("ctrl+enter")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.sees("Нельзя обещать возврат денег")
        await here.press("ctrl+enter")
        assert not here.desk.chats[OLEG].replies, "the sending key never confirms"
        await here.press("f9")
        await here.until(lambda: here.desk.chats[OLEG].replies)


async def test_escape_from_the_question_leaves_the_text_as_it_was(seat: OpenSeat) -> None:
    async with seat() as here:
        text = f"Конечно, {FORBIDDEN} сегодня."
        await here.writes(text)
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.press("escape")
        await here.until(lambda: isinstance(here.app.screen, DeskScreen))
        assert here.composer.text == text
        assert not here.desk.chats[OLEG].replies


async def test_a_conversation_that_moved_on_is_shown_before_it_is_answered(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("Ответ на старое сообщение.")
        chat = here.desk.chats[OLEG]
        seen = len(chat.messages)
        here.desk.buyer_writes(OLEG, "Уже не нужно, спасибо")
        here.desk._changes.get_nowait()  # the terminal has not heard of it yet
        await here.press("f5")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen))
        await here.sees("Переписка ушла вперёд")
        await here.sees("покупатель: Уже не нужно, спасибо")
        await here.until(lambda: len(here.screen.chat_pane.all_messages) == seen + 1)
        await here.press("y")
        await here.until(lambda: chat.replies)


async def test_what_came_behind_the_message_that_was_shown_asks_again(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("Ответ на старое сообщение.")
        chat = here.desk.chats[OLEG]
        here.desk.buyer_writes(OLEG, "Уже не нужно, спасибо")
        await here.press("f5")
        await here.sees("покупатель: Уже не нужно, спасибо")
        first = here.app.screen
        here.desk.buyer_writes(OLEG, "Хотя нет, *нужно*")
        await here.press("f9")
        await here.until(lambda: isinstance(here.app.screen, ConfirmScreen) and here.app.screen is not first)
        await here.sees("покупатель: Хотя нет, *нужно*")
        assert not chat.replies
        await here.press("f9")
        await here.until(lambda: chat.replies)


async def test_the_same_text_again_asks_first(seat: OpenSeat) -> None:
    async with seat() as here:
        for _ in range(2):
            await here.writes("Проверяем, ответим сегодня.")
            await here.press("f5")
            await here.until(lambda: here.desk.called("reply"))
            await here.until(lambda: here.composer.text == "" or isinstance(here.app.screen, ConfirmScreen))
        await here.sees("Отправить второй раз?")
        await here.press("н")  # y on the Russian layout
        await here.until(lambda: len(here.desk.chats[OLEG].replies) == 2)


async def test_undo_takes_the_queued_reply_back_in_front_of_what_was_typed_since(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("f5")
        await here.sees("отменить: 5 с")
        here.clock.pass_(seconds=2)
        await here.sees("отменить: 3 с")
        await here.writes("новый текст")
        await here.press("f7")
        await here.until(lambda: here.composer.text.startswith("Олег, здравствуйте!"))
        assert here.composer.text.endswith("новый текст")
        assert here.desk.chats[OLEG].replies[0].state is OutboxState.CANCELLED


async def test_undo_that_comes_too_late_says_so(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("f5")
        await here.sees("отменить: 5 с")
        here.clock.pass_(seconds=6)
        await here.press("u")
        await here.sees("Нет ответа, который можно вернуть")


@pytest.mark.parametrize(
    ("key", "choice"),
    [("c", Resolution.CHECK_AGAIN), ("ф", Resolution.SEND_AGAIN), ("t", Resolution.TREAT_AS_SENT)],
)
async def test_an_unclear_reply_offers_three_decisions(seat: OpenSeat, key: str, choice: Resolution) -> None:
    async with seat() as here:
        await here.press("]")
        here.screen.queue_pane.open(here.screen.queue_pane.open_queue, SVETA)
        await here.press("enter")
        await here.opens(SVETA)
        await here.sees("неясно: решите")
        await here.sees("уже ушло")
        await here.press("escape", key)
        await here.until(lambda: here.desk.called("resolve"))
        assert here.desk.called("resolve") == [(SVETA, 91, choice)]


async def test_what_a_newer_rule_objects_to_is_sent_again_after_a_second_word(seat: OpenSeat) -> None:
    async with seat() as here:
        here.screen.queue_pane.open(here.screen.queue_pane.neighbour(1), SVETA)
        await here.press("enter")
        await here.opens(SVETA)
        broken = ViolationView("own:stop_words", "error", 0, 5, "Этого слова избегаем")
        here.desk.failing["resolve"] = GuardrailBlocked("own:stop_words", violations=(broken,))
        await here.sees("неясно: решите")
        await here.press("escape", "ф")
        await here.sees("Этого слова избегаем")
        await here.press("y")
        await here.until(lambda: len(here.desk.called("resolve")) == 2)
        assert here.desk.called("resolve")[1] == (SVETA, 91, Resolution.SEND_AGAIN, "override")


async def test_a_decision_can_be_clicked(seat: OpenSeat) -> None:
    async with seat() as here:
        here.screen.queue_pane.open(here.screen.queue_pane.neighbour(1), SVETA)
        await here.press("enter")
        await here.opens(SVETA)
        await here.sees("c проверить")
        lines = here.text().splitlines()
        row = next(number for number, line in enumerate(lines) if "c проверить" in line)
        await here.pilot.click(offset=(lines[row].index("c проверить") + 2, row))
        await here.until(lambda: here.desk.called("resolve"))


async def test_a_failed_reply_says_why_and_goes_back_into_the_field(seat: OpenSeat) -> None:
    async with seat() as here:
        here.screen.queue_pane.open(here.screen.queue_pane.neighbour(1), TIMUR)
        await here.press("enter")
        await here.opens(TIMUR)
        await here.sees("площадка не приняла")
        await here.press("escape", "b")
        await here.until(lambda: here.composer.text == "Шесть тарелок.")


async def test_no_reply_needed_closes_the_chat(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("x")
        await here.until(lambda: here.desk.called("no_reply_needed") == [(OLEG,)])
        await here.sees("ответ не нужен")


async def test_an_answered_chat_does_not_offer_its_old_suggestion(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("f5")
        await here.sees("Ответ уже дан")
        here.clock.pass_(seconds=30)
        await here.press("f5")
        await here.sees("Отправлять нечего")
        assert len(here.desk.chats[OLEG].replies) == 1


async def test_a_text_over_the_limit_is_refused_in_one_line(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes("я" * 1001)
        await here.sees("1001/1000")
        await here.press("f5")
        await here.sees("площадка принимает 1000")
        assert not here.desk.called("reply")
        assert len(here.composer.text) == 1001


async def test_the_live_check_objects_while_writing(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.writes(f"Мы {FORBIDDEN}")
        await here.sees("✗ Нельзя обещать возврат денег")


async def test_a_reply_reaches_the_screen_state_by_state(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("f5")
        await here.until(lambda: here.desk.chats[OLEG].replies)
        reply = here.desk.chats[OLEG].replies[0]
        for state, words in (
            (OutboxState.SENDING, "→ отправляется"),
            (OutboxState.SENT, "✓ отправлено"),
            (OutboxState.UNKNOWN, "? неясно, проверяем"),
        ):
            here.desk.put(OLEG, reply.id, state=state, not_before=here.clock.now - timedelta(seconds=1))
            await here.sees(words)
    assert here.desk.chats[ALENA].replies == []

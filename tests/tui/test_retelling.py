"""A summary above the messages and translations below them: shown on demand, hidden by the same key, never in the reply."""

from __future__ import annotations

import pytest

from agentiq_core.domain.errors import NoModel
from agentiq_tui.messages import ReplyTranslated
from tests.tui.conftest import OpenSeat
from tests.tui.story import ALENA


@pytest.mark.parametrize("key", ["s", "ы"])
async def test_a_summary_comes_and_goes_with_one_key(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        await here.press(key)
        await here.sees("Коротко, словами модели")
        await here.sees("Покупатель спрашивает, что делать.")
        assert here.composer.text == ""
        await here.press(key)
        await here.until(lambda: "Коротко" not in here.text())


async def test_a_summary_of_one_chat_does_not_stand_over_another(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("s")
        await here.sees("Коротко")
        await here.press("j")
        await here.opens(ALENA)
        await here.until(lambda: "Коротко" not in here.text())


async def test_any_message_is_translated_and_the_translation_hidden_again(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("j")
        await here.opens(ALENA)
        here.screen.show_pane("chat")
        await here.press("K", "K", "K", "K")
        await here.press("T")
        await here.until(lambda: here.desk.called("translate") == [(ALENA, "m1")])
        await here.sees("⇄ перевод: Где мой заказ?")
        await here.press("T")
        await here.until(lambda: "перевод" not in here.text())
        assert len(here.desk.called("translate")) == 1


async def test_a_shop_without_a_model_is_told_so_and_may_ask_again(seat: OpenSeat) -> None:
    async with seat() as here:
        for _ in range(2):
            here.desk.failing["summary"] = NoModel("none", reason="none")
            await here.press("s")
            await here.until(lambda: not here.desk.failing)
            await here.pilot.pause()
        assert here.screen.chat_pane.summary == ()


ENGLISH = "Hello! We are looking into it and will write to you here."


async def test_the_typed_reply_is_put_into_the_buyers_language_and_back_by_undo(seat: OpenSeat) -> None:
    async with seat() as here:
        here.desk.in_their_words = ENGLISH
        await here.press("enter")
        here.composer.insert("Здравствуйте! Уже разбираемся.")
        await here.press("ctrl+l")
        await here.until(lambda: here.composer.text == ENGLISH)
        assert here.desk.called("translate_reply")[0][1] == "Здравствуйте! Уже разбираемся."
        await here.press("ctrl+z")
        await here.until(lambda: here.composer.text == "Здравствуйте! Уже разбираемся.")


async def test_nothing_typed_meanwhile_is_lost_to_a_translation(seat: OpenSeat) -> None:
    async with seat() as here:
        here.desk.in_their_words = ENGLISH
        await here.press("enter")
        here.composer.insert("Здравствуйте! Уже разбираемся.")
        current = here.screen.current
        here.composer.write("Здравствуйте! Уже разбираемся. И ещё:")
        here.screen.on_reply_translated(
            ReplyTranslated(current, "Здравствуйте! Уже разбираемся.", ENGLISH, "en")
        )
        await here.sees("не переведён")
        assert here.composer.text.endswith("И ещё:")


async def test_an_empty_field_and_a_russian_buyer_are_said(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("ctrl+l")
        await here.sees("Сначала напишите ответ")
        await here.press("enter")
        here.composer.insert("Здравствуйте! Уже разбираемся.")
        await here.press("ctrl+l")
        await here.sees("Покупатель пишет по-русски")
        assert here.composer.text == "Здравствуйте! Уже разбираемся."

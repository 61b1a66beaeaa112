"""A summary above the messages and translations below them: shown on demand, hidden by the same key, never in the reply."""

from __future__ import annotations

import pytest

from agentiq_core.domain.errors import NoModel
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

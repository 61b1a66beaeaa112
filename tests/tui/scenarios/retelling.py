"""What a model does for the operator's eyes."""

from __future__ import annotations

from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does
from tests.tui.story import OLEG


@does("summary")
async def the_conversation_is_retold(here: Seat) -> None:
    await act(here, "summary")
    await here.sees("Кружка пришла с трещиной.")


@does("translate")
async def the_buyers_words_are_translated_below_them(here: Seat) -> None:
    await act(here, "translate")
    await here.sees("перевод: Где мой заказ?")
    assert here.desk.called("translate") == [(OLEG, "m5")]


@does("translate_reply")
async def the_typed_reply_is_put_into_the_buyers_language(here: Seat) -> None:
    here.desk.in_their_words = "Hello! We are looking into it."
    here.composer.insert("Здравствуйте! Уже разбираемся.")
    await act(here, "translate_reply")
    await here.until(lambda: here.composer.text == "Hello! We are looking into it.")

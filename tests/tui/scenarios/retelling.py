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

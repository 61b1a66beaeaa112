"""What works inside the reply field."""

from __future__ import annotations

import os
from unittest.mock import patch

from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does
from tests.tui.scripted import FORBIDDEN, ScriptedDesk
from tests.tui.story import OLEG


@does("editor")
async def the_terminal_is_lent_to_the_editor(here: Seat) -> None:
    # a terminal that is none cannot be lent; the way there and back is in test_editor.py, in a real one
    with patch.dict(os.environ, {"EDITOR": "/bin/true", "VISUAL": ""}):
        await here.writes("пишу")
        await act(here, "editor")
        await here.sees("нельзя отдать редактору")


def _began_elsewhere(desk: ScriptedDesk) -> None:
    desk.chats[OLEG].other = "набрано дома"


@does("take_text", before=_began_elsewhere)
async def what_was_typed_elsewhere_goes_behind_what_is_typed(here: Seat) -> None:
    await here.writes("на работе")
    await here.sees("В другом месте вы набрали: набрано дома")
    await act(here, "take_text")
    await here.until(lambda: here.composer.text == "на работе\n\nнабрано дома")


@does("undo_typing")
async def typing_is_undone(here: Seat) -> None:
    await here.writes("лишнее")
    await act(here, "undo_typing")
    await here.until(lambda: here.composer.text == "")


@does("redo_typing")
async def typing_comes_again(here: Seat) -> None:
    await here.writes("нужное")
    await act(here, "undo_typing")
    await here.until(lambda: here.composer.text == "")
    await act(here, "redo_typing")
    await here.until(lambda: here.composer.text == "нужное")


@does("next_mark")
async def the_cursor_goes_to_the_underlined_word(here: Seat) -> None:
    await here.writes(f"Мы сами {FORBIDDEN}")
    await here.sees("Нельзя обещать возврат денег")
    here.composer.move_cursor((0, 0))
    await act(here, "next_mark")
    await here.until(lambda: here.composer.cursor_location == (0, len("Мы сами ")))

"""What works inside the reply field."""

from __future__ import annotations

import os
from unittest.mock import patch

from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does
from tests.tui.scripted import FORBIDDEN


@does("editor")
async def the_terminal_is_lent_to_the_editor(here: Seat) -> None:
    # a terminal that is none cannot be lent; the way there and back is in test_editor.py, in a real one
    with patch.dict(os.environ, {"EDITOR": "/bin/true", "VISUAL": ""}):
        await here.writes("пишу")
        await act(here, "editor")
        await here.sees("нельзя отдать редактору")


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

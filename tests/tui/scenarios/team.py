"""What a conversation is to the team."""

from __future__ import annotations

from agentiq_tui.screens.choose import ChooseScreen
from agentiq_tui.screens.note import NoteScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does
from tests.tui.scripted_team import ANNA, BORIS
from tests.tui.story import OLEG


@does("note")
async def a_note_is_written(here: Seat) -> None:
    await act(here, "note")
    await here.until(lambda: isinstance(here.app.screen, NoteScreen))
    await here.press(*"ждём", "f5")
    await here.until(lambda: here.desk.called("notes.add") == [(OLEG, "ждём")])
    await here.sees("заметка")


@does("claim")
async def it_is_mine_for_a_while(here: Seat) -> None:
    await act(here, "claim")
    await here.sees("Анна Петрова до 12:15")


@does("assign")
async def it_is_given_to_somebody(here: Seat) -> None:
    await act(here, "assign")
    await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
    await here.press("enter")
    await here.until(lambda: here.desk.called("assignment.assign") == [([OLEG], ANNA)])


@does("hand_over")
async def it_goes_to_a_colleague_with_a_word(here: Seat) -> None:
    await act(here, "hand_over")
    await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
    await here.press("enter")
    await here.until(lambda: isinstance(here.app.screen, NoteScreen))
    await here.press(*"твой", "f5")
    await here.until(lambda: here.desk.called("assignment.hand_over") == [(OLEG, BORIS, "твой")])


@does("tag")
async def a_tag_is_put_on(here: Seat) -> None:
    await act(here, "tag")
    await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
    await here.press(*"бра", "enter")
    await here.sees("#брак")

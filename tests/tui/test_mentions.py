"""Notes that name the operator: counted, listed, and read where they stand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual.widgets import OptionList

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_tui.screens.mentions import MentionsScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import NOW, ScriptedDesk, message
from tests.tui.scripted_team import BORIS
from tests.tui.story import ALENA, MARINA, OLEG


async def inbox(here: Seat, key: str = "@") -> MentionsScreen:
    here.screen.query_one("#queue-list").focus()
    await here.press(key)
    await here.until(lambda: isinstance(here.app.screen, MentionsScreen))
    screen = here.app.screen
    assert isinstance(screen, MentionsScreen)
    await here.until(lambda: here.desk.called("notes.mentions"))
    await here.pilot.pause()
    return screen


def marked(here: Seat) -> str | None:
    entry = here.screen.chat_pane.transcript.marked_entry
    return entry.text if entry else None


@pytest.mark.parametrize("key", ["@", '"'])
async def test_enter_goes_to_the_note_and_it_is_read_then(
    seat: OpenSeat, desk: ScriptedDesk, key: str
) -> None:
    desk.notes.says(ALENA, BORIS, "@anna глянь, тут про возврат")
    desk.notes.says(MARINA, BORIS, "без имени")
    async with seat() as here:
        await here.sees("@1")
        await inbox(here, key)
        await here.sees("● сегодня")
        await here.sees("@anna глянь, тут про возврат")
        assert "без имени" not in here.text()
        assert not desk.called("notes.seen")
        await here.press("enter")
        await here.opens(ALENA)
        await here.until(lambda: marked(here) == "@anna глянь, тут про возврат")
        await here.until(lambda: "@1" not in here.text())
        await inbox(here)
        assert "● сегодня" not in here.text()


async def test_a_note_from_long_before_the_last_messages_is_reached_and_read(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.chats[ALENA].messages = [
        message(number, f"день {number}", NOW - timedelta(days=400 - number)) for number in range(1, 401)
    ]
    here_clock = desk.clock
    desk.clock = lambda: NOW - timedelta(days=300, hours=1)
    desk.notes.says(ALENA, BORIS, "@anna старое дело")
    desk.clock = here_clock
    async with seat() as here:
        await inbox(here)
        await here.press("enter")
        await here.until(lambda: marked(here) == "@anna старое дело")
        await here.sees("@anna старое дело")
        await here.until(lambda: ("notes.seen", ALENA) in desk.calls)


async def test_a_note_that_comes_while_its_chat_is_open_is_read_there(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        desk.notes.says(OLEG, BORIS, "@anna прямо сейчас")
        await here.sees("@anna прямо сейчас")
        await here.until(lambda: ("notes.seen", OLEG) in desk.calls)
        await here.until(lambda: not here.screen.query("#status-bar")[0].status.overview.mentions)


async def test_nobody_named_and_a_lost_database_are_said(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        await inbox(here)
        await here.sees("Вас ещё не упоминали в заметках")
        await here.press("enter", "escape")
        await here.until(lambda: here.app.screen is here.screen)
        desk.failing["notes.mentions"] = StoreUnavailable("gone")
        await inbox(here)
        await here.sees("✗")


async def test_older_notes_are_fetched_as_the_cursor_nears_their_end(
    seat: OpenSeat, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentiq_tui.screens.mentions.PAGE", 3)
    monkeypatch.setattr("agentiq_tui.screens.mentions.MARGIN", 1)
    async with seat() as here:
        for number in range(7):
            here.clock.pass_(seconds=1)
            desk.notes.says(ALENA, BORIS, f"@anna раз {number}")
        screen = await inbox(here)
        options = screen.query_one(OptionList)
        assert options.option_count == 3
        for count in (6, 7):
            await here.press("end")
            await here.until(lambda count=count: options.option_count == count)
        texts = [mention.note.text for mention in screen._mentions]
        assert texts == [f"@anna раз {number}" for number in reversed(range(7))]


async def test_a_colleagues_words_in_the_list_are_inert(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.notes.says(ALENA, BORIS, "@anna [red]смотри\x1b]52;c;eA==\x07[/] \u202eещё")
    async with seat() as here:
        await inbox(here)
        await here.sees("[red]смотри")
        assert not {"\x1b", "\x07", "\u202e"} & set(here.text())

"""What could not be read is looked into without being obeyed, and read again by a key."""

from __future__ import annotations

import asyncio

import pytest
from textual.command import CommandPalette
from textual.widgets import OptionList

from agentiq_core.domain.errors import Forbidden, NotFound, SignedOut, StoreUnavailable
from agentiq_core.engine.access import SignedIn
from agentiq_tui.screens.quarantine import QuarantineScreen
from agentiq_tui.screens.sign_in import SignInScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk, quarantined, seller

HOSTILE = '{\n  "text": "[red]не разметка[/] \\u001b]0;x\\u0007"\n}'


@pytest.fixture(autouse=True)
def _kept(desk: ScriptedDesk) -> None:
    desk.kept = [quarantined(number, f'{{"n": {number}}}') for number in (1, 2, 3)]


async def looking(here: Seat) -> QuarantineScreen:
    await here.screen.run_action("quarantine")
    await here.until(lambda: isinstance(here.app.screen, QuarantineScreen))
    screen = here.app.screen
    assert isinstance(screen, QuarantineScreen)
    await here.until(lambda: here.desk.called("quarantine"))
    await here.until(lambda: screen.current is not None or not here.desk.kept)
    return screen


async def on(here: Seat, screen: QuarantineScreen, number: int) -> None:
    await here.until(lambda: screen.current is not None and screen.current.id == number)
    await here.sees(f'{{"n": {number}}}')


async def test_the_palette_leads_there_and_escape_back(seat: OpenSeat) -> None:
    async with seat((80, 24)) as here:
        await here.press("ctrl+p")
        await here.until(lambda: isinstance(here.app.screen, CommandPalette))
        await here.press(*"карантин")
        await here.sees("что не удалось прочитать")
        await here.press("enter")
        await here.until(lambda: not here.text().count("Что сделать?") or here.desk.called("quarantine"))
        if not here.desk.called("quarantine"):
            await here.press("enter")
        await here.until(lambda: isinstance(here.app.screen, QuarantineScreen))
        await here.sees("message.text: string_type")
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)


@pytest.mark.parametrize(("down", "up"), [("j", "k"), ("о", "л"), ("down", "up")])
async def test_the_item_under_the_cursor_is_shown_whole(seat: OpenSeat, down: str, up: str) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await on(here, screen, 3)
        await here.press(down, down)
        await on(here, screen, 1)
        await here.sees("переписка: 1:chat-1")
        await here.press(up)
        await on(here, screen, 2)


@pytest.mark.parametrize("key", ["enter", "r", "к"])
async def test_one_item_is_read_again_and_the_cursor_is_on_the_next(
    seat: OpenSeat, desk: ScriptedDesk, key: str
) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.press("j")
        await on(here, screen, 2)
        await here.press(key)
        await here.sees("✓ прочитана 1 запись: 1 новое сообщение")
        assert desk.called("replay") == [(2,)]
        await on(here, screen, 1)


async def test_what_still_cannot_be_read_stays_under_the_cursor(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.unreadable = {3}
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.press("r")
        await here.sees("✗ по-прежнему не читается: 1")
        await on(here, screen, 3)


@pytest.mark.parametrize("key", ["R", "К"])
async def test_all_are_read_again_and_what_stays_is_left(
    seat: OpenSeat, desk: ScriptedDesk, key: str
) -> None:
    desk.unreadable = {2}
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.press(key)
        await here.sees("✓ прочитаны 2 записи: 2 новых сообщения; по-прежнему не читается: 1")
        await on(here, screen, 2)


async def test_a_second_press_while_one_is_read_does_nothing(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        desk.gate = asyncio.Event()
        await here.press("r")
        await here.sees("Читаем снова…")
        await here.press("r", "R", "x")
        desk.gate.set()
        await here.sees("✓ прочитана 1 запись")
        assert (len(desk.called("replay")), desk.called("dismiss")) == (1, [])


async def test_an_item_is_set_aside(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.press("x")
        await here.sees("отложена 1 запись")
        assert desk.called("dismiss") == [(3,)]
        await on(here, screen, 2)


async def test_nothing_is_left_is_said(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.kept = []
    async with seat((80, 24)) as here:
        await looking(here)
        await here.sees("В карантине пусто")
        await here.press("enter", "R", "x")
        await here.pilot.pause()
        assert not desk.called("replay") + desk.called("replay_all") + desk.called("dismiss")


async def test_a_click_only_looks(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.pilot.click("#quarantine-list", offset=(10, 2))
        await on(here, screen, 1)
        assert desk.called("replay") == []


async def test_hostile_text_is_shown_and_never_obeyed(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.kept = [quarantined(1, HOSTILE, reason="[b]\x1b[2Jпричина", seller_name="[red]\u202eДом")]
    async with seat((100, 30)) as here:
        await looking(here)
        await here.sees("[red]не разметка[/] \\u001b]0;x\\u0007")
        text = here.text()
        assert "[b]\N{REPLACEMENT CHARACTER}[2Jпричина" in text
        assert not any(character in text for character in "\x1b\x07\u202e")


async def test_a_viewer_is_offered_nothing_and_told_why(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = SignedIn(2, "oleg@example.org", "viewer")
    async with seat((80, 24)) as here:
        await looking(here)
        await here.sees("Esc назад")
        assert "прочитать снова" not in here.text()
        desk.failing["replay"] = Forbidden("no")
        await here.press("r")
        await here.sees("Ваша роль этого не позволяет")


@pytest.mark.parametrize(
    ("error", "words"),
    [(StoreUnavailable("gone"), "Нет связи с базой"), (NotFound("gone"), "Этой записи больше нет")],
)
async def test_an_error_is_one_line_and_the_next_try_may_do_better(
    seat: OpenSeat, desk: ScriptedDesk, error: StoreUnavailable | NotFound, words: str
) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        desk.failing["replay"] = error
        await here.press("r")
        await here.sees(words)
        await here.press("r")
        await here.sees("✓ прочитана 1 запись")


async def test_an_error_in_the_middle_of_all_is_one_line(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        desk.failing["replay_all"] = StoreUnavailable("gone")
        await here.press("R")
        await here.sees("Нет связи с базой")
        await here.press("R")
        await here.sees("✓ прочитаны 3 записи")


async def test_a_sign_in_that_ended_is_asked_for(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        desk.failing["replay"] = SignedOut("over")
        await here.press("r")
        await here.until(lambda: isinstance(here.app.screen, SignInScreen))


async def test_the_next_page_comes_when_the_cursor_nears_the_end(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.kept = [quarantined(number, f'{{"n": {number}}}') for number in range(1, 121)]
    async with seat((80, 24)) as here:
        screen = await looking(here)
        for _ in range(3):
            await here.press("end")
            await here.pilot.pause()
        await here.until(lambda: screen.query_one(OptionList).option_count == 120)
        assert [before for before, _limit in desk.called("quarantine")] == [None, 71, 21]
        await here.press("end")
        await on(here, screen, 1)


async def test_the_status_line_counts_what_could_not_be_read(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.sellers = (
        seller(1, "Уютный дом", "wildberries", quarantined=2),
        seller(2, "Свет", "ozon", quarantined=1),
    )
    async with seat((160, 45)) as here:
        await here.sees("! не прочитано: 3")

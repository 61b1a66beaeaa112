"""The first steps on a new machine: opened by themselves, skipped at will, put away for good."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from agentiq_core.domain.errors import AgentIQError, Rejected, StoreUnavailable, WrongPassword
from agentiq_core.engine.access import SignedIn
from agentiq_tui.app import AgentIQApp
from agentiq_tui.doorkeeper import Doorkeeper
from agentiq_tui.screens.add_shop import AddShopScreen
from agentiq_tui.screens.help import HelpScreen
from agentiq_tui.screens.setup import SetupScreen
from agentiq_tui.screens.where import Ways, WhereScreen
from agentiq_tui.widgets.choice import Choice
from tests.tui.conftest import Clock, OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk, seller

ADDRESS = "postgresql://team:ochen-tainoe@db.example.org/desk"


@pytest.fixture
def new(desk: ScriptedDesk) -> ScriptedDesk:
    """A desk where nothing is connected, and whose owner sits there."""
    desk.who = SignedIn(1, "anna@example.org", "owner")
    desk.sellers = ()
    desk.chats.clear()
    return desk


async def first_steps(here: Seat) -> SetupScreen:
    await here.until(lambda: isinstance(here.app.screen, SetupScreen))
    screen = here.app.screen
    assert isinstance(screen, SetupScreen)
    return screen


async def test_they_open_by_themselves_where_nothing_is_connected_until_they_were_left(
    seat: OpenSeat, new: ScriptedDesk, home: Path
) -> None:
    async with seat(wait=False) as here:
        await first_steps(here)
        await here.sees("База данных: своя, на этом компьютере")
        await here.sees("Первый магазин")
        await here.press("escape")
        await here.until(lambda: here.app.screen is here.screen)
        await here.until(lambda: (home / "first-steps").exists())
    async with seat(wait=False) as here:
        await here.sees("Магазин ещё не подключён")
        await here.pilot.pause(0.2)
        assert here.app.screen is here.screen
        await here.screen.run_action("setup")
        await first_steps(here)


async def test_an_app_that_ended_in_the_middle_shows_them_again(seat: OpenSeat, new: ScriptedDesk) -> None:
    async with seat(wait=False) as here:
        await first_steps(here)
    async with seat(wait=False) as here:
        await first_steps(here)


async def test_the_first_shop_is_connected_from_there_and_its_sync_is_followed(
    seat: OpenSeat, new: ScriptedDesk
) -> None:
    async with seat(wait=False) as here:
        await first_steps(here)
        await here.press("f3")
        await here.until(lambda: isinstance(here.app.screen, AddShopScreen))
        new.sellers = (
            seller(9, "Уютный дом", "wildberries", last_sync_at=None, syncing=True, pages=3, messages=120),
        )
        await here.press("escape")
        await here.sees("Подключён 1 магазин")
        await here.sees("идёт первая загрузка")
        new.sellers = (replace(new.sellers[0], last_sync_at=here.clock(), pages=12),)
        await here.sees("можно отвечать")


async def test_help_and_the_demo_are_told_of(seat: OpenSeat, new: ScriptedDesk) -> None:
    async with seat((80, 24), wait=False) as here:
        screen = await first_steps(here)
        await here.sees("Запустите его в другом терминале: agentiq demo")
        await here.sees("agentiq doctor")
        await here.press("f4")
        assert here.app.screen is screen
        await here.press("f1")
        await here.until(lambda: isinstance(here.app.screen, HelpScreen))


async def test_who_leaves_for_the_demo_closes_the_desk_and_comes_back(
    new: ScriptedDesk, clock: Clock
) -> None:
    app = AgentIQApp(new.opened, language="ru", clock=clock, doorkeeper=Doorkeeper())
    async with app.run_test(size=(100, 30)) as pilot:
        here = Seat(app, pilot, new, clock)
        await here.until(lambda: isinstance(app.screen, SetupScreen))
        await here.sees("F4 откроет его; выход из него вернёт сюда.")
        await here.press("f4")
        await here.until(lambda: new.closed)
    assert app.demo_wanted


async def test_who_may_not_connect_shops_is_not_bothered(seat: OpenSeat, new: ScriptedDesk) -> None:
    new.who = replace(new.who, role="operator")
    async with seat(wait=False) as here:
        await here.sees("Магазин ещё не подключён")
        await here.pilot.pause(0.2)
        assert here.app.screen is here.screen
        await here.screen.run_action("setup")
        screen = await first_steps(here)
        await here.press("enter")
        await here.sees("Магазины подключает администратор")
        assert here.app.screen is screen


class Team:
    """A team's server as the first question knows it; `refusing` is what it says."""

    def __init__(self) -> None:
        self.refusing: AgentIQError | None = None
        self.joined: list[tuple[str, str]] = []
        self.entered: list[tuple[str, str, str]] = []

    async def join(self, invitation: str, password: str) -> None:
        self._answer()
        self.joined.append((invitation, password))

    async def enter(self, address: str, email: str, password: str) -> None:
        self._answer()
        self.entered.append((address, email, password))

    def _answer(self) -> None:
        if self.refusing is not None:
            error, self.refusing = self.refusing, None
            raise error


async def asked(here: Seat, team: Team, turns: int) -> tuple[WhereScreen, list[bool | None]]:
    answers: list[bool | None] = []
    screen = WhereScreen(Ways(team.join, team.enter))
    here.app.push_screen(screen, answers.append)
    await here.until(lambda: screen.query("#where") and screen.focused is not None)
    await here.press(*["right"] * turns)
    return screen, answers


def fill(screen: WhereScreen, **values: str) -> None:
    for name, value in values.items():
        screen.query_one(f"#{name}", Input).value = value


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_an_own_database_needs_one_key_and_so_does_later(seat: OpenSeat, key: str) -> None:
    async with seat((80, 24)) as here:
        screen, answers = await asked(here, Team(), 0)
        await here.sees("своя база на этом компьютере")
        assert not [field for field in screen.query(Input) if field.display]
        await here.press(key)
        await here.until(lambda: answers == [True])


async def test_leaving_is_offered(seat: OpenSeat) -> None:
    async with seat() as here:
        _screen, answers = await asked(here, Team(), 0)
        await here.press("f10")
        await here.until(lambda: answers == [False])


async def test_an_address_is_tried_and_never_shown(seat: OpenSeat) -> None:
    team = Team()
    async with seat((80, 24)) as here:
        screen, answers = await asked(here, team, 2)
        await here.press("enter")
        fill(screen, address=f" {ADDRESS} ", email="anna@example.org", password="осенью улетают журавли")
        await here.pilot.pause()
        assert "ochen-tainoe" not in here.text()
        assert "журавли" not in here.text()
        team.refusing = StoreUnavailable("could not connect")
        await here.press("f5")
        await here.sees("✗")
        assert "tainoe" not in here.text()
        assert not answers
        team.refusing = WrongPassword("no")
        await here.press("f5")
        await here.sees("Неверная почта или пароль")
        await here.press("f5")
        await here.until(lambda: answers == [True])
        assert team.entered == [(ADDRESS, "anna@example.org", "осенью улетают журавли")]


async def test_an_invitation_sets_a_password_typed_twice(seat: OpenSeat) -> None:
    team = Team()
    async with seat((80, 24)) as here:
        screen, answers = await asked(here, team, 1)
        fill(screen, invitation="agentiq-xyz", password="осенью улетают журавли")
        await here.press("f5")
        await here.sees("Заполните")
        fill(screen, again="осенью улетают стрижи")
        await here.press("f5")
        await here.sees("Пароли не совпадают")
        fill(screen, again="осенью улетают журавли")
        team.refusing = Rejected("this is no whole invitation", rule="invitation")
        await here.press("f5")
        await here.sees("this is no whole invitation")
        team.refusing = WrongPassword("spent")
        await here.press("f5")
        await here.sees("Приглашение уже использовано")
        await here.press("f5")
        await here.until(lambda: answers == [True])
        assert team.joined == [("agentiq-xyz", "осенью улетают журавли")]


async def test_what_was_typed_for_one_way_stays_when_another_is_looked_at(seat: OpenSeat) -> None:
    async with seat() as here:
        screen, answers = await asked(here, Team(), 2)
        fill(screen, email="anna@example.org")
        screen.query_one(Choice).focus()
        await here.press("left", "right")
        assert screen.query_one("#email", Input).value == "anna@example.org"
        screen.query_one("#email", Input).focus()
        await here.press("escape")
        await here.sees("своя база на этом компьютере")
        assert not answers
        await here.press("left")
        assert screen.query_one("#email", Input).value == "anna@example.org"

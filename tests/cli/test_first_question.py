"""A new machine is asked where conversations are kept, and a real team's server answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from cryptography.fernet import Fernet
from textual.pilot import Pilot
from textual.widgets import Input

from agentiq_core.config import load
from agentiq_core.engine.team import MARKER, untouched
from agentiq_core.identity import encrypted_file
from agentiq_core.identity.passwords import LEAST_MEMORY_KIB
from agentiq_core.store.accounts import HashParameters
from agentiq_tui.app import AgentIQApp
from agentiq_tui.doorkeeper import Doorkeeper
from agentiq_tui.launch import open_desk
from agentiq_tui.screens.team_key import TeamKeyScreen
from agentiq_tui.screens.where import ADDRESS, INVITED, WhereScreen
from agentiq_tui.widgets.choice import Choice
from tests.cli.cli_team import PASSPHRASE, Team

ANNA, PASSWORD = "anna@example.org", "осенью улетают журавли"
PATIENCE = 30.0
Story = Callable[["Newcomer"], Awaitable[None]]


@pytest.fixture(autouse=True)
def _cheap_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encrypted_file, "_COST", 2**10)
    monkeypatch.setattr(HashParameters.__init__, "__defaults__", (1, LEAST_MEMORY_KIB, 1))


class Newcomer:
    """Somebody at the app of a machine where nothing is set up."""

    def __init__(self, app: AgentIQApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.text()
            await self.pilot.pause(0.05)

    async def answers(self, place: str, **values: str) -> None:
        """Fill in the first question, and go on."""
        await self.until(lambda: isinstance(self.app.screen, WhereScreen) and self.app.screen.query(Choice))
        screen = self.app.screen
        assert isinstance(screen, WhereScreen)
        while screen.query_one(Choice).value != place:
            screen.query_one(Choice).action_turn(1)
            await self.pilot.pause()
        for name, value in values.items():
            screen.query_one(f"#{name}", Input).value = value
        await self.pilot.press("f5")
        await self.until(lambda: not screen.busy or self.app.screen is not screen)

    async def asked_for_the_key(self, key: str | None) -> None:
        """The second question of a machine that joined a team: this key, or on without it."""
        await self.until(lambda: isinstance(self.app.screen, TeamKeyScreen) and self.app.screen.query(Input))
        screen = self.app.screen
        assert isinstance(screen, TeamKeyScreen)
        if key is None:
            await self.pilot.press("escape")
            return
        screen.query_one(Input).value = key
        await self.pilot.press("f5")
        await self.until(lambda: not screen.busy or self.app.screen is not screen)


def with_database(address: str, name: str) -> str:
    return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))


def on_a_new_machine(home: Path, monkeypatch: pytest.MonkeyPatch, story: Story) -> None:
    monkeypatch.setenv("AGENTIQ_HOME", str(home))
    monkeypatch.setenv("AGENTIQ_VAULT_PASSPHRASE", PASSPHRASE)

    async def play() -> None:
        doorkeeper = Doorkeeper()
        app = AgentIQApp(partial(open_desk, doorkeeper), language="en", doorkeeper=doorkeeper)
        async with app.run_test(size=(100, 30)) as pilot:
            await story(Newcomer(app, pilot))
            await pilot.press("ctrl+q")

    asyncio.run(play())


def with_password(address: str, password: str) -> str:
    parts = urlsplit(address)
    user, host = (parts.username or ""), parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{host}"))


def test_an_address_opens_the_teams_desk_and_what_is_wrong_with_it_is_one_line(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.joined(ANNA, "operator", PASSWORD)
    address = team.boss.kept("server")
    assert address is not None
    home = tmp_path / "new"

    async def story(here: Newcomer) -> None:
        who = {"email": ANNA, "password": PASSWORD}
        wrong = {
            "mysql://db.example.org/desk": "begins with postgresql://",
            "postgresql://team:a@b@localhost/desk": "percent-encoded",
            "postgresql://team:tainoe-slovo@127.0.0.1:1/desk": "✗ The server cannot be reached",
            with_password(address, "tainoe-slovo"): "✗ The server does not take the user and password",
            with_database(address, "nope"): "✗ There is no team's database at this address",
            with_database(address, "postgres"): "✗ There is no team's database at this address",
        }
        for bad, said in wrong.items():
            await here.answers(ADDRESS, address=bad, **who)
            await here.until(lambda said=said: said in here.text())
            line = next(line for line in here.text().splitlines() if "✗" in line)
            assert "tainoe" not in here.text(), line
            assert not (home / MARKER).exists()
        await here.answers(ADDRESS, address=address, email=ANNA, password="не тот пароль")
        await here.until(lambda: "Wrong e-mail or password" in here.text())
        assert not (home / MARKER).exists()

        await here.answers(ADDRESS, address=address, **who)
        await here.asked_for_the_key(None)
        await here.until(lambda: here.app.desk_screen.desk is not None)
        await here.until(lambda: "no team key: others send" in here.text())
        assert here.app.desk_screen.email == ANNA
        assert (home / MARKER).exists()

    on_a_new_machine(home, monkeypatch, story)
    assert not untouched(load())


def test_an_invitation_sets_the_password_and_opens_the_desk(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, seller = team.connected("Дом и чай")
    packed = team.invited(ANNA, "operator", "--seller", str(seller))
    key = team.boss.kept("team-key")
    assert key is not None

    async def story(here: Newcomer) -> None:
        secret = {"password": PASSWORD, "again": PASSWORD}
        await here.answers(INVITED, invitation=packed[:-9], **secret)
        await here.until(lambda: "no whole invitation" in here.text())
        await here.answers(INVITED, invitation=packed, **secret)
        await here.asked_for_the_key("44 characters they are not")
        await here.until(lambda: "✗ the team key is not a valid key" in here.text())
        await here.asked_for_the_key(Fernet.generate_key().decode())
        await here.until(lambda: "✗ This key does not open what your team has stored" in here.text())
        await here.asked_for_the_key(key)
        await here.until(lambda: here.app.desk_screen.desk is not None)
        assert here.app.desk_screen.email == ANNA
        assert "no team key" not in here.text()
        desk = here.app.desk_screen.desk
        assert desk is not None
        assert not desk.keyless
        await desk.engine.lines.to(seller)

    on_a_new_machine(tmp_path / "new", monkeypatch, story)
    there = team.machine("new")
    assert there("team-key", "show", hands_out=True).out.strip() == key


def test_who_leaves_at_the_first_question_has_set_nothing_up(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "new"

    async def story(here: Newcomer) -> None:
        await here.until(lambda: isinstance(here.app.screen, WhereScreen) and here.app.screen.query(Choice))
        await here.pilot.press("f10")
        await here.until(lambda: here.app.return_code is not None)

    on_a_new_machine(home, monkeypatch, story)
    assert untouched(load())

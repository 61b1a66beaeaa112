"""The screens of what a team wrote down, drawn: `--snapshot-update` after a change that was meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from agentiq_core.domain.snippets import SnippetKind
from agentiq_core.engine.access import SignedIn
from agentiq_tui.app import AgentIQApp
from agentiq_tui.doorkeeper import Doorkeeper
from agentiq_tui.screens.library import LibraryScreen
from agentiq_tui.screens.mentions import MentionsScreen
from agentiq_tui.screens.setup import SetupScreen
from agentiq_tui.screens.snippet import SnippetScreen
from agentiq_tui.screens.where import Ways, WhereScreen
from tests.tui.conftest import Clock, Seat
from tests.tui.scripted import NOW, ScriptedDesk
from tests.tui.scripted_team import BORIS
from tests.tui.sizes import SIZES
from tests.tui.story import ALENA, MARINA, OLEG

Compare = Callable[..., bool]
BOTH = pytest.mark.parametrize("language", ["ru", "en"])
IN_EVERY_WINDOW = pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])


@BOTH
@IN_EVERY_WINDOW
def test_the_mentions(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
    clock.now = NOW - timedelta(days=1)
    desk.notes.says(MARINA, BORIS, "@anna ей уже отправили замену, трек у меня")
    clock.now = NOW - timedelta(minutes=5)
    desk.notes.says(
        OLEG, BORIS, "Ночью звонил, @anna, обещали ответить к обеду. Не забудь написать ему сама."
    )
    desk.notes.says(ALENA, BORIS, "@anna фото упаковки есть в прошлой переписке")
    clock.now = NOW
    desk.seen_notes = {desk.chats[MARINA].facts["notes"][0].id}
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def run(pilot: Pilot[None]) -> None:
        here = Seat(app, pilot, desk, clock)
        await here.until(lambda: app.screen.query("#composer"))
        await here.screen.run_action("mentions")
        await here.until(lambda: app.screen.query("#mentions-list"))
        await here.until(lambda: isinstance(app.screen, MentionsScreen) and app.screen.current is not None)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run)


@BOTH
@IN_EVERY_WINDOW
@pytest.mark.parametrize("form", [False, True], ids=["list", "form"])
def test_the_library(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int], form: bool
) -> None:
    desk.who = SignedIn(1, "anna@example.org", "admin")
    desk.sellers = desk.sellers[:1]
    desk.snippets.has(
        "Где заказ",
        "Здравствуйте, {name}! Заказ {order} уже в пути.\nЕсли он не придёт в срок, вернём деньги.",
        intent="where_is_order",
    )
    desk.snippets.has("Фото", "Пришлите, пожалуйста, фото упаковки.", intent="defect", channel="chat")
    desk.snippets.has("Мойка", "Кружку можно мыть в посудомойке до 60 °C.", kind=SnippetKind.KNOWLEDGE)
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def run(pilot: Pilot[None]) -> None:
        here = Seat(app, pilot, desk, clock)
        await here.until(lambda: app.screen.query("#composer"))
        await here.press("j")
        await here.opens(ALENA)
        await here.screen.run_action("library")
        await here.until(lambda: app.screen.query("#library-list"))
        await here.until(lambda: isinstance(app.screen, LibraryScreen) and app.screen.snippets)
        await here.press("down")
        if form:
            await here.press("enter")
            await here.until(lambda: app.screen.query("#snippet-body"))
            await here.until(lambda: isinstance(app.screen, SnippetScreen) and app.screen.body.marks)
            app.screen.query_one("#snippet-body").focus()
            app.screen.query_one("#snippet-body").cursor_blink = False
        for field in app.screen.query(Input):
            field.cursor_blink = False
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run)


@BOTH
@IN_EVERY_WINDOW
def test_the_first_steps(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
    desk.who = SignedIn(1, "anna@example.org", "owner")
    desk.sellers = ()
    desk.chats.clear()
    app = AgentIQApp(desk.opened, language=language, clock=clock, doorkeeper=Doorkeeper())

    async def run(pilot: Pilot[None]) -> None:
        here = Seat(app, pilot, desk, clock)
        await here.until(lambda: app.screen.query("#setup-steps"))
        await here.until(lambda: isinstance(app.screen, SetupScreen) and app.screen._overview)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run)


async def _nothing(*_answers: str) -> None:
    """No server is asked."""


@BOTH
@IN_EVERY_WINDOW
@pytest.mark.parametrize("turns", [0, 1, 2], ids=["own", "invited", "address"])
def test_the_first_question(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int], turns: int
) -> None:
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def run(pilot: Pilot[None]) -> None:
        here = Seat(app, pilot, desk, clock)
        await here.until(lambda: app.screen.query("#composer"))
        await here.until(lambda: here.screen.conversation is not None)
        app.push_screen(WhereScreen(Ways(_nothing, _nothing)))
        await here.until(lambda: app.screen.query("#where") and app.screen.focused is not None)
        await here.press(*["right"] * turns)
        if turns == 2:
            app.screen.query_one("#address", Input).value = "postgresql://team:secret@db.example.org/desk"
        for field in app.screen.query(Input):
            field.cursor_blink = False
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run)

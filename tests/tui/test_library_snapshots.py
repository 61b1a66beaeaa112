"""The screens of what a team wrote down, drawn: `--snapshot-update` after a change that was meant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual.widgets import Input

from agentiq_core.domain.snippets import SnippetKind
from agentiq_core.engine.access import SignedIn
from agentiq_tui.doorkeeper import Doorkeeper
from agentiq_tui.screens.library import LibraryScreen
from agentiq_tui.screens.mentions import MentionsScreen
from agentiq_tui.screens.setup import SetupScreen
from agentiq_tui.screens.snippet import SnippetScreen
from agentiq_tui.screens.where import Ways, WhereScreen
from tests.tui.conftest import Clock, Draw, Seat
from tests.tui.scripted import NOW, ScriptedDesk
from tests.tui.scripted_team import BORIS
from tests.tui.sizes import IN_BOTH_LANGUAGES, IN_EVERY_WINDOW
from tests.tui.story import ALENA, MARINA, OLEG

pytestmark = [IN_EVERY_WINDOW, IN_BOTH_LANGUAGES]


def test_the_mentions(draw: Draw, desk: ScriptedDesk, clock: Clock) -> None:
    clock.now = NOW - timedelta(days=1)
    desk.notes.says(MARINA, BORIS, "@anna ей уже отправили замену, трек у меня")
    clock.now = NOW - timedelta(minutes=5)
    desk.notes.says(
        OLEG, BORIS, "Ночью звонил, @anna, обещали ответить к обеду. Не забудь написать ему сама."
    )
    desk.notes.says(ALENA, BORIS, "@anna фото упаковки есть в прошлой переписке")
    clock.now = NOW
    desk.seen_notes = {desk.chats[MARINA].facts["notes"][0].id}

    async def act(here: Seat) -> None:
        await here.screen.run_action("mentions")
        await here.until(lambda: here.app.screen.query("#mentions-list"))
        await here.until(
            lambda: isinstance(here.app.screen, MentionsScreen) and here.app.screen.current is not None
        )

    assert draw(act, shows=MentionsScreen)


@pytest.mark.parametrize("form", [False, True], ids=["list", "form"])
def test_the_library(draw: Draw, desk: ScriptedDesk, form: bool) -> None:
    desk.who = SignedIn(1, "anna@example.org", "admin")
    desk.sellers = desk.sellers[:1]
    desk.snippets.has(
        "Где заказ",
        "Здравствуйте, {name}! Заказ {order} уже в пути.\nЕсли он не придёт в срок, вернём деньги.",
        intent="where_is_order",
    )
    desk.snippets.has("Фото", "Пришлите, пожалуйста, фото упаковки.", intent="defect", channel="chat")
    desk.snippets.has("Мойка", "Кружку можно мыть в посудомойке до 60 °C.", kind=SnippetKind.KNOWLEDGE)

    async def act(here: Seat) -> None:
        app = here.app
        await here.screen.run_action("library")
        await here.until(lambda: isinstance(app.screen, LibraryScreen) and app.screen.snippets)
        await here.press("down")
        if form:
            await here.press("enter")
            await here.until(lambda: app.screen.query("#snippet-body"))
            await here.until(lambda: isinstance(app.screen, SnippetScreen) and app.screen.body.marks)
            app.screen.query_one("#snippet-body").focus()

    assert draw(act, shows=SnippetScreen if form else LibraryScreen)


def test_the_first_steps(draw: Draw, desk: ScriptedDesk) -> None:
    desk.who = SignedIn(1, "anna@example.org", "owner")
    desk.sellers = ()
    desk.chats.clear()

    async def act(here: Seat) -> None:
        await here.until(lambda: here.app.screen.query("#setup-steps"))
        await here.until(lambda: isinstance(here.app.screen, SetupScreen) and here.app.screen._overview)

    assert draw(act, shows=SetupScreen, opened=False, doorkeeper=Doorkeeper())


async def _nothing(*_answers: str) -> None:
    """No server is asked."""


@pytest.mark.parametrize("turns", [0, 1, 2], ids=["own", "invited", "address"])
def test_the_first_question(draw: Draw, turns: int) -> None:
    async def act(here: Seat) -> None:
        screen = WhereScreen(Ways(_nothing, _nothing))
        here.app.push_screen(screen)
        await here.until(lambda: screen.query("#where") and screen.focused is not None)
        await here.press(*["right"] * turns)
        if turns == 2:
            screen.query_one("#address", Input).value = "postgresql://team:secret@db.example.org/desk"

    assert draw(act, shows=WhereScreen)

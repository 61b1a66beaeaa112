"""The screens of what a team wrote down, drawn: `--snapshot-update` after a change that was meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from textual.pilot import Pilot

from agentiq_tui.app import AgentIQApp
from agentiq_tui.screens.mentions import MentionsScreen
from tests.tui.conftest import Clock, Seat
from tests.tui.scripted import NOW, ScriptedDesk
from tests.tui.scripted_team import BORIS
from tests.tui.story import ALENA, MARINA, OLEG

Compare = Callable[..., bool]
BOTH = pytest.mark.parametrize("language", ["ru", "en"])
SIZES = pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])


@BOTH
@SIZES
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

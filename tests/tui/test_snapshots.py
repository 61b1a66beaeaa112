"""What the operator sees, drawn: `--snapshot-update` after a change that was meant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_tui.app import AgentIQApp
from agentiq_tui.screens.trouble import TroubleScreen
from tests.tui.conftest import Clock, Seat
from tests.tui.scripted import ScriptedDesk
from tests.tui.story import ALENA

Compare = Callable[..., bool]


def alena_opened(desk: ScriptedDesk, clock: Clock) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        here = Seat(pilot.app, pilot, desk, clock)  # type: ignore[arg-type]
        await here.until(lambda: pilot.app.screen.query("#composer"))
        await here.press("j")
        await here.opens(ALENA)
        await here.until(lambda: ("mark_read", ALENA) in desk.calls)
        await here.until(lambda: here.screen.queue_pane.model.rows[1].unread == 0)

    return run


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
def test_the_desk(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
    app = AgentIQApp(desk.opened, language=language, clock=clock)
    assert snap_compare(app, terminal_size=size, run_before=alena_opened(desk, clock))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_help(snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await alena_opened(desk, clock)(pilot)
        await pilot.press("question_mark")
        pilot.app.screen.query_one("#help-search").cursor_blink = False  # type: ignore[attr-defined]

    app = AgentIQApp(desk.opened, language=language, clock=clock)
    assert snap_compare(app, terminal_size=(120, 40), run_before=run)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_error_at_the_start(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str
) -> None:
    desk.failing["open"] = StoreUnavailable("connection refused")

    async def run(pilot: Pilot[None]) -> None:
        here = Seat(pilot.app, pilot, desk, clock)  # type: ignore[arg-type]
        await here.until(lambda: isinstance(pilot.app.screen, TroubleScreen))

    app = AgentIQApp(desk.opened, language=language, clock=clock)
    assert snap_compare(app, terminal_size=(100, 30), run_before=run)

"""What the operator sees, drawn: `--snapshot-update` after a change that was meant."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from agentiq_core.domain.errors import SignInNeeded, StoreUnavailable
from agentiq_core.engine.access import SignedIn
from agentiq_tui.app import AgentIQApp
from agentiq_tui.screens.add_shop import AddShopScreen
from agentiq_tui.screens.passphrase import PassphraseScreen
from agentiq_tui.screens.sign_in import SignInScreen
from agentiq_tui.screens.trouble import TroubleScreen
from tests.connectors.wildberries_answers import make_event
from tests.tui.conftest import Clock, Seat
from tests.tui.scripted import ScriptedDesk, quarantined, seller
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


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
@pytest.mark.parametrize("form", ["sign-in", "invitation", "passphrase", "shop", "shop-checked"])
def test_the_forms(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, form: str, size: tuple[int, int], language: str
) -> None:
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def attempt(_email: str, _password: str) -> SignedIn:
        return desk.who

    async def asked(pilot: Pilot[None]) -> None:
        await alena_opened(desk, clock)(pilot)
        if form in ("sign-in", "invitation"):
            app.push_screen(
                SignInScreen(attempt, accept=attempt, why=SignInNeeded("nobody"), email="anna@example.org")
            )
        elif form == "passphrase":
            app.push_screen(PassphraseScreen(new=True))
        else:
            app.push_screen(AddShopScreen(desk))  # type: ignore[arg-type]
        await pilot.pause()
        if form == "invitation":
            await pilot.press("f2")
        if form == "shop-checked":
            app.screen.query_one("#name", Input).value = "Дом и чай"
            app.screen.query_one("#key", Input).value = "x" * 300
            await pilot.press("f5")
            here = Seat(app, pilot, desk, clock)
            await here.until(lambda: "42" in here.text())
        for field in app.screen.query(Input):
            field.cursor_blink = False

    assert snap_compare(app, terminal_size=size, run_before=asked)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
def test_the_quarantine(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
    raw = json.dumps(make_event(message=["[red]Где мой заказ?[/]"]), ensure_ascii=False, indent=2)
    desk.kept = [quarantined(number, raw) for number in range(1, 13)]
    desk.unreadable = {11}
    desk.sellers = (seller(1, "Уютный дом", "wildberries", quarantined=12),)
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def run(pilot: Pilot[None]) -> None:
        await alena_opened(desk, clock)(pilot)
        here = Seat(app, pilot, desk, clock)
        await here.screen.run_action("quarantine")
        await here.until(lambda: "event-12" in here.text())
        await here.press("j")
        await here.until(lambda: "event-11" in here.text())
        await here.press("r")
        await here.until(lambda: "✗" in here.text() and len(desk.called("quarantine")) == 2)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run)

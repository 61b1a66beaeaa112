"""The office's screens, drawn: `--snapshot-update` after a change that was meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from agentiq_core.domain.automation import Automation, AutomationSettings, Held, Mode
from agentiq_core.domain.views import ChannelStatus, SellerState
from agentiq_core.engine.access import SignedIn
from agentiq_tui.app import AgentIQApp
from agentiq_tui.screens.office_list import OfficeListScreen
from tests.tui.conftest import Clock, Seat
from tests.tui.scripted import NOW, ScriptedDesk
from tests.tui.sizes import SIZES

Compare = Callable[..., bool]


def busy(desk: ScriptedDesk, *, one_shop: bool) -> None:
    """An admin; shops with troubles, decisions and a model."""
    desk.who = SignedIn(1, "anna@example.org", "admin")
    first, second = desk.sellers
    channels = (
        ChannelStatus("chat", NOW - timedelta(seconds=12), None, ""),
        ChannelStatus("review", NOW - timedelta(hours=3), "rate_limited", ""),
    )
    first = replace(first, channels=channels, key_expires_at=NOW + timedelta(days=5), messages=420, pages=5)
    second = replace(second, state=SellerState.STOPPED, trouble="key_refused", trouble_detail="expired")
    desk.sellers = (first,) if one_shop else (first, second)
    rules = (Automation("thanks", Mode.ON), Automation("size_advice", Mode.SHADOW, 30, 0.9, templates=True))
    desk.automation.kept = AutomationSettings(1, intents=rules)
    desk.automation.decided(1, at=NOW - timedelta(minutes=1), person_sent="Лучше L: маломерит", likeness=0.4)
    desk.automation.decided(2, Held.UNSURE, Held.FILES, at=NOW - timedelta(minutes=2))
    desk.models.asks()


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
@pytest.mark.parametrize(
    ("action", "keys"),
    [
        ("statistics", ("j",)),
        ("statistics", ("b", "b", "f")),
        ("statistics", ("b", "b", "b")),
        ("audit", ()),
        ("sellers", ()),
        ("sellers", ("u",)),
        ("automation", ()),
        ("automation", ("s",)),
        ("automation", ("v",)),
        ("models", ()),
        ("models", ("enter",)),
        ("models", ("k",)),
    ],
    ids=[
        "statistics",
        "statistics-days",
        "statistics-intents",
        "audit",
        "sellers",
        "sharing",
        "automation",
        "stopped",
        "report",
        "models",
        "model",
        "key",
    ],
)
def test_the_office(
    snap_compare: Compare,
    desk: ScriptedDesk,
    clock: Clock,
    language: str,
    size: tuple[int, int],
    action: str,
    keys: tuple[str, ...],
) -> None:
    busy(desk, one_shop=action == "automation")
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def run(pilot: Pilot[None]) -> None:
        here = Seat(app, pilot, desk, clock)
        await here.until(lambda: pilot.app.screen.query("#composer"))
        await here.until(lambda: here.screen.conversation is not None)
        await here.screen.run_action(action)
        await here.until(lambda: app.screen.query("#dialog"))
        for key in ("", *keys):
            if key:
                await here.press(key)
            await here.until(lambda: not isinstance(app.screen, OfficeListScreen) or app.screen.loaded)
            await pilot.pause()
        for field in app.screen.query(Input):
            field.cursor_blink = False
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run)

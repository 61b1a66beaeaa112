"""The desk when something is amiss or wanted otherwise, drawn: `--snapshot-update` after a change that was meant."""

from __future__ import annotations

import pytest

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_tui.locale import _
from agentiq_tui.screens.trouble import TroubleScreen
from tests.tui.conftest import Draw, Seat
from tests.tui.scripted import ScriptedDesk
from tests.tui.sizes import IN_BOTH_LANGUAGES, IN_EVERY_WINDOW


@IN_BOTH_LANGUAGES
@IN_EVERY_WINDOW
def test_the_error_at_the_start(draw: Draw, desk: ScriptedDesk) -> None:
    desk.failing["open"] = StoreUnavailable("connection refused")

    async def act(here: Seat) -> None:
        await here.until(lambda: isinstance(here.app.screen, TroubleScreen))

    assert draw(act, shows=TroubleScreen, opened=False)


@IN_BOTH_LANGUAGES
@IN_EVERY_WINDOW
def test_the_desk_without_its_database(
    draw: Draw, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_asked: object, **_facts: object) -> None:
        raise StoreUnavailable("gone")

    async def act(here: Seat) -> None:
        await here.press("f5")
        await here.until(lambda: here.screen.conversation and here.screen.conversation.replies)
        monkeypatch.setattr(desk.drafts, "save", away)
        await here.writes("почти готово")
        monkeypatch.setattr(desk, "overview", away)
        desk.change(None)
        await here.sees(_("drafts kept here: {n}").partition(":")[0])
        await here.until(lambda: _("kept on this machine") in str(here.composer.border_title))

    assert draw(act)


@IN_BOTH_LANGUAGES
@pytest.mark.parametrize("size", [(39, 12)], ids=["39x12"])
def test_a_window_too_small(draw: Draw) -> None:
    async def act(here: Seat) -> None:
        await here.until(lambda: here.screen.query("#composer"))

    assert draw(act, opened=False)


@pytest.mark.parametrize("language", ["ru"])
@IN_EVERY_WINDOW
@pytest.mark.parametrize("setting", ["SCREEN_READER", "NO_COLOR"])
def test_the_desk_for_screen_readers_and_without_colours(
    draw: Draw, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    if setting == "NO_COLOR":
        monkeypatch.setenv("AGENTIQ_COLOUR", "0")
    else:
        monkeypatch.setenv("AGENTIQ_SCREEN_READER", "1")
    assert draw()

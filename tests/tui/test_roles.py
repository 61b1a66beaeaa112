"""What a role may not do is offered to it nowhere: palette, help and footer read that from the registry."""

from __future__ import annotations

import re

import pytest
from textual.content import Content
from textual.widgets import Static

from agentiq_core.engine.access import SignedIn
from agentiq_tui.actions import ACTIONS, Needs, Where, at
from agentiq_tui.palette import ActionProvider
from agentiq_tui.screens.help import HelpScreen
from agentiq_tui.widgets.hint_bar import HintBar
from tests.tui.conftest import OpenSeat
from tests.tui.scripted import ScriptedDesk

ALLOWED = {
    "viewer": {Needs.NOTHING},
    "operator": {Needs.NOTHING, Needs.WRITING},
    "admin": set(Needs),
    "owner": set(Needs),
}


@pytest.mark.parametrize("role", ALLOWED)
async def test_palette_help_and_footer_offer_what_the_role_may_do_and_all_of_it(
    seat: OpenSeat, desk: ScriptedDesk, role: str
) -> None:
    desk.who = SignedIn(1, "vera@example.org", role)
    async with seat((140, 40)) as here:
        await here.until(lambda: here.screen.who == desk.who)
        await here.pilot.pause()
        footer = here.screen.query_one(HintBar).render().plain
        palette = {hit.text async for hit in ActionProvider(here.screen).discover()}
        await here.press("f1")
        await here.until(lambda: isinstance(here.app.screen, HelpScreen))
        told = here.app.screen.query_one("#help-text", Static).content
        assert isinstance(told, Content)
        # a long title goes on below its own words
        lines = re.sub(r"\n {5,}", " ", told.plain)
        for action in at(Where.ANYWHERE):
            may = action.needs in ALLOWED[role]
            if action.palette:
                assert (action.described() in palette) is may, action.id
            assert (f"  {action.described()}\n" in lines) is may, action.id
        assert ("отправить" in footer) is (role != "viewer")
        assert "Ctrl+Q выход" in footer


@pytest.mark.parametrize(
    ("action", "needs"),
    [("send", Needs.WRITING), ("note", Needs.WRITING), ("audit", Needs.MANAGING), ("search", Needs.NOTHING)],
)
def test_the_registry_says_what_an_action_needs(action: str, needs: Needs) -> None:
    assert [one.needs for one in ACTIONS if one.id == action] == [needs]

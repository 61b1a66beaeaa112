"""What opens over the desk, and leaving."""

from __future__ import annotations

from textual.command import CommandPalette

from agentiq_tui.screens.add_shop import AddShopScreen
from agentiq_tui.screens.help import HelpScreen
from agentiq_tui.screens.quarantine import QuarantineScreen
from tests.tui.conftest import Seat
from tests.tui.scenarios import act, does
from tests.tui.scripted import ScriptedDesk, quarantined


@does("help")
async def the_keys_are_shown(here: Seat) -> None:
    await act(here, "help")
    await here.until(lambda: isinstance(here.app.screen, HelpScreen))
    await here.sees("Ctrl+Enter")


@does("palette")
async def every_command_is_offered(here: Seat) -> None:
    await act(here, "palette")
    await here.until(lambda: isinstance(here.app.screen, CommandPalette))
    await here.sees("Что сделать?")


@does("add_shop")
async def a_shop_may_be_connected(here: Seat) -> None:
    await act(here, "add_shop")
    await here.until(lambda: isinstance(here.app.screen, AddShopScreen))


def _unread(desk: ScriptedDesk) -> None:
    desk.kept = [quarantined(1)]


@does("quarantine", before=_unread)
async def what_could_not_be_read_is_shown(here: Seat) -> None:
    await act(here, "quarantine")
    await here.until(lambda: isinstance(here.app.screen, QuarantineScreen))
    await here.sees("message.text: string_type")


@does("who")
async def it_says_who_works_here(here: Seat) -> None:
    await act(here, "who")
    await here.sees(here.desk.who.email)


def _signed_in(desk: ScriptedDesk) -> None:
    desk.personal = True


@does("sign_out", before=_signed_in)
async def this_machine_is_signed_out(here: Seat) -> None:
    await act(here, "sign_out")
    await here.until(lambda: here.desk.called("sign_out") == [(False,)])


@does("sign_out_everywhere", before=_signed_in)
async def every_machine_is_signed_out(here: Seat) -> None:
    await act(here, "sign_out_everywhere")
    await here.until(lambda: here.desk.called("sign_out") == [(True,)])


@does("quit")
async def the_app_closes_the_desk_and_ends(here: Seat) -> None:
    await act(here, "quit")
    await here.until(lambda: here.desk.closed)
    assert here.app.return_code == 0

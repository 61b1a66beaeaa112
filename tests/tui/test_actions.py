"""One registry: footer, help, palette and bindings say the same."""

from __future__ import annotations

import pytest
from textual.command import CommandPalette

from agentiq_tui.actions import ACTIONS, BY_ID, HINTS, Action, Where, bindings, hints
from agentiq_tui.keys import on_both_layouts
from agentiq_tui.screens.desk import DeskScreen
from agentiq_tui.screens.help import HelpScreen, help_text
from agentiq_tui.widgets.composer import Composer
from agentiq_tui.widgets.queue_list import QueueList
from agentiq_tui.widgets.transcript_view import TranscriptView
from tests.tui.conftest import OpenSeat

OWNERS = {
    Where.ANYWHERE: DeskScreen,
    Where.OUTSIDE_TEXT: DeskScreen,
    Where.QUEUE: QueueList,
    Where.CHAT: TranscriptView,
    Where.FIELD: Composer,
}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_exists_where_it_says_it_works(action: Action) -> None:
    assert callable(getattr(OWNERS[action.where], f"action_{action.id}"))


@pytest.mark.parametrize(
    "action", [action for action in ACTIONS if action.keys], ids=lambda action: action.id
)
def test_every_key_of_every_action_is_bound_on_both_layouts(action: Action) -> None:
    bound = {key.strip() for binding in bindings(action.where) for key in binding.key.split(",")}
    wanted = {twin for key in action.keys for twin in on_both_layouts(key)}
    assert {"comma" if key == "," else key for key in wanted} <= bound


def test_no_key_means_two_things_in_one_place() -> None:
    for where in (Where.QUEUE, Where.CHAT, Where.FIELD):
        keys = [key for action in ACTIONS if action.where is where for key in action.all_keys()]
        assert len(keys) == len(set(keys))
    keys = [
        key
        for action in ACTIONS
        if action.where in (Where.ANYWHERE, Where.OUTSIDE_TEXT)
        for key in action.all_keys()
    ]
    assert len(keys) == len(set(keys))


def test_the_footer_has_at_most_seven_hints_and_names_a_key_that_works() -> None:
    assert len(list(hints(ctrl_enter=True))) <= HINTS
    assert next(hints(ctrl_enter=True))[1] == "Ctrl+Enter"
    assert next(hints(ctrl_enter=False))[1] == "F5"


def test_letters_that_act_are_never_bound_inside_the_field() -> None:
    anywhere = [key for action in ACTIONS if action.where is Where.ANYWHERE for key in action.keys]
    assert "enter" not in anywhere


@pytest.mark.parametrize("key", ["?", "f1", ","])
async def test_help_lists_every_action_and_can_be_searched(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        await here.press("comma" if key == "," else "question_mark" if key == "?" else key)
        await here.until(lambda: isinstance(here.app.screen, HelpScreen))
        full = help_text("").plain
        assert all(action.described() in full for action in ACTIONS)
        await here.press(*"срок")
        await here.sees("Следующий чат по сроку ответа")
        assert "Отвечать не нужно" not in here.text()
        await here.press("escape")
        await here.until(lambda: isinstance(here.app.screen, DeskScreen))


@pytest.mark.parametrize("key", ["ctrl+p", "ctrl+з"])
async def test_the_palette_is_ours_and_translated(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        await here.press(key)
        await here.until(lambda: isinstance(here.app.screen, CommandPalette))
        await here.sees("Что сделать?")
        await here.press(*"отвечать не")
        await here.sees("Отвечать не нужно")
        await here.press("enter")
        await here.until(
            lambda: here.desk.called("no_reply_needed") or isinstance(here.app.screen, DeskScreen)
        )
        if not here.desk.called("no_reply_needed"):
            await here.press("enter")
        await here.until(lambda: here.desk.called("no_reply_needed"))


async def test_the_palette_says_nothing_found_in_russian(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("ctrl+p")
        await here.until(lambda: isinstance(here.app.screen, CommandPalette))
        await here.press(*"ъъъъ")
        await here.sees("Ничего не найдено")


async def test_ctrl_c_says_how_to_leave_in_russian(seat: OpenSeat) -> None:
    async with seat() as here:
        await here.press("ctrl+c")
        await here.sees("Выйти из AgentIQ: Ctrl+Q")


def test_every_palette_action_is_in_the_registry_once() -> None:
    shown = [action.id for action in BY_ID.values() if action.palette]
    assert len(shown) == len(set(shown))
    assert {"send", "undo", "next_chat", "switch_theme", "switch_language", "quit"} <= set(shown)

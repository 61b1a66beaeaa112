"""One registry: footer, help, palette and bindings say the same."""

from __future__ import annotations

import importlib
import pkgutil
from itertools import combinations
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.keys import _character_to_key

from agentiq_tui import screens
from agentiq_tui.actions import ACTIONS, BY_ID, HINTS, Action, Where, at, bindings, hints
from agentiq_tui.app import AgentIQApp
from agentiq_tui.keys import on_both_layouts
from agentiq_tui.screens.desk import DeskScreen
from agentiq_tui.screens.help import HelpScreen, help_text
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.widgets.choice import Choice
from agentiq_tui.widgets.composer import Composer
from agentiq_tui.widgets.queue_list import QueueList
from agentiq_tui.widgets.snippet_body import SnippetBody
from agentiq_tui.widgets.transcript_view import TranscriptView
from tests.tui.conftest import OpenSeat

OWNERS: dict[Where, tuple[type[object], ...]] = {
    Where.ANYWHERE: (DeskScreen,),
    Where.OUTSIDE_TEXT: (DeskScreen,),
    Where.QUEUE: (QueueList,),
    Where.CHAT: (TranscriptView,),
    Where.FIELD: (Composer,),
    Where.CHOICE: (Choice,),
    Where.SNIPPET_TEXT: (SnippetBody,),
    Where.APP: (AgentIQApp,),
}


def windows() -> list[type[WindowScreen[Any]]]:
    """Every kind of window, without what they are made from."""
    for module in pkgutil.iter_modules(screens.__path__, screens.__name__ + "."):
        importlib.import_module(module.name)
    found: list[type[WindowScreen[Any]]] = [WindowScreen]
    for kind in found:
        found += kind.__subclasses__()
    # a window of a test is none of the app's
    return [
        kind for kind in found if hasattr(kind, "keys_at") and kind.__module__.startswith(screens.__name__)
    ]


def owners(place: Where) -> tuple[type[object], ...]:
    """The classes that have the keys of this place."""
    return OWNERS.get(place) or tuple(kind for kind in windows() if kind.keys_at is place)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_exists_where_it_says_it_works(action: Action) -> None:
    method = "action_" + action.run.partition("(")[0]
    for place in action.places:
        assert owners(place), place
        for owner in owners(place):
            assert callable(getattr(owner, method, None)), (place, owner)


@pytest.mark.parametrize("window", windows(), ids=lambda window: window.__name__)
def test_a_window_binds_the_keys_of_its_place_and_no_others(window: type[WindowScreen[Any]]) -> None:
    bound = {one.id: one for _key, one in window._merged_bindings if one.id}
    wanted = {action.id for action in ACTIONS if window.keys_at in action.places}
    assert {name.removesuffix(".first") for name in bound} == wanted
    for action in ACTIONS:
        if action.id in wanted:
            keys = {
                key for key, one in window._merged_bindings if one.id in (action.id, f"{action.id}.first")
            }
            named = {_character_to_key(key) if len(key) == 1 else key for key in action.all_keys()}
            assert named <= keys


@pytest.mark.parametrize(
    "action", [action for action in ACTIONS if action.keys], ids=lambda action: action.id
)
def test_every_key_of_every_action_is_bound_on_both_layouts(action: Action) -> None:
    for place in action.places:
        bound = {key.strip() for binding in bindings(place) for key in binding.key.split(",")}
        wanted = {twin for key in action.keys for twin in on_both_layouts(key)}
        assert {"comma" if key == "," else key for key in wanted} <= bound


TWO_MEANINGS = {("undo", "undo_typing")}
"""Actions with a key in common, one of them in the field alone."""


def test_no_key_means_two_things_in_one_place() -> None:
    shared = {
        (one.id, other.id)
        for one, other in combinations(ACTIONS, 2)
        if one.meets(other) and not {*one.all_keys()}.isdisjoint(other.all_keys())
    }
    assert shared == TWO_MEANINGS


def test_the_footer_has_at_most_seven_hints_and_names_a_key_that_works() -> None:
    assert len(list(hints(ctrl_enter=True))) <= HINTS
    assert next(hints(ctrl_enter=True))[1] == "Ctrl+Enter"
    assert next(hints(ctrl_enter=False))[1] == "F5"


def test_letters_that_act_are_never_bound_inside_the_field() -> None:
    anywhere = [key for action in ACTIONS if Where.ANYWHERE in action.places for key in action.keys]
    assert "enter" not in anywhere


@pytest.mark.parametrize("key", ["?", "f1", ","])
async def test_help_lists_every_action_of_the_desk_and_can_be_searched(seat: OpenSeat, key: str) -> None:
    async with seat() as here:
        await here.press("comma" if key == "," else "question_mark" if key == "?" else key)
        await here.until(lambda: isinstance(here.app.screen, HelpScreen))
        full = help_text("").plain
        assert all(action.described() in full for action in at(Where.ANYWHERE))
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
    assert len(BY_ID) == len(ACTIONS)
    shown = [action.id for action in at(Where.ANYWHERE) if action.palette]
    assert {"send", "undo", "next_chat", "switch_theme", "switch_language", "quit"} <= set(shown)

"""Keys that come in one burst, as a slow line or a password manager sends them, act in the order in which they were pressed."""

from __future__ import annotations

import asyncio

from textual import events
from textual.widgets import Input

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_tui.screens.search import SearchScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk
from tests.tui.story import ALENA, OLEG


def burst(here: Seat, *keys: str) -> None:
    """All of these at once: the app has no time between two of them."""
    for key in keys:
        letter = {"slash": "/", "at": "@", "full_stop": "."}.get(key, key)
        here.app.post_message(events.Key(key, letter if len(letter) == 1 else None))


async def test_a_letter_waits_for_the_key_before_it(seat: OpenSeat) -> None:
    async with seat() as here:
        here.composer.focus()
        await here.pilot.pause()
        burst(
            here,
            *"чайх",
            "backspace",
            *"ник",
            "home",
            "н",
            "end",
            "left",
            "left",
            "delete",
            *"ёк",
            "end",
            "!",
        )
        await here.until(lambda: here.composer.text.endswith("!"))
        assert here.composer.text == "нчайнёкк!"


async def test_what_undo_takes_back_was_typed_before_it(seat: OpenSeat) -> None:
    async with seat() as here:
        here.composer.focus()
        await here.pilot.pause()
        burst(here, *"было", "ctrl+z", *"стало")
        await here.until(lambda: here.composer.text == "стало")


async def test_letters_behind_enter_go_into_the_field(seat: OpenSeat) -> None:
    async with seat() as here:
        burst(here, "j", "enter", *"жду")
        await here.until(lambda: here.composer.text == "жду")
        assert here.screen.current == ALENA


async def test_a_paste_keeps_its_place_among_the_keys(seat: OpenSeat) -> None:
    async with seat() as here:
        burst(here, "enter", "а")
        here.app.post_message(events.Paste("бв"))
        burst(here, "backspace", "г")
        await here.until(lambda: here.composer.text == "абг")


async def test_letters_behind_a_key_that_opens_a_dialog_are_for_the_dialog(seat: OpenSeat) -> None:
    async with seat() as here:
        burst(here, "slash", *"лампа")
        await here.until(lambda: isinstance(here.app.screen, SearchScreen))
        await here.until(lambda: here.app.screen.query_one(Input).value == "лампа")
        burst(here, "escape", "j")
        await here.opens(ALENA)


async def test_what_is_typed_before_the_conversation_is_there_waits_for_its_field(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        desk.slow = asyncio.Event()
        burst(here, "j", "enter", *"ajк", "backspace", "z")
        await here.until(lambda: here.screen.current == ALENA)
        await here.press("f1")
        assert here.app.screen is not here.screen
        await here.press("escape")
        desk.slow.set()
        await here.until(lambda: here.composer.text == "ajz")
        assert here.screen.current == ALENA
        assert here.composer.has_focus


async def test_what_is_typed_for_a_field_that_never_comes_is_no_command(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        desk.slow = asyncio.Event()
        burst(here, "j", "enter", *"zm")
        await here.until(lambda: here.screen.current == ALENA)
        await here.press("escape", "k")
        desk.slow.set()
        await here.opens(OLEG)
        assert here.app.screen is here.screen
        assert here.composer.text == ""
        assert not here.composer.has_focus


async def test_letters_are_the_queues_again_when_the_conversation_cannot_be_fetched(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        desk.failing["conversation"] = StoreUnavailable("gone")
        burst(here, "j", "enter")
        await here.until(lambda: "conversation" not in desk.failing and here.screen.current == ALENA)
        await here.pilot.pause()
        await here.press("k")
        await here.opens(OLEG)
        assert here.composer.text == ""

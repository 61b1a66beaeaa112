"""An app on a desk, a clock that the test moves, and waiting for what is on screen."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.views import ChatRef
from agentiq_tui.app import AgentIQApp
from agentiq_tui.screens.desk import DeskScreen
from agentiq_tui.screens.office_list import OfficeListScreen
from agentiq_tui.widgets.composer import Composer
from tests.tui.scripted import NOW, ScriptedDesk
from tests.tui.story import ALENA, shop

DEADLINE = 10.0
Reached = TypeVar("Reached", bound=Screen[Any])
QUIET = 10
"""Turns of the app without a change after which nothing more is expected."""


@dataclass
class Clock:
    """The time of the app: stands still until the test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Seat:
    """An operator at the screen."""

    app: AgentIQApp
    pilot: Pilot[None]
    desk: ScriptedDesk
    clock: Clock = field(repr=False)

    @property
    def screen(self) -> DeskScreen:
        return self.app.desk_screen

    @property
    def composer(self) -> Composer:
        return self.screen.query_one(Composer)

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the app run until something is so."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, f"never so; on screen:\n{self.text()}"
            await self.pilot.pause(0.02)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def opens(self, ref: ChatRef) -> None:
        """Wait until this chat is on screen with its suggestion looked up."""
        await self.until(lambda: self.screen.conversation is not None and self.screen.conversation.ref == ref)
        await self.until(lambda: ("suggestion", ref) in self.desk.calls)
        await self.pilot.pause()

    async def writes(self, text: str) -> None:
        """Put the focus into the reply field and paste a text."""
        self.composer.focus()
        await self.pilot.pause()
        self.composer.insert(text)
        await self.until(
            lambda: self.screen.current and text in self.screen.words.text(DraftKey(self.screen.current))
        )

    async def settles(self) -> None:
        """Let the app run until what it fetched at its start is drawn, and nothing is laid out any more."""
        laid: list[object] = []
        self.screen.screen_layout_refresh_signal.subscribe(self.screen, laid.append, immediate=True)
        quiet = 0
        while quiet < QUIET:
            before = len(laid), self.text()
            await self.pilot.pause(0.02)
            quiet = quiet + 1 if before == (len(laid), self.text()) else 0
        self.screen.screen_layout_refresh_signal.unsubscribe(self.screen)

    async def reaches(self, kind: type[Reached]) -> Reached:
        """Wait until a screen of this kind is in front, its list is read and keys go into it; returns it."""
        await self.until(lambda: isinstance(self.app.screen, kind) and self.app.screen.focused is not None)
        screen = self.app.screen
        assert isinstance(screen, kind)
        await self.until(lambda: not isinstance(screen, OfficeListScreen) or screen.loaded)
        await self.pilot.pause()
        return screen

    def text(self) -> str:
        """What is on screen, as lines."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def sees(self, words: str) -> None:
        await self.until(lambda: words in self.text())


OpenSeat = Callable[..., "asynccontextmanager[Seat]"]
Act = Callable[[Seat], Awaitable[None]]
Draw = Callable[..., bool]


async def nothing(_here: Seat) -> None:
    """What is done where a screen is drawn as it opens."""


@pytest.fixture(autouse=True)
def _moscow_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Moscow")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own: its settings are nobody else's."""
    place = tmp_path / "home"
    monkeypatch.setenv("AGENTIQ_HOME", str(place))
    return place


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(clock: Clock) -> ScriptedDesk:
    return ScriptedDesk(shop(), clock)


@pytest.fixture
def seat(desk: ScriptedDesk, clock: Clock) -> OpenSeat:
    """A context manager: the app running on the desk, with its first chat open unless `wait` is false."""

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = (140, 40), language: str = "ru", *, wait: bool = True
    ) -> AsyncIterator[Seat]:
        app = AgentIQApp(desk.opened, language=language, clock=clock)
        async with app.run_test(size=size, notifications=True) as pilot:
            place = Seat(app, pilot, desk, clock)
            if wait:
                await place.until(lambda: place.screen.conversation is not None)
                await place.until(lambda: place.screen.suggestion_pane.suggestion is not None)
                await place.until(lambda: desk.called("mark_read") or size[0] < 70)
            yield place

    return opened


def _stop_blinking(app: AgentIQApp) -> None:
    """The cursors of all screens stand still: a lower one is seen beside a dialog."""
    for screen in app.screen_stack:
        for typed in (*screen.query(Input), *screen.query(TextArea)):
            typed.cursor_blink = False


@pytest.fixture
def draw(
    snap_compare: Callable[..., bool], desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> Draw:
    """Compares what is on screen after `act` with its picture. Alena's chat is opened first, unless `opened` is false.

    The picture is titled with the screen that it `shows`: test_every_screen.py reads there what is drawn.
    """

    def drawn(
        act: Act = nothing, *, shows: type[Screen[Any]] = DeskScreen, opened: bool = True, **facts: Any
    ) -> bool:
        app = AgentIQApp(desk.opened, language=language, clock=clock, **facts)
        app.title = shows.__name__

        async def run(pilot: Pilot[None]) -> None:
            here = Seat(app, pilot, desk, clock)
            if opened:
                await here.until(lambda: here.screen.query("#composer"))
                await here.until(lambda: here.screen.conversation is not None)
                await here.press("j")
                await here.opens(ALENA)
                await here.until(lambda: ("mark_read", ALENA) in desk.calls)
                await here.until(lambda: here.screen.queue_pane.model.rows[1].unread == 0)
            _stop_blinking(app)
            await act(here)
            _stop_blinking(app)
            await pilot.pause()
            assert type(app.screen) is shows

        return snap_compare(app, terminal_size=size, run_before=run)

    return drawn

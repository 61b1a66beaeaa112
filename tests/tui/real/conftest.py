"""The app on a real desk: real Postgres, a real worker inside, a real marketplace on loopback."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from textual.pilot import Pilot

from agentiq_core.config import Settings
from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.desk import Desk
from agentiq_tui.app import AgentIQApp
from agentiq_tui.screens.desk import DeskScreen
from agentiq_tui.widgets.composer import Composer
from tests.scene import Scene, dispatch, engine, sandbox, scene, seller_id, shop, team_key

__all__ = ["dispatch", "engine", "sandbox", "scene", "seller_id", "shop", "team_key"]

DEADLINE = 25.0
SIZE = (150, 42)


@dataclass
class Seat:
    """An operator at the screen, and the scene behind it."""

    app: AgentIQApp
    pilot: Pilot[None]
    scene: Scene

    @property
    def screen(self) -> DeskScreen:
        return self.app.desk_screen

    @property
    def desk(self) -> Desk:
        assert self.screen.desk is not None
        return self.screen.desk

    @property
    def composer(self) -> Composer:
        return self.screen.query_one(Composer)

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the app run until something on screen is so."""

        async def so() -> bool:
            return bool(condition())

        await self.until_there(so)

    async def until_there(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Let the app run until something in the database or at the marketplace is so."""
        deadline = time.monotonic() + DEADLINE
        while not await condition():
            assert time.monotonic() < deadline, f"never so; on screen:\n{self.text()}"
            await self.pilot.pause(0.03)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    def text(self) -> str:
        """What is on screen, as lines."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def sees(self, words: str) -> None:
        await self.until(lambda: words in self.text())

    async def writes(self, text: str) -> None:
        """Put the focus into the reply field and type a text at its end."""
        self.composer.focus()
        await self.pilot.pause()
        self.composer.insert(text)
        await self.until(
            lambda: self.screen.current and text in self.screen.words.text(DraftKey(self.screen.current))
        )

    async def goes_to(self, ref: ChatRef) -> None:
        """Open a chat by the keyboard, wherever in the queues it is."""
        for _ in range(10):
            if self.screen.current == ref:
                break
            await self.press("f2")
            await self.pilot.pause(0.1)
        await self.until(lambda: self.screen.conversation is not None and self.screen.current == ref)

    async def news(self) -> None:
        """The worker asks the marketplace now instead of at its next turn."""
        await self.scene.dispatch.pull(self.scene.seller_id)

    async def arrived(self, ref: ChatRef, *texts: str) -> None:
        """Wait until the marketplace has exactly these replies."""
        await self.until(lambda: self.scene.sent_there(ref) == list(texts))

    async def delivered(self, ref: ChatRef, *texts: str) -> None:
        """Wait until these replies are at the marketplace, once each, and read back."""
        await self.arrived(ref, *texts)
        await self.until(lambda: self.text().count("✓✓ доставлено") == len(texts))
        assert self.scene.sent_there(ref) == list(texts)


Sit = Callable[..., AbstractAsyncContextManager[Seat]]


@pytest.fixture
def settings(dsn: str, team_key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A machine whose operator may not undo and whose worker looks for news as often as it may."""
    monkeypatch.setenv("AGENTIQ_HOME", str(tmp_path))
    return Settings(
        home=tmp_path,
        database_url=SecretStr(dsn),
        team_key=SecretStr(team_key),
        undo_seconds=0,
        poll_seconds=1,
        open_chat_poll_seconds=1,
    )


@pytest.fixture
def sit(scene: Scene, settings: Settings) -> Sit:
    """A context manager: the app on a desk of its own, with its first chat and suggestion on screen unless `wait` is false."""

    @asynccontextmanager
    async def opened(*, wait: bool = True, **changed: object) -> AsyncIterator[Seat]:
        own = settings.model_copy(update=changed)
        app = AgentIQApp(lambda: Desk.open(own, worker=True, budgets=False), language="ru")
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            here = Seat(app, pilot, scene)
            if wait:
                await here.until(lambda: here.screen.conversation is not None)
                await here.until(lambda: here.screen.suggestion_pane.suggestion is not None)
            yield here

    return opened

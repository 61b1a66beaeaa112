"""Workers that let a model write, and the model's host on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from agentiq_core.domain.suggesting import ModelSettings, PassState
from agentiq_core.domain.views import ChatRef, SuggestionView
from agentiq_core.engine.context import Engine, worker_name
from agentiq_core.engine.model_lines import ModelLines
from agentiq_core.engine.models import Models
from agentiq_core.engine.passes import Passes
from agentiq_core.engine.suggest import suggest_missing
from agentiq_core.identity.model_keys import ModelKeys
from agentiq_core.identity.plain_file import PlainFile
from agentiq_core.store import conversations
from tests.ai.model_host import CHAT, KEY, ModelHost, chunk
from tests.ai.scripted_model import answered
from tests.connectors.scripted_host import Step
from tests.scene import Scene

QUESTION = "Здравствуйте! Кружка пришла с трещиной, что делать?"
REPLY = "Здравствуйте! Нам очень жаль, что так вышло с кружкой. Пришлите, пожалуйста, фото: внимательно разберёмся."
USED = {"prompt_tokens": 1000, "completion_tokens": 200}
COST = Decimal("0.0014")
"""Of one answer at the prices below."""


@dataclass
class Writers:
    """A seller with a model, and as many workers as a test wants."""

    scene: Scene
    host: ModelHost
    home: Path
    settings: ModelSettings
    _lines: list[ModelLines]

    @classmethod
    async def at(cls, scene: Scene, host: ModelHost, home: Path) -> Writers:
        """With the model turned on, and a key on this machine."""
        settings = ModelSettings(
            "custom",
            base_url=f"{host.url}/v1",
            model="small",
            price_in=Decimal(1),
            price_out=Decimal(2),
            daily_budget=Decimal(10),
        )
        writers = cls(scene, host, home, settings, [])
        await writers.set()
        ModelKeys(PlainFile(home / PlainFile.NAME)).set("custom", host.url, KEY)
        return writers

    async def set(self, **changes: object) -> None:
        """Change the seller's settings."""
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        await Models(self.scene.engine).set(self.scene.seller_id, self.settings)

    def engine(self, home: Path | None = None) -> Engine:
        """A worker on the machine of this home, the one with the key unless another is named."""
        keys = ModelKeys(PlainFile((home or self.home) / PlainFile.NAME))
        self._lines.append(ModelLines(keys))
        return replace(self.scene.engine, models=self._lines[-1], worker=worker_name())

    def worker(self, home: Path | None = None) -> Passes:
        """What a worker runs."""
        return Passes(self.engine(home))

    async def close(self) -> None:
        for lines in self._lines:
            await lines.aclose()

    async def asked(self, text: str = QUESTION) -> ChatRef:
        """A buyer asked, and the template is there."""
        ref = await self.scene.chat(text)
        await suggest_missing(self.scene.engine)
        return ref

    async def suggestion(self, ref: ChatRef) -> SuggestionView:
        async with self.scene.engine.store.transaction() as session:
            found = await conversations.suggestion(session, ref, rules_checked=1)
        assert found is not None
        return found

    async def becomes(
        self, ref: ChatRef, fits: Callable[[SuggestionView], bool], seconds: float = 5.0
    ) -> SuggestionView:
        """Wait until the suggestion is so."""
        async with asyncio.timeout(seconds):
            while True:
                found = await self.suggestion(ref)
                if fits(found):
                    return found
                await asyncio.sleep(0.02)

    async def state(self, ref: ChatRef) -> PassState:
        return (await self.suggestion(ref)).state

    @property
    def calls(self) -> int:
        """How many questions the host was asked."""
        return len(self.host.asked(CHAT))

    async def spent(self) -> tuple[int, Decimal]:
        """Calls and money of today."""
        today = await Models(self.scene.engine).spent_today(self.scene.seller_id)
        return sum(one.calls for one in today), sum((one.cost for one in today), Decimal(0))

    def says(self, reply: str = REPLY, **more: object) -> None:
        """The host's next answer, streamed whole."""
        text = answered(reply, **more)
        self.host.script(
            CHAT, self.host.stream(chunk(text), chunk("", "stop"), {"choices": [], "usage": USED})
        )

    def holds(self, reply: str = REPLY, *, before: float = 0.8) -> asyncio.Event:
        """The next answer comes in two pieces, the second once the event is set."""
        text, go_on = answered(reply), asyncio.Event()
        cut = int(len(text) * before)
        self.host.script(CHAT, _held(text[:cut], text[cut:], go_on))
        return go_on


def _held(first: str, rest: str, go_on: asyncio.Event) -> Step:
    async def step(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        writer.write(_event(chunk(first)))
        await writer.drain()
        await go_on.wait()
        for event in (chunk(rest), chunk("", "stop"), {"choices": [], "usage": USED}):
            writer.write(_event(event))
        writer.write(b"data: [DONE]\n\n")
        await writer.drain()
        writer.close()

    return step


def _event(event: object) -> bytes:
    return b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n"

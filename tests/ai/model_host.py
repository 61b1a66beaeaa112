"""What a provider of models answers, well or badly."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from agentiq_core.ai.access import Clock
from agentiq_core.ai.model import ModelRequest, Role, Turn
from agentiq_core.ai.profiles import PROFILES, Patience, Profile
from agentiq_core.ai.provider import ChatCompletions
from tests.connectors.scripted_host import ScriptedHost, Step

CHAT = "/v1/chat/completions"
TOKEN = "/api/v2/oauth"
KEY = "sk-0123456789abcdefNEVERSHOWN"
ASK = ModelRequest((Turn(Role.SYSTEM, "Правила"), Turn(Role.USER, "Вопрос")), schema={"type": "object"})


class ModelHost(ScriptedHost):
    """A host with the answers of `/chat/completions`."""

    def stream(
        self, *events: object, done: bool = True, kind: str = "text/event-stream", ended: bool = True
    ) -> Step:
        """A stream of these events: chunks of text, or whole events; bytes go out as they are."""
        lines = [
            event if isinstance(event, bytes) else b"data: " + _json(event) + b"\n\n" for event in events
        ]
        lines += [b"data: [DONE]\n\n"] if done else []

        async def step(writer: asyncio.StreamWriter) -> None:
            writer.write(
                f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            )
            for line in lines:
                writer.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
                await writer.drain()
            if ended:
                writer.write(b"0\r\n\r\n")
            else:
                writer.close()
            await writer.drain()

        return step

    def endless(self, line: bytes) -> Step:
        """A stream that says the same for ever."""

        async def step(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
            while True:
                writer.write(line)
                await writer.drain()

        return step

    def answer(self, text: str, **more: object) -> Step:
        """One JSON, not a stream."""
        return self.json({"choices": [{"message": {"content": text}, "finish_reason": "stop"}], **more})

    def body(self, number: int = -1) -> dict[str, Any]:
        """What was asked."""
        asked: dict[str, Any] = json.loads(self.asked(CHAT)[number].body)
        return asked


def chunk(text: str | None, finish: str | None = None, **more: object) -> dict[str, object]:
    """An event with a piece of text."""
    return {"choices": [{"delta": {"content": text}, "finish_reason": finish}], **more}


def model(
    host: ScriptedHost,
    name: str = "deepseek",
    key: str | None = KEY,
    *,
    clock: Clock = time.time,
    **more: Any,
) -> ChatCompletions:
    """A client of this host by that profile."""
    secret = SecretStr(key) if key else None
    return ChatCompletions(settled(host, name, **more), secret, sleep=_no_sleep, clock=clock)


def settled(
    host: ScriptedHost, name: str = "deepseek", patience: Patience | None = None, **more: Any
) -> Profile:
    """A profile that leads to this host."""
    made = replace(PROFILES[name], patience=patience or Patience(connect=2, read=2, total=5))
    if made.exchange_at:
        made = replace(made, exchange_at=f"{host.url}{TOKEN}")
    return made.configured(base_url=f"{host.url}/v1", **more)


slept: list[float] = []


async def _no_sleep(seconds: float) -> None:
    slept.append(seconds)


def _json(event: object) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def texts(*pieces: str) -> Sequence[dict[str, object]]:
    """Events with these pieces, the last of which ends the answer."""
    return [*map(chunk, pieces), chunk("", "stop")]

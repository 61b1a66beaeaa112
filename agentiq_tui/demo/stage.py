"""What the demo plays on: a fresh database on its own embedded server, and a sandbox in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from agentiq_core.config import Settings
from agentiq_core.connectors.base import Credentials
from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_core.domain.errors import Misconfigured
from agentiq_core.engine.desk import Desk
from agentiq_core.engine.sellers import add_seller
from agentiq_core.identity.vault import new_key
from agentiq_core.store.demo import create_database, drop_database
from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_tui.demo.words import WORDS

POLL_SECONDS = 5.0
OPEN_CHAT_POLL_SECONDS = 3.0
_READY_SECONDS = 60.0


@dataclass(frozen=True)
class Marketplace:
    """The running sandbox: its marketplaces' address, its sellers, and the secret that opens its control."""

    url: str
    control_secret: str
    sellers: tuple[dict[str, Any], ...]

    async def stats(self) -> dict[str, int]:
        """What the marketplaces count together, whatever their clients believe."""
        import httpx

        headers = {"Authorization": f"Bearer {self.control_secret}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=10) as client:
            answer = await client.get("/_sandbox/stats")
            answer.raise_for_status()
            by_market: dict[str, dict[str, Any]] = answer.json()
            counted = ("accepted", "duplicates", "buyers_waiting")
            return {name: sum(stats[name] for stats in by_market.values()) for name in counted}


@asynccontextmanager
async def marketplace(*, seed: int, chats: int) -> AsyncIterator[Marketplace]:
    """Run the sandbox as a process that dies with this one."""
    arguments = ["--seed", str(seed), "--chats", str(chats), "--live", "--exit-with-stdin"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "agentiq_core.sandbox",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=1 << 20,
    )
    try:
        assert process.stdout is not None
        try:
            async with asyncio.timeout(_READY_SECONDS):
                ready = json.loads(await process.stdout.readline())
        except (TimeoutError, ValueError):
            # it wrote nothing, or ended half way
            raise Misconfigured("the sandbox marketplace did not start", fields="sandbox") from None
        yield Marketplace(ready["url"], ready["control_secret"], tuple(ready["sellers"]))
    finally:
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 5)
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def database(home: Path) -> AsyncIterator[str]:
    """A database of this demo's own on the demo's embedded server; a second start finds the server's files ready."""
    await asyncio.to_thread(home.mkdir, parents=True, exist_ok=True)
    server = EmbeddedPostgres(home)
    admin = await asyncio.to_thread(server.start)
    name = f"demo_{os.getpid()}_{secrets.token_hex(4)}"
    try:
        await asyncio.to_thread(create_database, admin, name)
        try:
            yield urlunsplit(urlsplit(admin)._replace(path=f"/{name}"))
        finally:
            await asyncio.shield(asyncio.to_thread(drop_database, admin, name))
    finally:
        await asyncio.shield(asyncio.to_thread(server.leave))


@asynccontextmanager
async def stage(settings: Settings, *, seed: int, chats: int) -> AsyncIterator[tuple[Desk, Marketplace]]:
    """The whole demo: marketplace, database, desk with its worker, sellers connected."""
    async with (
        marketplace(seed=seed, chats=chats) as market,
        database(settings.home / "demo") as dsn,
    ):
        own = settings.model_copy(
            update={
                "database_url": _secret(dsn),
                "team_key": _secret(new_key()),
                "poll_seconds": POLL_SECONDS,
                "open_chat_poll_seconds": OPEN_CHAT_POLL_SECONDS,
            }
        )
        async with Desk.open(own, worker=True) as desk:
            known = (seller for seller in market.sellers if seller["marketplace"] in MARKETPLACES)
            for seller in known:
                credentials = Credentials(
                    secret=seller["token"], client_id=seller.get("client_id"), base_url=seller["base_url"]
                )
                number, _key = await add_seller(
                    desk.engine, seller["marketplace"], seller["name"], credentials
                )
                for said in WORDS:
                    await desk.snippets.add(number, said)
            yield desk, market


def _secret(value: str) -> Any:
    from pydantic import SecretStr

    return SecretStr(value)

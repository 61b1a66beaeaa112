"""A network between workers and the marketplace that stands still: nothing is lost, everything comes late."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class StallingProxy:
    """Passes bytes on in both directions, except while it stalls. An async context manager."""

    def __init__(self) -> None:
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None
        self._stop_at: bytes | None = None
        self._there: tuple[str, int] = ("", 0)
        self._tasks: set[asyncio.Task[None]] = set()
        self.url = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flowing.set()
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def lead_to(self, url: str) -> None:
        """Where the other end is; from now on `url` is this end."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._there = (parts.hostname, parts.port)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def stop_at(self, beginning: bytes) -> None:
        """Let nothing through from the first request on that begins so."""
        self._stop_at = beginning

    def go_on(self) -> None:
        """Let everything through again, what waits first."""
        self._stop_at = None
        self._flowing.set()

    async def stall(self, seconds: float, *, after: float = 0.0) -> None:
        """Let nothing through for so long."""
        await asyncio.sleep(after)
        self._flowing.clear()
        await asyncio.sleep(seconds)
        self._flowing.set()

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._connect(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._there)
        await asyncio.gather(
            self._pass(reader, far_writer), self._pass(far_reader, writer), return_exceptions=True
        )

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                if self._stop_at is not None and data.startswith(self._stop_at):
                    self._flowing.clear()
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        finally:
            with suppress(ConnectionError):
                writer.close()

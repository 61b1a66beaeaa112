"""Connections of one marketplace are shared; what belongs to a seller is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from agentiq_core.connectors.http import Timeouts, open_client
from agentiq_core.connectors.pools import proxy_to


@dataclass
class Counting:
    """A host that counts connections and keeps the heads of requests; every answer sets a cookie."""

    url: str = ""
    connections: int = 0
    heads: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
                writer.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: who=me\r\nContent-Length: 2\r\n\r\nok")
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()


@pytest.fixture
async def counting() -> AsyncIterator[Counting]:
    host = Counting()
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0)
    host.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield host
    server.close()
    await server.wait_closed()


def seller(host: Counting, key: str) -> httpx.AsyncClient:
    return open_client(host.url, {"Authorization": key}, Timeouts())


async def test_sellers_of_one_marketplace_take_turns_on_one_connection(counting: Counting) -> None:
    clients = [seller(counting, f"key-{number}") for number in range(5)]
    for client in clients:
        assert (await client.get("/")).text == "ok"
    assert counting.connections == 1
    assert [f"key-{number}" in counting.heads[number] for number in range(5)] == [True] * 5
    for client in clients:
        await client.aclose()


async def test_neither_key_nor_cookie_of_a_seller_reaches_anothers_request(counting: Counting) -> None:
    first, second = seller(counting, "first-key"), seller(counting, "second-key")
    await first.get("/")
    await second.get("/")
    assert "first-key" not in counting.heads[1]
    assert "cookie" not in counting.heads[1].lower()
    await first.aclose()
    await second.aclose()


async def test_a_seller_that_leaves_cuts_nobody_off_and_the_last_one_closes_the_door(
    counting: Counting,
) -> None:
    first, second = seller(counting, "first"), seller(counting, "second")
    await first.get("/")
    await second.get("/")
    await first.aclose()
    assert (await second.get("/")).text == "ok"
    assert counting.connections == 1
    await second.aclose()
    third = seller(counting, "third")
    await third.get("/")
    assert counting.connections == 2
    await third.aclose()


def test_the_proxy_of_the_environment_is_used_but_for_hosts_it_leaves_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = httpx.URL("https://shop.example.org")
    assert proxy_to(address) is None
    monkeypatch.setenv("https_proxy", "proxy.example.org:3128")
    assert proxy_to(address) == "http://proxy.example.org:3128"
    monkeypatch.setenv("no_proxy", "example.org")
    assert proxy_to(address) is None

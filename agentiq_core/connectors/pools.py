"""Connections that all sellers of one marketplace share: a thousand sellers need no thousand sockets and TLS handshakes.

Only connections are shared. Headers, keys and cookies stay with each seller's own client.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.request import getproxies, proxy_bypass
from weakref import WeakKeyDictionary

import httpx

LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=40, keepalive_expiry=20.0)
"""Of one process to one marketplace: more than its hands, so that nobody waits for a connection."""

if find_spec("sniffio") is None:
    # httpcore imports it four times a request, and Python looks through every folder for what is not there
    sys.modules["sniffio"] = None  # type: ignore[assignment]

Origin = tuple[str, str, int | None]


@dataclass
class _Pool:
    transport: httpx.AsyncHTTPTransport
    users: int = 0


# connections belong to the event loop they were made in
_pools: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Origin, _Pool]] = WeakKeyDictionary()


class SharedTransport(httpx.AsyncBaseTransport):
    """A client's way to one origin, through the connections of this event loop; they close with their last client."""

    def __init__(self, url: httpx.URL, trust: ssl.SSLContext) -> None:
        self._url = url
        self._trust = trust
        self._pool: _Pool | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send on a connection of the pool."""
        if self._pool is None:
            self._pool = self._joined()
        return await self._pool.transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Leave the pool."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        pool.users -= 1
        if pool.users == 0:
            _pools.get(asyncio.get_running_loop(), {}).pop(origin_of(self._url), None)
            await pool.transport.aclose()

    def _joined(self) -> _Pool:
        pools = _pools.setdefault(asyncio.get_running_loop(), {})
        pool = pools.get(origin_of(self._url))
        if pool is None:
            transport = httpx.AsyncHTTPTransport(
                verify=self._trust, http2=False, limits=LIMITS, proxy=proxy_to(self._url)
            )
            pool = pools[origin_of(self._url)] = _Pool(transport)
        pool.users += 1
        return pool


def origin_of(url: httpx.URL) -> Origin:
    """What a connection is made to."""
    return url.scheme, url.host, url.port


def proxy_to(url: httpx.URL) -> str | None:
    """The proxy that the environment names for this address; None for a direct connection."""
    if proxy_bypass(url.netloc.decode("ascii")):
        return None
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"

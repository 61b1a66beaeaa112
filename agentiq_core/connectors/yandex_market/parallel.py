"""Two requests at once for a login: a third is refused with 420 (Yandex Market API, limits)."""

from __future__ import annotations

import asyncio
import hashlib
from weakref import WeakKeyDictionary

from agentiq_core.connectors.yandex_market.limits import REQUESTS_AT_ONCE

# a semaphore belongs to the event loop it is waited for in
_places: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bytes, asyncio.Semaphore]] = WeakKeyDictionary()


class Place:
    """A place among the requests that a key may have under way, shared by all connectors of this process."""

    def __init__(self, key: str) -> None:
        self._digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()

    async def __aenter__(self) -> None:
        await self._semaphore().acquire()

    async def __aexit__(self, *_: object) -> None:
        self._semaphore().release()

    def _semaphore(self) -> asyncio.Semaphore:
        places = _places.setdefault(asyncio.get_running_loop(), {})
        return places.setdefault(self._digest, asyncio.Semaphore(REQUESTS_AT_ONCE))

"""Access tokens: one for each client and process, whatever the number of its connectors. Kept in memory alone."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary, WeakValueDictionary

LIFETIME: Final = timedelta(seconds=86_400)
"""Of a token that does not tell its own (Avito API, auth)."""
_SPARE: Final = timedelta(minutes=10)
"""A token is renewed so long before its end, a short-lived one when a tenth of its life is left."""


@dataclass(frozen=True, slots=True)
class Token:
    """`value` opens the API until `ends`; it was asked for at `born`."""

    value: str = field(repr=False)
    born: datetime
    ends: datetime
    scopes: frozenset[str] = frozenset()

    def lasts(self, now: datetime) -> bool:
        """Whether it will do for another request."""
        return now < self.ends - min(_SPARE, (self.ends - self.born) / 10)


Ask = Callable[[], Awaitable[Token]]


class Tokens:
    """The token of one client; whoever needs a new one asks for it while the others wait."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._told: deque[str] = deque(maxlen=4)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The last ones, old ones too: they may be in the words of an answer that is still under way."""
        return tuple(self._told)

    async def current(self, ask: Ask, now: datetime, *, refused: Token | None = None) -> Token:
        """A token that lasts and is not the `refused` one; `ask` fetches it. Raises what `ask` raises."""
        async with self._lock:
            known = self._token
            if known is not None and known.lasts(now) and known is not refused:
                return known
            self._token = await ask()
            self._told.append(self._token.value)
            return self._token


# a lock belongs to the event loop it was waited for in; a client's tokens go with its last connector
_shared: WeakKeyDictionary[asyncio.AbstractEventLoop, WeakValueDictionary[bytes, Tokens]] = (
    WeakKeyDictionary()
)


def shared_tokens(base_url: str, client_id: str, secret: str) -> Tokens:
    """The tokens of this client in the running event loop."""
    of_loop = _shared.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    name = hashlib.sha256("\0".join((base_url, client_id, secret)).encode()).digest()
    tokens = of_loop.get(name)
    if tokens is None:
        tokens = of_loop[name] = Tokens()
    return tokens

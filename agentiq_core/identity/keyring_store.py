"""The system's keyring, when there is one that works."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from agentiq_core.domain.errors import VaultLocked

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "agentiq"
PATIENCE = 5.0
"""Seconds: a keyring over a dead session bus hangs instead of failing."""
_UNSAFE = ("keyring.backends.fail", "keyring.backends.null", "keyrings.")
"""No keyring at all, or ones that keep plain text (keyrings.alt) or ask on the terminal (keyrings.cryptfile)."""

T = TypeVar("T")

_proved: dict[KeyringBackend, bool] = {}
"""Which keyrings of this process were tried, and whether what was put into them came out again."""
_proving = threading.Lock()


class KeyringStore:
    """Secrets of one home in the system's keyring; another home on the same account does not see them."""

    kind = "keyring"

    def __init__(self, backend: KeyringBackend, home: Path) -> None:
        self._backend = backend
        self._mark = hashlib.sha256(str(home).encode(errors="surrogateescape")).hexdigest()[:12]

    def get(self, name: str) -> str | None:
        return _patiently(lambda: self._backend.get_password(SERVICE, self._account(name)))

    def set(self, name: str, value: str) -> None:
        _patiently(lambda: self._backend.set_password(SERVICE, self._account(name), value))

    def delete(self, name: str) -> None:
        if self.get(name) is not None:
            _patiently(lambda: self._backend.delete_password(SERVICE, self._account(name)))

    def _account(self, name: str) -> str:
        return f"{name}@{self._mark}"


def working_keyring(home: Path) -> KeyringStore | None:
    """The keyring, if a value that is put into it comes out again; else None. Blocking. It is tried once a process."""
    try:
        usable = _patiently(_usable)
    except VaultLocked:
        return None
    with _proving:
        for backend in usable:
            if backend not in _proved:
                _proved[backend] = _works(KeyringStore(backend, home))
            if _proved[backend]:
                return KeyringStore(backend, home)
    return None


def _usable() -> list[KeyringBackend]:
    """The keyrings that are safe, best first. A chain is never used as one: it writes to whichever of its links takes it."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen = keyring.get_keyring()
    links = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    return [link for link in links if not type(link).__module__.startswith(_UNSAFE)]


def _works(store: KeyringStore) -> bool:
    # another process may try the same keyring at this moment: each under a name of its own
    name, value = f"probe-{secrets.token_hex(4)}", secrets.token_hex(8)
    try:
        store.set(name, value)
        same = store.get(name) == value
        store.delete(name)
    except VaultLocked:
        return False
    return same


def _patiently(work: Callable[[], T]) -> T:
    """The result, within `PATIENCE` seconds. Every failure of a keyring is one error: what it says may hold a secret."""
    done: SimpleQueue[tuple[T] | Exception] = SimpleQueue()

    def run() -> None:
        try:
            done.put((work(),))
        except Exception as error:  # noqa: BLE001 - backends raise anything, from KeyringError to D-Bus errors
            done.put(error)

    # a daemon: a thread of a pool that hangs would keep the whole program from ending
    threading.Thread(target=run, name="keyring", daemon=True).start()
    try:
        result = done.get(timeout=PATIENCE)
    except Empty:
        raise VaultLocked("the system's keyring does not answer", reason="keyring") from None
    if isinstance(result, Exception):
        raise VaultLocked(f"the system's keyring failed: {type(result).__name__}", reason="keyring")
    return result[0]

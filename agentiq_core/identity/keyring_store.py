"""The system's keyring, when there is one that works."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
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


class KeyringStore:
    """Secrets of one home in the system's keyring; another home on the same account does not see them."""

    kind = "keyring"

    def __init__(self, backend: KeyringBackend, home: Path) -> None:
        self._backend = backend
        self._mark = hashlib.sha256(str(home).encode()).hexdigest()[:12]

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
    """The keyring, if a value that is put into it comes out again; else None. Blocking."""
    import keyring

    def chosen() -> KeyringBackend:
        return keyring.get_keyring()

    try:
        backend = _patiently(chosen)
        parts = [backend, *getattr(backend, "backends", ())]
        usable = [
            part
            for part in parts
            if not type(part).__module__.startswith((*_UNSAFE, "keyring.backends.chainer"))
        ]
        if not usable or type(backend).__module__.startswith(_UNSAFE):
            return None
        store = KeyringStore(backend, home)
        probe = secrets.token_hex(8)
        store.set("probe", probe)
        works = store.get("probe") == probe
        store.delete("probe")
    except VaultLocked:
        return None
    return store if works else None


def _patiently(work: Callable[[], T]) -> T:
    """The result, within `PATIENCE` seconds. Every failure of a keyring is one error: what it says may hold a secret."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="keyring")
    try:
        return pool.submit(work).result(PATIENCE)
    except FutureTimeout:
        raise VaultLocked("the system's keyring does not answer", reason="keyring") from None
    except Exception as error:  # noqa: BLE001 - backends raise anything, from KeyringError to D-Bus errors
        raise VaultLocked(f"the system's keyring failed: {type(error).__name__}", reason="keyring") from None
    finally:
        pool.shutdown(wait=False)

"""The team key of this machine, and the marketplace keys it seals.

The key comes from `AGENTIQ_TEAM_KEY`, else from this machine's secrets; it is never in the database, so whoever holds
only the database cannot write to a buyer. A machine without it shows everything, and leaves pulling and sending to others.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from agentiq_core.config import Settings
from agentiq_core.domain.errors import VaultLocked
from agentiq_core.identity import private_file
from agentiq_core.identity.secret_store import SecretStore

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

TEAM_KEY = "team-key"
"""The name under which the secret store keeps the key, and those before it, newest first."""
FILE = "team.key"
"""Where homes of the first version keep it."""


class Vault:
    """Seals and opens secrets with the newest team key; older keys still open what they sealed.

    Without any key both raise `VaultLocked`. The first of them loads a library: not on an event loop.
    """

    def __init__(self, *keys: str) -> None:
        self._keys = tuple(SecretStr(key.strip()) for key in keys)
        self._fernet: MultiFernet | None = None
        if not all(_is_key(key.get_secret_value()) for key in self._keys):
            raise VaultLocked("the team key is not a valid key: 44 characters, as `agentiq init` made it")

    def take(self, other: Vault) -> None:
        """Have the keys of another vault from now on, everywhere this one is used."""
        self._keys, self._fernet = other._keys, other._fernet

    def seal(self, secret: str) -> bytes:
        """Encrypt a secret for the database. Raises `VaultLocked`."""
        return self._opened().encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt what `seal` made. Raises `VaultLocked` when another key sealed it."""
        with _told():
            return self._opened().decrypt(sealed).decode()

    def reseal(self, sealed: bytes) -> bytes:
        """The same secret under the newest key. Raises as `open`."""
        with _told():
            return self._opened().rotate(sealed)

    def with_new_key(self) -> tuple[Vault, str]:
        """A vault that seals with a fresh key and still opens what the older ones sealed; and that key."""
        self._opened()
        key = new_key()
        return Vault(key, *(former.get_secret_value() for former in self._keys)), key

    def packed(self) -> str:
        """The keys as the secret store and AGENTIQ_TEAM_KEY hold them: newest first, commas between."""
        return ",".join(key.get_secret_value() for key in self._keys)

    def _opened(self) -> MultiFernet:
        if not self._keys:
            raise VaultLocked(
                "this machine has no team key: agentiq team-key set, with the key that another machine of the team shows",
                reason="no team key",
            )
        if self._fernet is None:
            # 8 MiB that a terminal whose pulls others do never needs
            from cryptography.fernet import Fernet, MultiFernet

            self._fernet = MultiFernet([Fernet(key.get_secret_value()) for key in self._keys])
        return self._fernet


def _is_key(key: str) -> bool:
    """Whether this is what Fernet takes: 32 bytes, written as it writes them."""
    try:
        return len(urlsafe_b64decode(key)) == 32
    except ValueError:
        return False


@contextmanager
def _told() -> Iterator[None]:
    from cryptography.fernet import InvalidToken

    try:
        yield
    except InvalidToken:
        raise VaultLocked("this machine's team key does not open the stored marketplace key") from None


def new_key() -> str:
    """A fresh team key."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def open_vault(settings: Settings, secrets: SecretStore | None = None, *, make: bool = True) -> Vault:
    """This machine's vault. Blocking. Raises `VaultLocked`.

    `make` is for a machine that is its own team: its first call makes the key. Another one without a key gets an empty vault.
    A key that a home of the first version keeps in a file moves into `secrets`.
    """
    if settings.team_key is not None:
        return vault_of(settings.team_key.get_secret_value())
    path = settings.home / FILE
    kept = secrets.get(TEAM_KEY) if secrets is not None else None
    if kept is None:
        former = _first_versions_key(path)
        if former is not None:
            vault = vault_of(former)
            if secrets is not None:
                _move(path, secrets)
            return vault
        # another process may have moved it between the two looks
        kept = secrets.get(TEAM_KEY) if secrets is not None else None
    elif secrets is not None and path.exists():
        _move(path, secrets)
    if kept is None:
        if not make or secrets is None:
            return Vault()
        kept = _made(settings.home, secrets)
    return vault_of(kept)


def vault_of(packed: str) -> Vault:
    """Keys as a person may write them down: a comma at the end is no key. Nothing at all is a broken one. Raises `VaultLocked`."""
    return Vault(*([key for key in packed.split(",") if key.strip()] or [""]))


def _made(home: Path, secrets: SecretStore) -> str:
    # two processes that start at once on a new machine must agree on one key
    with private_file.changing(home / FILE):
        kept = secrets.get(TEAM_KEY)
        if kept is None:
            kept = new_key()
            secrets.set(TEAM_KEY, kept)
    return kept


def _move(path: Path, secrets: SecretStore) -> None:
    # where the secrets or the home cannot be written, the file goes on serving
    with suppress(VaultLocked, OSError), private_file.changing(path):
        former = _first_versions_key(path)
        if former is None:
            return
        if secrets.get(TEAM_KEY) is None:
            secrets.set(TEAM_KEY, former)
        # read back: the file is the only copy until then
        if secrets.get(TEAM_KEY) == former:
            path.unlink()
            private_file.sync_directory(path.parent)


def _first_versions_key(path: Path) -> str | None:
    raw = private_file.read(path)
    if raw is None:
        return None
    try:
        return raw.decode("ascii").strip()
    except UnicodeDecodeError:
        raise VaultLocked(f"the team key {path} cannot be read: it is not text", path=str(path)) from None

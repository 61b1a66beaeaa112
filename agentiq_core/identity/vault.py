"""The team key of this machine, and the marketplace keys it seals.

The key comes from `AGENTIQ_TEAM_KEY`, else from this machine's secrets; it is never in the database, so whoever holds
only the database cannot write to a buyer. A machine without it shows everything, and leaves pulling and sending to others.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from agentiq_core.config import Settings
from agentiq_core.domain.errors import VaultLocked
from agentiq_core.identity import private_file
from agentiq_core.identity.secret_store import SecretStore

TEAM_KEY = "team-key"
"""The name under which the secret store keeps the key, and those before it, newest first."""
FILE = "team.key"
"""Where homes of the first version keep it."""


class Vault:
    """Seals and opens secrets with the newest team key; older keys still open what they sealed.

    Without any key both raise `VaultLocked`.
    """

    def __init__(self, *keys: str) -> None:
        self._keys = tuple(SecretStr(key.strip()) for key in keys)
        try:
            fernets = [Fernet(key.get_secret_value()) for key in self._keys]
            self._fernet = MultiFernet(fernets) if fernets else None
        except ValueError:
            raise VaultLocked(
                "the team key is not a valid key: 44 characters, as `agentiq init` made it"
            ) from None

    def seal(self, secret: str) -> bytes:
        """Encrypt a secret for the database. Raises `VaultLocked`."""
        return self._opened().encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt what `seal` made. Raises `VaultLocked` when another key sealed it."""
        try:
            return self._opened().decrypt(sealed).decode()
        except InvalidToken:
            raise VaultLocked("this machine's team key does not open the stored marketplace key") from None

    def reseal(self, sealed: bytes) -> bytes:
        """The same secret under the newest key. Raises as `open`."""
        try:
            return self._opened().rotate(sealed)
        except InvalidToken:
            raise VaultLocked("this machine's team key does not open the stored marketplace key") from None

    def with_new_key(self) -> tuple[Vault, str]:
        """A vault that seals with a fresh key and still opens what the older ones sealed; and that key."""
        self._opened()
        key = new_key()
        return Vault(key, *(former.get_secret_value() for former in self._keys)), key

    def packed(self) -> str:
        """The keys as the secret store and AGENTIQ_TEAM_KEY hold them: newest first, commas between."""
        return ",".join(key.get_secret_value() for key in self._keys)

    def _opened(self) -> MultiFernet:
        if self._fernet is None:
            raise VaultLocked(
                "this machine has no team key: agentiq team-key set, with the key that another machine of the team shows",
                reason="no team key",
            )
        return self._fernet


def new_key() -> str:
    """A fresh team key."""
    return Fernet.generate_key().decode()


def open_vault(settings: Settings, secrets: SecretStore | None = None, *, make: bool = True) -> Vault:
    """This machine's vault. Blocking. Raises `VaultLocked`.

    `make` is for a machine that is its own team: its first call makes the key. Another one without a key gets an empty vault.
    """
    if settings.team_key is not None:
        return Vault(*settings.team_key.get_secret_value().split(","))
    kept = secrets.get(TEAM_KEY) if secrets is not None else None
    if kept is None:
        former = _first_versions_key(settings.home / FILE)
        if former is not None:
            return Vault(former)
        if not make or secrets is None:
            return Vault()
        kept = _made(settings.home, secrets)
    return Vault(*kept.split(","))


def _made(home: Path, secrets: SecretStore) -> str:
    # two processes that start at once on a new machine must agree on one key
    with private_file.changing(home / FILE):
        kept = secrets.get(TEAM_KEY)
        if kept is None:
            kept = new_key()
            secrets.set(TEAM_KEY, kept)
    return kept


def _first_versions_key(path: Path) -> str | None:
    raw = private_file.read(path)
    if raw is None:
        return None
    try:
        return raw.decode("ascii").strip()
    except UnicodeDecodeError:
        raise VaultLocked(f"the team key {path} cannot be read: it is not text", path=str(path)) from None

"""The team key of this machine, and the marketplace keys it seals.

The key comes from `AGENTIQ_TEAM_KEY`, else from a 0600 file under `$AGENTIQ_HOME`; it is never in the database, so
whoever holds only the database cannot write to a buyer.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from agentiq_core.config import Settings
from agentiq_core.domain.errors import VaultLocked

FILE = "team.key"
TEAM_KEY = "team-key"


class Vault:
    """Seals and opens secrets with the team key; older keys still open what they sealed."""

    def __init__(self, *keys: str) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys])
        except ValueError:
            raise VaultLocked(
                "the team key is not a valid key: 44 characters, as `agentiq init` made it"
            ) from None

    keys: tuple[str, ...] = ()

    def with_new_key(self) -> tuple[Vault, str]:
        return self, new_key()

    def reseal(self, sealed: bytes) -> bytes:
        return self._fernet.rotate(sealed)

    def seal(self, secret: str) -> bytes:
        """Encrypt a secret for the database."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt what `seal` made. Raises `VaultLocked` when another key sealed it."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise VaultLocked("this machine's team key does not open the stored marketplace key") from None


def new_key() -> str:
    """A fresh team key."""
    return Fernet.generate_key().decode()


def open_vault(settings: Settings, secrets_: object = None, *, embedded: bool = True) -> Vault:
    """This machine's vault; the first call on a new machine makes the key. Raises `VaultLocked`."""
    if settings.team_key is not None:
        return Vault(settings.team_key.get_secret_value())
    return Vault(_key_file(settings.home / FILE))


def _key_file(path: Path) -> str:
    try:
        if not path.exists():
            _create(path)
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise VaultLocked(f"the team key {path} cannot be read or made: {reason}", path=str(path)) from None


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(new_key().encode())
            file.flush()
            os.fsync(file.fileno())
        # a link fails when another process was first, so nobody's key is ever overwritten
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        fresh.unlink(missing_ok=True)

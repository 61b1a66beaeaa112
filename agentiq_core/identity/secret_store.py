"""Where this machine keeps its secrets: the system's keyring, else an encrypted file, else (embedded server only) a private file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from agentiq_core.config import Settings
from agentiq_core.domain.errors import VaultLocked

if TYPE_CHECKING:
    from agentiq_core.identity.encrypted_file import EncryptedFile

AskPassphrase = Callable[[bool], str]
"""Asks a person for the passphrase of this machine's secrets; True when it is a new one. Blocking."""


_opened: dict[Path, EncryptedFile] = {}
"""Files that a person opened in this process: nobody is asked twice."""
_asking = threading.Lock()


class SecretStore(Protocol):
    """Named secrets of one home. Blocking: call it in a thread. Raises `VaultLocked`."""

    @property
    def kind(self) -> str:
        """`keyring`, `encrypted file` or `file`, as `agentiq doctor` and `whoami` say it."""
        ...

    def get(self, name: str) -> str | None:
        """A secret, or None."""
        ...

    def set(self, name: str, value: str) -> None:
        """Keep a secret: after this returns it survives a crash."""
        ...

    def delete(self, name: str) -> None:
        """Forget a secret; one that is not there is no error."""
        ...


def open_secret_store(
    settings: Settings, *, embedded: bool, ask_passphrase: AskPassphrase | None = None
) -> SecretStore:
    """The best place there is. Blocking.

    With the embedded server the database lies in the same home, so a private file is as safe and nobody is asked
    anything. Raises `VaultLocked` when a passphrase is needed and nobody can be asked, or when it is wrong.
    """
    from agentiq_core.identity.encrypted_file import EncryptedFile
    from agentiq_core.identity.plain_file import PlainFile

    if embedded:
        return PlainFile(settings.home / PlainFile.NAME)
    from agentiq_core.identity.keyring_store import working_keyring

    path = settings.home / EncryptedFile.NAME
    if not path.exists() and settings.vault_passphrase is None:
        keyring = working_keyring(settings.home)
        if keyring is not None:
            return keyring
    if settings.vault_passphrase is not None:
        return EncryptedFile(path, settings.vault_passphrase.get_secret_value())
    return _asked(path, ask_passphrase)


def _asked(path: Path, ask_passphrase: AskPassphrase | None) -> SecretStore:
    from agentiq_core.identity.encrypted_file import EncryptedFile

    with _asking:
        known = _opened.get(path)
        if known is not None and known.still_opens():
            return known
        if ask_passphrase is None:
            raise VaultLocked(
                "this machine has no keyring, and its secrets need a passphrase: set AGENTIQ_VAULT_PASSPHRASE, or run this in a terminal",
                reason="passphrase",
            )
        store = EncryptedFile(path, ask_passphrase(not path.exists()))
        _opened[path] = store
        return store

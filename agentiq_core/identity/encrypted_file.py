"""Secrets in a file that a passphrase opens: for machines without a keyring (scrypt and AES-256-GCM)."""

from __future__ import annotations

import json
import os
from pathlib import Path

from agentiq_core.domain.errors import VaultLocked
from agentiq_core.identity import private_file

_MAGIC = b"AgentIQ secrets 1\n"
_SALT_BYTES, _NONCE_BYTES, _TAG_BYTES = 16, 12, 16
_COST = 2**17
"""scrypt's n with r = 8: about 0.3 s and 128 MiB, once a process."""


class EncryptedFile:
    """A JSON object of names and secrets, sealed. The passphrase is tried when it is opened. Raises `VaultLocked`."""

    NAME = "secrets.enc"
    kind = "encrypted file"

    def __init__(self, path: Path, passphrase: str) -> None:
        if not passphrase:
            raise VaultLocked("the passphrase of this machine's secrets is empty", reason="wrong passphrase")
        self._path = path
        self._passphrase = passphrase
        self._key: tuple[bytes, bytes] | None = None
        self._read()

    def get(self, name: str) -> str | None:
        return self._read().get(name)

    def set(self, name: str, value: str) -> None:
        with private_file.changing(self._path):
            self._write(self._read() | {name: value})

    def delete(self, name: str) -> None:
        with private_file.changing(self._path):
            kept = self._read()
            if kept.pop(name, None) is not None:
                self._write(kept)

    def _read(self) -> dict[str, str]:
        raw = private_file.read(self._path)
        if raw is None:
            return {}
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        head = len(_MAGIC) + _SALT_BYTES
        if not raw.startswith(_MAGIC) or len(raw) < head + _NONCE_BYTES + _TAG_BYTES:
            raise VaultLocked(
                f"{self._path} is damaged: move it away to begin anew", path=str(self._path), reason="damaged"
            )
        salt, nonce = raw[len(_MAGIC) : head], raw[head : head + _NONCE_BYTES]
        try:
            opened = AESGCM(self._derived(salt)).decrypt(nonce, raw[head + _NONCE_BYTES :], raw[:head])
        except InvalidTag:
            raise VaultLocked(
                "the passphrase does not open this machine's secrets",
                path=str(self._path),
                reason="wrong passphrase",
            ) from None
        kept: dict[str, str] = json.loads(opened)
        return kept

    def _write(self, kept: dict[str, str]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        salt = self._key[0] if self._key is not None else os.urandom(_SALT_BYTES)
        nonce = os.urandom(_NONCE_BYTES)
        head = _MAGIC + salt
        sealed = AESGCM(self._derived(salt)).encrypt(nonce, json.dumps(kept).encode(), head)
        private_file.write(self._path, head + nonce + sealed)

    def _derived(self, salt: bytes) -> bytes:
        if self._key is None or self._key[0] != salt:
            from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

            key = Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(self._passphrase.encode())
            self._key = (salt, key)
        return self._key[1]

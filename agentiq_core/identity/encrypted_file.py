"""Secrets in a file that a passphrase opens: for machines without a keyring (scrypt and AES-256-GCM).

    AgentIQ secrets 1⏎ | salt, 16 bytes | length of what follows, 4 bytes | nonce, 12 bytes | sealed JSON and its tag

All before the nonce is authenticated with the rest. The length tells a file that was cut short from a wrong passphrase.
"""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from agentiq_core.domain.errors import VaultLocked
from agentiq_core.identity import private_file

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

WRONG = "wrong passphrase"
"""The `reason` of a `VaultLocked` that another passphrase may help."""
_NAME_OF_FORMAT = b"AgentIQ secrets "
_MAGIC = _NAME_OF_FORMAT + b"1\n"
_SALT_BYTES, _LENGTH_BYTES, _NONCE_BYTES, _TAG_BYTES = 16, 4, 12, 16
_HEAD_BYTES = len(_MAGIC) + _SALT_BYTES + _LENGTH_BYTES
_COST = 2**17
"""scrypt's n with r = 8: about 0.3 s and 128 MiB, once a process."""


class EncryptedFile:
    """A JSON object of names and secrets, sealed. The passphrase is tried when it is opened. Raises `VaultLocked`."""

    NAME = "secrets.enc"
    kind = "encrypted file"

    def __init__(self, path: Path, passphrase: str) -> None:
        if not passphrase:
            raise VaultLocked("the passphrase of this machine's secrets is empty", reason=WRONG)
        self._path = path
        # macOS types й as two characters
        self._passphrase = SecretStr(unicodedata.normalize("NFC", passphrase))
        self._opener: tuple[bytes, AESGCM] | None = None
        self._read()

    def still_opens(self) -> bool:
        """Whether the passphrase is still the file's: another process may have begun it anew. Raises `VaultLocked`."""
        try:
            self._read()
        except VaultLocked as error:
            if error.params.get("reason") != WRONG:
                raise
            return False
        return True

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

        head, rest = raw[:_HEAD_BYTES], raw[_HEAD_BYTES:]
        if head.startswith(_NAME_OF_FORMAT) and b"\n" in head and not head.startswith(_MAGIC):
            raise VaultLocked(
                f"{self._path} was written by a newer AgentIQ: update this one",
                path=str(self._path),
                reason="newer",
            )
        length = int.from_bytes(head[-_LENGTH_BYTES:], "big")
        if not head.startswith(_MAGIC) or len(rest) != length or length < _NONCE_BYTES + _TAG_BYTES:
            raise VaultLocked(
                f"{self._path} is damaged: move it away to begin anew", path=str(self._path), reason="damaged"
            )
        salt = head[len(_MAGIC) : len(_MAGIC) + _SALT_BYTES]
        try:
            opened = self._cipher(salt).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], head)
        except InvalidTag:
            raise VaultLocked(
                "the passphrase does not open this machine's secrets",
                path=str(self._path),
                reason=WRONG,
            ) from None
        kept: dict[str, str] = json.loads(opened)
        return kept

    def _write(self, kept: dict[str, str]) -> None:
        salt = self._opener[0] if self._opener is not None else os.urandom(_SALT_BYTES)
        nonce, plain = os.urandom(_NONCE_BYTES), json.dumps(kept).encode()
        length = _NONCE_BYTES + len(plain) + _TAG_BYTES
        head = _MAGIC + salt + length.to_bytes(_LENGTH_BYTES, "big")
        private_file.write(self._path, head + nonce + self._cipher(salt).encrypt(nonce, plain, head))

    def _cipher(self, salt: bytes) -> AESGCM:
        if self._opener is None or self._opener[0] != salt:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

            typed = self._passphrase.get_secret_value().encode(errors="surrogatepass")
            key = Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(typed)
            self._opener = (salt, AESGCM(key))
        return self._opener[1]

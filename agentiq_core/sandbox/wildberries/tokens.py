"""Access tokens as Wildberries issues them: ES256 JWTs whose claims say category, kind and seller."""

from __future__ import annotations

import base64
import binascii
import random
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

_KEY_ID: Final = "20260302v1"
READ_ONLY_BIT: Final = 30


class Scope(IntEnum):
    """Bit positions of claim `s`, the categories of methods a token opens (WB API, tokens)."""

    CONTENT = 1
    FEEDBACKS = 7
    BUYERS_CHAT = 9
    BUYERS_RETURNS = 11


class Account(IntEnum):
    """Claim `acc`, the kind of token (WB API, tokens)."""

    BASE = 1
    TEST = 2
    PERSONAL = 3
    SERVICE = 4


@dataclass(frozen=True, slots=True)
class Grant:
    """What a valid token says: whose it is and what it opens."""

    token_id: str
    sid: str
    account: Account
    scopes: int
    expires: int

    def allows(self, scope: Scope) -> bool:
        """Whether the category is opened."""
        return bool(self.scopes >> scope & 1)

    @property
    def read_only(self) -> bool:
        """Whether changing methods are closed."""
        return bool(self.scopes >> READ_ONLY_BIT & 1)


class TokenRefused(Exception):
    """The token opens nothing; the text is what the marketplace puts in `detail`."""


class TokenOffice:
    """Issues and checks tokens. The key follows from the seed, so a restarted sandbox knows its tokens."""

    def __init__(self, rng: random.Random) -> None:
        self._key = ec.derive_private_key(rng.getrandbits(248) + 1, ec.SECP256R1())
        self._checked: dict[str, Grant] = {}

    def issue(
        self,
        *,
        token_id: str,
        sid: str,
        account: Account,
        scopes: Iterable[Scope],
        read_only: bool,
        expires: int,
        oid: int,
    ) -> str:
        """A signed token. expires: unix seconds, real ones live 180 days."""
        bits = sum(1 << scope for scope in set(scopes)) | (int(read_only) << READ_ONLY_BIT)
        claims: dict[str, Any] = {
            "acc": int(account),
            "ent": 1,
            "exp": expires,
            "id": token_id,
            "iid": oid + 17,
            "oid": oid,
            "s": bits,
            "sid": sid,
            "t": account is Account.TEST,
            "uid": oid + 17,
        }
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": _KEY_ID})

    def check(self, header: str | None, now: float) -> Grant:
        """Read `Authorization`, bare or with "Bearer "; TokenRefused when it opens nothing."""
        if not header or not header.strip():
            raise TokenRefused("token problem; empty Authorization header")
        token = header.strip()
        if token[:7].lower() == "bearer ":
            token = token[7:].strip()
        grant = self._checked.get(token) or self._read(token)
        self._checked[token] = grant
        if grant.expires <= now:
            raise TokenRefused("token problem; token has invalid claims: token is expired")
        return grant

    def _read(self, token: str) -> Grant:
        try:
            claims = jwt.decode(
                token, self._key.public_key(), algorithms=["ES256"], options={"verify_exp": False}
            )
        except jwt.InvalidSignatureError as error:
            raise TokenRefused(
                "token problem; token signature is invalid: crypto/ecdsa: verification error"
            ) from error
        except jwt.PyJWTError as error:
            raise TokenRefused(f"token problem; token is malformed: {_flaw(token)}") from error
        return Grant(
            token_id=claims["id"],
            sid=claims["sid"],
            account=Account(claims["acc"]),
            scopes=claims["s"],
            expires=claims["exp"],
        )


def _flaw(token: str) -> str:
    parts = token.split(".")
    if len(parts) != 3:
        return "token contains an invalid number of segments"
    for name, part in zip(("header", "claim", "signature"), parts, strict=True):
        try:
            base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return f"could not base64 decode {name}: illegal base64 data at input byte {len(part)}"
    return "signing method is unavailable"

"""Passwords: hashed on the operator's machine, so that the database never sees one (design: argon2id)."""

from __future__ import annotations

import secrets
import unicodedata

from agentiq_core.domain.errors import Misconfigured, Rejected

MIN_LENGTH = 10
LEAST_MEMORY_KIB = 19_456
"""OWASP's least for argon2id: a server that asks for less wants hashes it can guess."""
MOST_MEMORY_KIB = 1_048_576
_COMMONEST = frozenset(
    [
        "1234567890",
        "12345678910",
        "qwertyuiop",
        "qwerty12345",
        "qwerty123456",
        "password12",
        "password123",
        "1q2w3e4r5t",
        "q1w2e3r4t5",
        "йцукенгшщз",
        "йцукен12345",
        "пароль12345",
        "пароль1234567",
        "0987654321",
        "1111111111",
        "0000000000",
        "1234554321",
        "zxcvbnm123",
        "iloveyou123",
        "administrator",
        "agentiq123",
        "wildberries",
        "wildberries1",
    ]
)


def fresh_salt() -> bytes:
    """Sixteen random bytes."""
    return secrets.token_bytes(16)


def proof(password: str, *, salt: bytes, time_cost: int, memory_kib: int, lanes: int) -> bytes:
    """What signs in instead of the password: 32 bytes of argon2id. Blocking, about 100 ms and 64 MiB.

    The parameters come from the server, so a weak or absurd choice is refused. Raises `Misconfigured`,
    and `Rejected` for a password that is no text.
    """
    reasonable = (
        len(salt) >= 16
        and 1 <= time_cost <= 20
        and LEAST_MEMORY_KIB <= memory_kib <= MOST_MEMORY_KIB
        and 1 <= lanes <= 16
    )
    if not reasonable:
        raise Misconfigured("this server asks for an unsafe password hash", fields="password parameters")
    try:
        typed = unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        # the error itself would hold the password
        raise Rejected("a password holds only characters that are text", rule="text") from None
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(
        typed,
        salt,
        time_cost=time_cost,
        memory_cost=memory_kib,
        parallelism=lanes,
        hash_len=32,
        type=Type.ID,
    )


def check_strength(password: str, email: str) -> None:
    """Refuse a password that is guessed first: too short, the e-mail, one character, or one of the commonest. Raises `Rejected`."""
    plain = unicodedata.normalize("NFC", password).casefold().strip()
    email = email.casefold()
    known = plain in _COMMONEST or len(set(plain)) < 4
    if len(plain) < MIN_LENGTH:
        raise Rejected(f"a password needs {MIN_LENGTH} characters", rule="short", least=MIN_LENGTH)
    if known or (email and plain in (email, email.partition("@")[0])):
        raise Rejected("this password is one that is guessed first", rule="known")

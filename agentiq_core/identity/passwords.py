from __future__ import annotations

import secrets


def fresh_salt() -> bytes:
    return secrets.token_bytes(16)


def proof(password: str, *, salt: bytes, time_cost: int, memory_kib: int, lanes: int) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(password.encode(), salt, time_cost, memory_kib, lanes, 32, Type.ID)


def check_strength(password: str, email: str) -> None: ...

"""What a Wildberries key says of itself: a JWT whose claims are read here without its signature (WB API, tokens)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import jwt

from agentiq_core.connectors.base import Credentials, KeyProblem, KeyReport
from agentiq_core.connectors.wildberries.limits import CARDS_SCOPE, SCOPES
from agentiq_core.domain.messages import Channel

LONGEST_KEY: Final = 8192
"""Real ones have a few hundred characters."""

_SCOPE_BITS: Final = {
    CARDS_SCOPE: 1,
    SCOPES[Channel.REVIEW]: 7,
    SCOPES[Channel.CHAT]: 9,
    SCOPES[Channel.CLAIM]: 11,
}
"""Positions in claim `s` of the categories AgentIQ may use."""
_READ_ONLY_BIT: Final = 30
_KINDS: Final = {1: "base", 2: "test", 3: "personal", 4: "service"}
"""Claim `acc`."""

_MALFORMED: Final = KeyReport(problems=(KeyProblem.MALFORMED,))


def bare_key(secret: str) -> str:
    """The key alone: pasted ones come with `Bearer`, spaces and line breaks around or inside."""
    key = "".join(secret.split()) if len(secret) <= LONGEST_KEY * 2 else secret
    return key[6:] if key[:6].lower() == "bearer" else key


def inspect_key(credentials: Credentials, now: datetime) -> KeyReport:
    """Read a key before its first call. Never raises: what is not a key is MALFORMED.

    A base key is reported `slow` (one request an hour). Wildberries gives base keys "with secret" the usual limits,
    but claim `acc` alone does not tell the two apart. NO_CHAT_SCOPE: it opens no channel at all.
    """
    claims = _claims(bare_key(credentials.secret))
    scope_bits = None if claims is None else _scope_bits(claims)
    if claims is None or scope_bits is None:
        return _MALFORMED
    account = _integer(claims.get("acc"))
    kind = _KINDS.get(account, "unknown") if account is not None else "unknown"
    if claims.get("t") is True:
        kind = "test"
    scopes = _scopes(scope_bits)
    channels = frozenset(channel.value for channel, scope in SCOPES.items() if scope in scopes)
    expires_at = _moment(claims.get("exp"))
    problems = (
        (KeyProblem.EXPIRED, expires_at is not None and expires_at <= now),
        (KeyProblem.NO_CHAT_SCOPE, not channels),
        (KeyProblem.TEST_KEY, kind == "test"),
    )
    return KeyReport(
        account_id=_account_id(claims),
        expires_at=expires_at,
        kind=kind,
        read_only=bool(scope_bits >> _READ_ONLY_BIT & 1),
        slow=kind == "base",
        scopes=scopes,
        problems=tuple(problem for problem, found in problems if found),
        channels=channels,
    )


def read_only(credentials: Credentials) -> bool:
    """Whether the key says that it may not change anything."""
    claims = _claims(bare_key(credentials.secret)) or {}
    return bool((_scope_bits(claims) or 0) >> _READ_ONLY_BIT & 1)


def scopes_of(credentials: Credentials) -> frozenset[str] | None:
    """The categories that the key opens; None where it does not tell."""
    claims = _claims(bare_key(credentials.secret))
    bits = None if claims is None else _scope_bits(claims)
    return None if bits is None else _scopes(bits)


def _scopes(bits: int) -> frozenset[str]:
    return frozenset(name for name, bit in _SCOPE_BITS.items() if bits >> bit & 1)


def _scope_bits(claims: Mapping[str, Any]) -> int | None:
    bits = _integer(claims.get("s"))
    return bits if bits is not None and bits >= 0 else None


def _claims(key: str) -> Mapping[str, Any] | None:
    if len(key) > LONGEST_KEY or not key.isascii():
        return None
    try:
        claims: object = jwt.decode(key, options={"verify_signature": False})
    # beside its own errors pyjwt lets through those of numbers and nesting that Python's JSON refuses
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def _account_id(claims: Mapping[str, Any]) -> str | None:
    """`sid` names the seller; `oid` is the seller's number in older keys. `uid` is a person and may own several."""
    for claim in ("sid", "oid"):
        value = claims.get(claim)
        if isinstance(value, str | int) and not isinstance(value, bool) and value:
            return str(value).strip()[:200] or None
    return None


def _integer(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def _moment(value: object) -> datetime | None:
    seconds = _integer(value)
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None

"""What an access token says of itself. Only the database can tell whether it is true: its key never leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from agentiq_core.domain.errors import SignedOut


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the token is for, and until when."""

    operator_id: int
    session_id: str
    email: str
    role: str
    expires_at: datetime


def read(access_token: str) -> Claims:
    """The claims, unverified. Raises `SignedOut` for what is no token."""
    import jwt

    try:
        said = jwt.decode(access_token, options={"verify_signature": False})
        return Claims(
            operator_id=int(_text(said["sub"])),
            session_id=_text(said["sid"]),
            email=_text(said["email"]),
            role=_text(said["role"]),
            expires_at=datetime.fromtimestamp(int(said["exp"]), UTC),
        )
    except (jwt.PyJWTError, KeyError, ValueError, TypeError, ArithmeticError, OSError, RecursionError):
        raise SignedOut("this is no access token") from None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value

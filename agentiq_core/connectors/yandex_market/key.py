"""What a Yandex Market token says of itself, and what Yandex Market says of it (Yandex Market API, auth/token)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from agentiq_core.connectors.base import Credentials, KeyProblem, KeyReport
from agentiq_core.domain.messages import Channel

LONGEST_KEY: Final = 4096
"""Real ones have well below a hundred characters."""

API_KEY: Final = "api-key"
OAUTH: Final = "oauth"

_SCHEME: Final = re.compile(r"(?:bearer|oauth)(?:\s+|(?=y\d_))", re.IGNORECASE)
_OAUTH: Final = re.compile(r"(?:y\d_|AQAAAA)[0-9A-Za-z_-]{16,}")
_API_KEY: Final = re.compile(r"ACMA:[0-9A-Za-z_:-]{16,}")
# nobody promised the shape: a token of another one is tried as an Api-Key
_TOKEN: Final = re.compile(r"(?!eyJ)[0-9A-Za-z_:~.+/=-]{16,}")

_TALKS: Final = frozenset({"ALL_METHODS", "COMMUNICATION"})
_READS: Final = _TALKS | {"ALL_METHODS_READ_ONLY"}
CHANNELS: Final = frozenset({Channel.CHAT.value, Channel.REVIEW.value, Channel.QUESTION.value})


def bare_key(secret: str) -> str:
    """The token alone: pasted ones come with `Bearer`, `OAuth`, spaces and line breaks around or inside."""
    if len(secret) > LONGEST_KEY:
        return secret
    return "".join(_SCHEME.sub("", secret.strip(), count=1).split())


def is_sendable(key: str) -> bool:
    """Whether it can be written into a header."""
    return bool(key) and len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()


def kind_of(key: str) -> str:
    """Which header a token belongs into: `API_KEY` or `OAUTH`."""
    return OAUTH if _OAUTH.fullmatch(key) else API_KEY


def headers_of(key: str) -> dict[str, str]:
    """The header that carries a token (Yandex Market API, authorization); none for what is no header."""
    if not is_sendable(key):
        return {}
    return {"Authorization": f"Bearer {key}"} if kind_of(key) == OAUTH else {"Api-Key": key}


def business_of(credentials: Credentials) -> str | None:
    """The businessId that was chosen; None without a usable one."""
    chosen = (credentials.account_id or "").strip()
    return chosen if re.fullmatch(r"[1-9][0-9]{0,18}", chosen) else None


def inspect_key(credentials: Credentials, now: datetime) -> KeyReport:
    """Read a token before its first call. Never raises; a token tells neither its age nor its rights."""
    key = bare_key(credentials.secret)
    known = len(key) <= LONGEST_KEY and any(
        shape.fullmatch(key) is not None for shape in (_API_KEY, _OAUTH, _TOKEN)
    )
    return KeyReport(
        account_id=business_of(credentials),
        kind=kind_of(key) if known else "unknown",
        problems=() if known else (KeyProblem.MALFORMED,),
    )


def report_of(business: str, key: str, scopes: Iterable[str] | None) -> KeyReport:
    """What Yandex Market tells of a token: one scope opens all three channels. `scopes` are None where it does not
    tell (OAuth, or a method that failed)."""
    if scopes is None:
        return KeyReport(account_id=business, kind=kind_of(key))
    named = frozenset(scopes)
    reads = bool(named & _READS)
    return KeyReport(
        account_id=business,
        kind=kind_of(key),
        read_only=reads and not named & _TALKS,
        scopes=named,
        problems=() if reads else (KeyProblem.NO_CHAT_SCOPE,),
        channels=CHANNELS if reads else frozenset(),
    )

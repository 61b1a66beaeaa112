"""What client_id and client_secret say of themselves, which is nothing but their shape (Avito API, auth)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from agentiq_core.connectors.base import Credentials, KeyProblem, KeyReport
from agentiq_core.domain.messages import Channel

_LONGEST: Final = 300
# nobody promised an alphabet: whatever a form and a log can hold without surprises
_PART: Final = re.compile(r"[0-9A-Za-z._~-]{6,200}")
_OPENS: Final = {"messenger:read": Channel.CHAT, "ratings:read": Channel.REVIEW}


def bare(part: str | None) -> str:
    """A part of the key alone: pasted ones come with spaces and line breaks. Empty for what cannot be one."""
    told = part or ""
    told = "".join(told.split()) if len(told) <= _LONGEST * 2 else ""
    return told if _PART.fullmatch(told) else ""


def inspect_key(credentials: Credentials, now: datetime) -> KeyReport:
    """Look at both parts before the first call. Never raises; neither tells an account, an age or rights."""
    problems = (
        (KeyProblem.MALFORMED, not bare(credentials.secret)),
        (KeyProblem.NO_CLIENT_ID, not bare(credentials.client_id)),
    )
    return KeyReport(problems=tuple(problem for problem, found in problems if found))


def report_of(account_id: str, scopes: frozenset[str]) -> KeyReport:
    """What Avito tells: the account, and the scopes where a token has any. A client of one's own has all rights, which no
    scope says; whether a tariff pays for the messenger shows when it is read."""
    channels = frozenset(channel for scope, channel in _OPENS.items() if scope in scopes)
    return KeyReport(
        account_id=account_id,
        kind="client",
        scopes=scopes,
        problems=(KeyProblem.NO_CHAT_SCOPE,) if scopes and not channels else (),
        channels=channels if scopes else None,
    )

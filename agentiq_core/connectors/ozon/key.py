"""What a Client-Id and an Api-Key say of themselves, and what Ozon says of them (Ozon API, Auth, roles, seller/info)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from agentiq_core.connectors.base import Credentials, KeyProblem, KeyReport
from agentiq_core.connectors.mapping import moment, present
from agentiq_core.connectors.ozon import wire
from agentiq_core.connectors.ozon.limits import (
    ANSWER_CREATE,
    CHAT_LIST,
    COMMENT_CREATE,
    QUESTION_LIST,
    REVIEW_LIST,
    SEND_MESSAGE,
)
from agentiq_core.domain.messages import Channel

_LONGEST: Final = 300
# issued ones are UUIDs; anything of that alphabet is let through, for nobody promised it
_KEY: Final = re.compile(r"(?!\d+$)[0-9A-Za-z_-]{16,200}")
_CLIENT_ID: Final = re.compile(r"[0-9]{1,20}")
_ADMIN: Final = "admin"
_READS: Final = {Channel.CHAT: CHAT_LIST, Channel.REVIEW: REVIEW_LIST, Channel.QUESTION: QUESTION_LIST}
_WRITES: Final = (SEND_MESSAGE, COMMENT_CREATE, ANSWER_CREATE)


def bare_key(secret: str) -> str:
    """The key alone: pasted ones come with spaces and line breaks around or inside."""
    return "".join(secret.split()) if len(secret) <= _LONGEST * 2 else secret


def bare_client_id(credentials: Credentials) -> str:
    """The Client-Id alone; empty without a usable one."""
    client_id = bare_key(credentials.client_id or "")
    return client_id if _CLIENT_ID.fullmatch(client_id) else ""


def inspect_key(credentials: Credentials, now: datetime) -> KeyReport:
    """Read the two parts before the first call. Never raises; an Ozon key tells neither its age nor its rights."""
    client_id = bare_client_id(credentials)
    problems = (
        (KeyProblem.MALFORMED, _KEY.fullmatch(bare_key(credentials.secret)) is None),
        (KeyProblem.NO_CLIENT_ID, not client_id),
    )
    return KeyReport(
        account_id=client_id or None, problems=tuple(problem for problem, found in problems if found)
    )


def report_of(
    client_id: str, roles: wire.RolesAnswer, seller: wire.SellerAnswer | None, now: datetime
) -> KeyReport:
    """What Ozon tells of a key: its expiry, its roles, and as its kind the subscription, where that could be read.

    A role names its methods, some by a path of which theirs begin; `Admin` is everything.
    """
    expires_at = moment(roles.expires_at)
    named = [role for role in roles.roles or () if role is not None]
    names = frozenset(name for role in named if (name := present(role.name)))
    methods = [method for role in named for method in role.methods or () if method]
    told = bool(methods) and not any(name.strip().lower() == _ADMIN for name in names)
    channels = frozenset(channel for channel, path in _READS.items() if _covered(path, methods))
    problems = (
        (KeyProblem.EXPIRED, expires_at is not None and expires_at <= now),
        (KeyProblem.NO_CHAT_SCOPE, told and not channels),
    )
    subscription = seller.subscription if seller is not None else None
    return KeyReport(
        account_id=client_id,
        expires_at=expires_at,
        kind=(present(subscription.type) or "unknown").lower()[:40]
        if subscription is not None
        else "unknown",
        read_only=told and bool(channels) and not any(_covered(path, methods) for path in _WRITES),
        scopes=names,
        problems=tuple(problem for problem, found in problems if found),
        channels=channels if told else None,
    )


def _covered(path: str, methods: list[str]) -> bool:
    return any(path == method or path.startswith(f"{method.rstrip('/')}/") for method in methods)

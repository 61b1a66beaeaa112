"""A marketplace in one folder: what it declares of itself, its connector, its place in the sandbox."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agentiq_core.connectors.base import (
    Capabilities,
    Connector,
    Credentials,
    Gate,
    KeyProblem,
    KeyReport,
    Marketplace,
    Memory,
    RateLimit,
)
from agentiq_core.domain.messages import Channel, IncomingMessage, Unreadable


def _connect(
    credentials: Credentials,
    *,
    channel: str = Channel.CHAT,
    gate: Gate | None = None,
    memory: Memory | None = None,
) -> Connector:
    from tests.toy.connector import ToyConnector

    return ToyConnector(credentials, channel, gate)


def _inspect_key(credentials: Credentials, now: datetime) -> KeyReport:
    problems = () if credentials.client_id else (KeyProblem.NO_CLIENT_ID,)
    return KeyReport(account_id=credentials.client_id, problems=problems)


def _reread(kept: Unreadable) -> tuple[IncomingMessage, ...] | Unreadable:
    return kept


_ABLE: Final = Capabilities(text_limit=300, whole_conversations=True)

TOY: Final = Marketplace(
    id="toy",
    title="Игрушка",
    short="TY",
    channels={Channel.CHAT: _ABLE, Channel.REVIEW: _ABLE, Channel.QUESTION: _ABLE},
    connect=_connect,
    inspect_key=_inspect_key,
    limits=lambda report: {"toy": RateLimit(interval=1.0, burst=10)},
    reread=_reread,
    needs_client_id=True,
)

"""Wildberries buyer chat. What it can do is declared here; its client is loaded on the first `connect`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agentiq_core.connectors.base import Connector, Credentials, Gate, KeyReport, Marketplace, Memory
from agentiq_core.connectors.wildberries.limits import CHAT, limits
from agentiq_core.domain.messages import Channel, IncomingMessage, Unreadable


def _connect(
    credentials: Credentials,
    *,
    channel: str = Channel.CHAT,
    gate: Gate | None = None,
    memory: Memory | None = None,
) -> Connector:
    from agentiq_core.connectors.wildberries.client import WildberriesConnector

    return WildberriesConnector(credentials, gate=gate)


def _inspect_key(credentials: Credentials, now: datetime) -> KeyReport:
    from agentiq_core.connectors.wildberries.token import inspect_key

    return inspect_key(credentials, now)


def _reread(kept: Unreadable) -> tuple[IncomingMessage, ...] | Unreadable:
    from agentiq_core.connectors.wildberries.mapping import reread

    return reread(kept)


WILDBERRIES: Final = Marketplace(
    id="wildberries",
    title="Wildberries",
    short="WB",
    channels={Channel.CHAT: CHAT},
    connect=_connect,
    inspect_key=_inspect_key,
    limits=limits,
    reread=_reread,
    manual="wildberries.md",
)

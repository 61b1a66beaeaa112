"""Wildberries buyer chat. What it can do is declared here; its client is loaded on the first `connect`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agentiq_core.connectors.base import Connector, Credentials, Gate, KeyReport, Marketplace
from agentiq_core.connectors.wildberries.limits import CAPABILITIES, limits
from agentiq_core.domain.messages import IncomingMessage, Unreadable


def _connect(credentials: Credentials, *, gate: Gate | None = None) -> Connector:
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
    capabilities=CAPABILITIES,
    connect=_connect,
    inspect_key=_inspect_key,
    limits=limits,
    reread=_reread,
)

"""Avito: messenger and reviews. What each can do is declared here; the clients are loaded on the first `connect`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agentiq_core.connectors.avito.limits import CHAT, REVIEW, limits
from agentiq_core.connectors.base import Connector, Credentials, Gate, KeyReport, Marketplace, Memory
from agentiq_core.domain.messages import Channel, IncomingMessage, Unreadable


def _connect(
    credentials: Credentials,
    *,
    channel: str = Channel.CHAT,
    gate: Gate | None = None,
    memory: Memory | None = None,
) -> Connector:
    from agentiq_core.connectors.avito.chats import AvitoChats
    from agentiq_core.connectors.avito.line import AvitoLine
    from agentiq_core.connectors.avito.reviews import AvitoReviews

    line = AvitoLine(credentials, gate=gate, memory=memory)
    return AvitoReviews(line) if channel == Channel.REVIEW else AvitoChats(line)


def _inspect_key(credentials: Credentials, now: datetime) -> KeyReport:
    from agentiq_core.connectors.avito.key import inspect_key

    return inspect_key(credentials, now)


def _reread(kept: Unreadable) -> tuple[IncomingMessage, ...] | Unreadable:
    from agentiq_core.connectors.avito import feedback, mapping

    return feedback.reread(kept) if kept.channel == Channel.REVIEW else mapping.reread(kept)


AVITO: Final = Marketplace(
    id="avito",
    title="Авито",
    short="AV",
    channels={Channel.CHAT: CHAT, Channel.REVIEW: REVIEW},
    connect=_connect,
    inspect_key=_inspect_key,
    limits=limits,
    reread=_reread,
    needs_client_id=True,
    manual="avito.md",
    parts=tuple(f"{__name__}.{part}" for part in ("chats", "reviews")),
)

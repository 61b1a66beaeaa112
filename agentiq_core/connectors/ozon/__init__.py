"""Ozon: buyer chat, reviews, questions. What each can do is declared here; the clients are loaded on the first `connect`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agentiq_core.connectors.base import Connector, Credentials, Gate, KeyReport, Marketplace, Memory
from agentiq_core.connectors.ozon.limits import CHAT, QUESTION, REVIEW, limits
from agentiq_core.domain.messages import Channel, IncomingMessage, Unreadable


def _connect(
    credentials: Credentials,
    *,
    channel: str = Channel.CHAT,
    gate: Gate | None = None,
    memory: Memory | None = None,
) -> Connector:
    from agentiq_core.connectors.ozon.chats import OzonChats
    from agentiq_core.connectors.ozon.line import OzonLine
    from agentiq_core.connectors.ozon.questions import OzonQuestions
    from agentiq_core.connectors.ozon.reviews import OzonReviews

    line = OzonLine(credentials, gate=gate, memory=memory)
    if channel == Channel.REVIEW:
        return OzonReviews(line)
    return OzonQuestions(line) if channel == Channel.QUESTION else OzonChats(line)


def _inspect_key(credentials: Credentials, now: datetime) -> KeyReport:
    from agentiq_core.connectors.ozon.key import inspect_key

    return inspect_key(credentials, now)


def _reread(kept: Unreadable) -> tuple[IncomingMessage, ...] | Unreadable:
    from agentiq_core.connectors.ozon.mapping import reread

    return reread(kept)


OZON: Final = Marketplace(
    id="ozon",
    title="Ozon",
    short="OZ",
    channels={Channel.CHAT: CHAT, Channel.REVIEW: REVIEW, Channel.QUESTION: QUESTION},
    connect=_connect,
    inspect_key=_inspect_key,
    limits=limits,
    reread=_reread,
    needs_client_id=True,
    manual="ozon.md",
    parts=tuple(f"{__name__}.{part}" for part in ("chats", "questions", "reviews")),
)

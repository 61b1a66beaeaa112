"""Yandex Market: buyer chat, reviews, questions. What each can do is declared here; clients load on the first `connect`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agentiq_core.connectors.base import Connector, Credentials, Gate, KeyReport, Marketplace, Memory
from agentiq_core.connectors.yandex_market.limits import CHAT, QUESTION, REVIEW, limits
from agentiq_core.domain.messages import Channel, IncomingMessage, Unreadable


def _connect(
    credentials: Credentials,
    *,
    channel: str = Channel.CHAT,
    gate: Gate | None = None,
    memory: Memory | None = None,
) -> Connector:
    from agentiq_core.connectors.yandex_market.chats import YandexChats
    from agentiq_core.connectors.yandex_market.line import YandexLine
    from agentiq_core.connectors.yandex_market.questions import YandexQuestions
    from agentiq_core.connectors.yandex_market.reviews import YandexReviews

    line = YandexLine(credentials, gate=gate, memory=memory)
    if channel == Channel.REVIEW:
        return YandexReviews(line)
    return YandexQuestions(line) if channel == Channel.QUESTION else YandexChats(line)


def _inspect_key(credentials: Credentials, now: datetime) -> KeyReport:
    from agentiq_core.connectors.yandex_market.key import inspect_key

    return inspect_key(credentials, now)


def _reread(kept: Unreadable) -> tuple[IncomingMessage, ...] | Unreadable:
    from agentiq_core.connectors.yandex_market.rereading import reread

    return reread(kept)


YANDEX_MARKET: Final = Marketplace(
    id="yandex-market",
    title="Яндекс Маркет",
    short="YM",
    channels={Channel.CHAT: CHAT, Channel.REVIEW: REVIEW, Channel.QUESTION: QUESTION},
    connect=_connect,
    inspect_key=_inspect_key,
    limits=limits,
    reread=_reread,
    manual="yandex-market.md",
    parts=tuple(f"{__name__}.{part}" for part in ("chats", "questions", "reviews")),
)

"""Wildberries: buyer chats, reviews, questions and claims. What they can do is declared here; a channel's line is loaded on
the first `connect`.

Each category of methods has a host of its own. A `base_url` stands for all of them: the chat is there itself, the others
are under `/feedbacks`, `/returns` and `/content` (`line.Host`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agentiq_core.connectors.base import Connector, Credentials, Gate, KeyReport, Marketplace, Memory
from agentiq_core.connectors.wildberries.limits import CHAT, CLAIM, QUESTION, REVIEW, limits
from agentiq_core.domain.messages import Channel, IncomingMessage, Unreadable


def _connect(
    credentials: Credentials,
    *,
    channel: str = Channel.CHAT,
    gate: Gate | None = None,
    memory: Memory | None = None,
) -> Connector:
    if channel == Channel.REVIEW:
        from agentiq_core.connectors.wildberries.reviews import WildberriesReviews

        return WildberriesReviews(credentials, gate=gate, memory=memory)
    if channel == Channel.QUESTION:
        from agentiq_core.connectors.wildberries.questions import WildberriesQuestions

        return WildberriesQuestions(credentials, gate=gate, memory=memory)
    if channel == Channel.CLAIM:
        from agentiq_core.connectors.wildberries.claims import WildberriesClaims

        return WildberriesClaims(credentials, gate=gate, memory=memory)
    from agentiq_core.connectors.wildberries.client import WildberriesConnector

    return WildberriesConnector(credentials, gate=gate)


def _inspect_key(credentials: Credentials, now: datetime) -> KeyReport:
    from agentiq_core.connectors.wildberries.token import inspect_key

    return inspect_key(credentials, now)


def _reread(kept: Unreadable) -> tuple[IncomingMessage, ...] | Unreadable:
    from agentiq_core.connectors.wildberries import channel, mapping, mapping_claims, mapping_feedbacks

    if kept.channel in (Channel.REVIEW, Channel.QUESTION):
        return mapping_feedbacks.reread(kept, channel.now)
    return mapping_claims.reread(kept) if kept.channel == Channel.CLAIM else mapping.reread(kept)


WILDBERRIES: Final = Marketplace(
    id="wildberries",
    title="Wildberries",
    short="WB",
    channels={Channel.CHAT: CHAT, Channel.REVIEW: REVIEW, Channel.QUESTION: QUESTION, Channel.CLAIM: CLAIM},
    connect=_connect,
    inspect_key=_inspect_key,
    limits=limits,
    reread=_reread,
    manual="wildberries.md",
    parts=tuple(f"{__name__}.{part}" for part in ("client", "reviews", "questions", "claims")),
)

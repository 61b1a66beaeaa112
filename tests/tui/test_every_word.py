"""Every code that the core can show has a word on the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agentiq_core.ai.intents import Intent, Sentiment
from agentiq_core.ai.stop_classes import StopClass
from agentiq_core.connectors import errors as connector_errors
from agentiq_core.domain.chats import ChatStatus, Queue
from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.messages import Channel
from agentiq_core.domain.outbox import OutboxState, Undelivered
from agentiq_core.guardrails.rules import SEVERITY
from agentiq_tui import wording


def codes(root: type[AgentIQError]) -> Iterator[str]:
    yield root.code
    for kind in root.__subclasses__():
        if kind.__module__.startswith(("agentiq_core.domain", connector_errors.__name__)):
            yield from codes(kind)


@pytest.mark.parametrize(
    ("shown", "known"),
    [
        (set(Intent), wording.INTENTS),
        (set(Sentiment), wording.SENTIMENTS),
        (set(StopClass), wording.STOP_CLASSES),
        (set(SEVERITY), wording.RULES),
        (set(ChatStatus), wording.STATUSES),
        (set(Queue), wording.QUEUES),
        (set(OutboxState), wording.DELIVERY),
        (set(Undelivered), wording.REASONS),
        (set(Channel), wording.CHANNELS),
        (set(codes(AgentIQError)), wording.ERRORS),
    ],
    ids=[
        "intents",
        "sentiments",
        "stop_classes",
        "rules",
        "statuses",
        "queues",
        "delivery",
        "reasons",
        "channels",
        "errors",
    ],
)
def test_nothing_is_shown_as_a_bare_code(shown: set[str], known: dict[str, object]) -> None:
    assert shown <= known.keys()

"""Items that were kept raw, read as they are read now, each by the rules of its channel."""

from __future__ import annotations

from agentiq_core.connectors.mapping import Outcome, read_again
from agentiq_core.connectors.yandex_market import asking, feedback, mapping
from agentiq_core.domain.messages import Channel, Unreadable


def reread(kept: Unreadable) -> Outcome:
    """An item of any channel. Raises nothing."""
    match kept.channel:
        case Channel.REVIEW:
            return read_again(kept, lambda item: feedback.reread(item, kept))
        case Channel.QUESTION:
            return read_again(kept, lambda item: asking.reread(item, kept))
    return read_again(kept, lambda item: mapping.reread(item, kept))

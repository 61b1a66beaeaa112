"""Lines to Ozon for tests: short time-outs, and no pause is slept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from agentiq_core.connectors.base import Credentials, Gate, Memory
from agentiq_core.connectors.ozon.chats import OzonChats
from agentiq_core.connectors.ozon.line import OzonLine
from agentiq_core.connectors.ozon.questions import OzonQuestions
from agentiq_core.connectors.ozon.reviews import OzonReviews
from tests.connectors.brisk_lines import BriskLines
from tests.connectors.ozon_answers import CLIENT_ID, KEY, NOW

AnyChannel = OzonChats | OzonReviews | OzonQuestions


@dataclass
class OzonLines(BriskLines):
    """Opens lines to one host."""

    url: str
    now: datetime = NOW

    def line(
        self,
        *,
        url: str | None = None,
        key: str = KEY,
        client_id: str | None = CLIENT_ID,
        gate: Gate | None = None,
        memory: Memory | None = None,
        **timeouts: float,
    ) -> OzonLine:
        return OzonLine(
            Credentials(secret=key, client_id=client_id, base_url=url or self.url),
            memory=memory,
            clock=lambda: self.now,
            **self.usual(gate, timeouts),
        )

    def chats(self, *, history_limit: int = 1000, **named: object) -> OzonChats:
        """A line to the chats."""
        return self.kept_open(OzonChats(self.line(**named), history_limit=history_limit))  # type: ignore[arg-type]

    def reviews(self, **named: object) -> OzonReviews:
        """A line to the reviews."""
        return self.kept_open(OzonReviews(self.line(**named)))  # type: ignore[arg-type]

    def questions(self, **named: object) -> OzonQuestions:
        """A line to the questions."""
        return self.kept_open(OzonQuestions(self.line(**named)))  # type: ignore[arg-type]


def later(hours: float) -> datetime:
    """A time after the tests' now."""
    return datetime.fromtimestamp(NOW.timestamp() + hours * 3600, UTC)

"""Lines to Yandex Market for tests: short time-outs, and no pause is slept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agentiq_core.connectors.base import Credentials, Gate, Memory
from agentiq_core.connectors.yandex_market.chats import YandexChats
from agentiq_core.connectors.yandex_market.line import YandexLine
from agentiq_core.connectors.yandex_market.questions import YandexQuestions
from agentiq_core.connectors.yandex_market.reviews import YandexReviews
from tests.connectors.brisk_lines import BriskLines
from tests.connectors.yandex_answers import BUSINESS, KEY, NOW


@dataclass
class YandexLines(BriskLines):
    """Opens lines to one host."""

    url: str
    now: datetime = NOW

    def line(
        self,
        *,
        url: str | None = None,
        key: str = KEY,
        business: str | None = BUSINESS,
        gate: Gate | None = None,
        memory: Memory | None = None,
        **timeouts: float,
    ) -> YandexLine:
        return YandexLine(
            Credentials(secret=key, account_id=business, base_url=url or self.url),
            memory=memory,
            clock=lambda: self.now,
            **self.usual(gate, timeouts),
        )

    def chats(self, *, history_limit: int = 100, **named: object) -> YandexChats:
        """A line to the chats."""
        return self.kept_open(YandexChats(self.line(**named), history_limit=history_limit))  # type: ignore[arg-type]

    def reviews(self, **named: object) -> YandexReviews:
        """A line to the reviews."""
        return self.kept_open(YandexReviews(self.line(**named)))  # type: ignore[arg-type]

    def questions(self, **named: object) -> YandexQuestions:
        """A line to the questions."""
        return self.kept_open(YandexQuestions(self.line(**named)))  # type: ignore[arg-type]

"""Lines to Wildberries for tests: short time-outs, and no pause is slept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agentiq_core.connectors.base import Credentials, Gate, Memory
from agentiq_core.connectors.wildberries.claims import WildberriesClaims
from agentiq_core.connectors.wildberries.client import WildberriesConnector
from agentiq_core.connectors.wildberries.questions import WildberriesQuestions
from agentiq_core.connectors.wildberries.reviews import WildberriesReviews
from tests.connectors.brisk_lines import BriskLines
from tests.connectors.wildberries_answers import make_key
from tests.connectors.wildberries_feedbacks import EVERY_SCOPE, NOW


@dataclass
class Lines(BriskLines):
    """Opens lines to Wildberries. `now` is their time of day, but for the chat's."""

    now: datetime = NOW

    def open(
        self, url: str, *, key: str = "", gate: Gate | None = None, **timeouts: float
    ) -> WildberriesConnector:
        credentials = Credentials(secret=key or make_key(), base_url=url)
        return self.kept_open(WildberriesConnector(credentials, **self.usual(gate, timeouts)))

    def reviews(self, url: str, **options: Any) -> WildberriesReviews:
        return self._of(WildberriesReviews, url, **options)

    def questions(self, url: str, **options: Any) -> WildberriesQuestions:
        return self._of(WildberriesQuestions, url, **options)

    def claims(self, url: str, **options: Any) -> WildberriesClaims:
        return self._of(WildberriesClaims, url, **options)

    def _of(
        self,
        kind: Any,
        url: str,
        *,
        key: str = "",
        gate: Gate | None = None,
        memory: Memory | None = None,
        **timeouts: float,
    ) -> Any:
        connector = kind(
            Credentials(secret=key or make_key(s=EVERY_SCOPE), base_url=url),
            memory=memory,
            clock=lambda: self.now,
            **self.usual(gate, timeouts),
        )
        return self.kept_open(connector)

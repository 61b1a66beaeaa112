"""Lines to Wildberries for tests: short time-outs, and no pause is slept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agentiq_core.connectors.base import Connector, Credentials, Gate, Memory
from agentiq_core.connectors.http import Timeouts
from agentiq_core.connectors.wildberries.claims import WildberriesClaims
from agentiq_core.connectors.wildberries.client import WildberriesConnector
from agentiq_core.connectors.wildberries.questions import WildberriesQuestions
from agentiq_core.connectors.wildberries.reviews import WildberriesReviews
from tests.connectors.wildberries_answers import make_key
from tests.connectors.wildberries_feedbacks import EVERY_SCOPE, NOW


@dataclass
class Lines:
    """Opens lines to Wildberries; `naps` are the pauses they asked for, none of which was slept. `now` is their time of
    day, but for the chat's."""

    naps: list[float] = field(default_factory=list)
    opened: list[Connector] = field(default_factory=list)
    now: datetime = NOW

    def open(
        self, url: str, *, key: str = "", gate: Gate | None = None, **timeouts: float
    ) -> WildberriesConnector:
        connector = WildberriesConnector(
            Credentials(secret=key or make_key(), base_url=url), **self._usual(gate, timeouts)
        )
        self.opened.append(connector)
        return connector

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
            **self._usual(gate, timeouts),
        )
        self.opened.append(connector)
        return connector

    def _usual(self, gate: Gate | None, timeouts: dict[str, float]) -> dict[str, Any]:
        async def nap(seconds: float) -> None:
            self.naps.append(seconds)

        limits = Timeouts(**{"connect": 2.0, "read": 2.0, "total": 10.0, **timeouts})
        return {"gate": gate, "timeouts": limits, "sleep": nap}

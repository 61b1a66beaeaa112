"""Lines to Wildberries for tests: short time-outs, and no pause is slept."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentiq_core.connectors.base import Credentials, Gate
from agentiq_core.connectors.http import Timeouts
from agentiq_core.connectors.wildberries.client import WildberriesConnector
from tests.connectors.wildberries_answers import make_key


@dataclass
class Lines:
    """Opens lines to Wildberries; `naps` are the pauses they asked for, none of which was slept."""

    naps: list[float] = field(default_factory=list)
    opened: list[WildberriesConnector] = field(default_factory=list)

    def open(
        self, url: str, *, key: str = "", gate: Gate | None = None, **timeouts: float
    ) -> WildberriesConnector:
        async def nap(seconds: float) -> None:
            self.naps.append(seconds)

        connector = WildberriesConnector(
            Credentials(secret=key or make_key(), base_url=url),
            gate=gate,
            timeouts=Timeouts(**{"connect": 2.0, "read": 2.0, "total": 10.0, **timeouts}),
            sleep=nap,
        )
        self.opened.append(connector)
        return connector
